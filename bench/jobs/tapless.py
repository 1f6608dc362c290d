"""Our forward pass without the tap's argument: the same layers, called in the same order."""

from collections.abc import Callable

from torch import Tensor

from core.gpt import GPTModel


def tapless(model: GPTModel) -> Callable[[Tensor], Tensor]:
    """A function from ids (B, T) to logits (B, T, V) that nobody can look into."""
    positions, scaled = model.pos_emb.weight, model.config.scale_scores

    def attend(att, x: Tensor) -> Tensor:
        queries, keys, values = (att.split_heads(W(x)) for W in (att.W_query, att.W_key, att.W_value))
        return att.out_proj(att.fused(queries, keys, values).transpose(1, 2).flatten(2))

    def forward(ids: Tensor) -> Tensor:
        assert scaled
        x = model.tok_emb(ids) + positions[: ids.shape[1]]
        for block in model.trf_blocks:
            x = x + attend(block.att, block.norm1(x))
            x = x + block.ff.layers(block.norm2(x))
        return model.out_head(model.final_norm(x))

    return forward
