"""The whole GPT: token ids in, a score for every possible next token out (book 4.6)."""

import torch
from torch import Tensor, nn

from core.config import GPTConfig, check_seed
from core.kv_cache import KVCache
from core.layers import LayerNorm, TransformerBlock
from core.linear import INIT_STD, Embedding, Linear
from core.positions import sinusoidal
from core.trace import Tap, no_tap, within


class GPTModel(nn.Module):
    """A GPT as in the book and GPT-2, with a switch for each idea that one may want to leave out.

    Its starting weights are drawn from the generator alone; without one they differ from model to model.
    """

    def __init__(self, config: GPTConfig, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.tok_emb = Embedding(config.vocab_size, config.emb_dim, generator=generator)
        if config.position == "learned":
            self.pos_emb = Embedding(config.context_length, config.emb_dim, generator=generator)
        self.drop_emb = nn.Dropout(config.drop_rate)
        self.trf_blocks = nn.ModuleList(
            TransformerBlock(config, generator=generator) for _ in range(config.n_layers)
        )
        # After the sum there is nothing left to normalise; before it, the stream has never been normalised.
        self.final_norm = (
            LayerNorm(config.emb_dim, config.norm_eps) if config.norm == "pre" else nn.Identity()
        )
        self.out_head = Linear(config.emb_dim, config.vocab_size, bias=False, generator=generator)
        if config.tie_weights:
            self.out_head.weight = self.tok_emb.weight
        self.shrink_residual_init()

    @property
    def device(self) -> torch.device:
        """Where the weights are, and where ids must be."""
        return self.tok_emb.weight.device

    def forward(self, ids: Tensor, tap: Tap = no_tap, cache: KVCache | None = None) -> Tensor:
        """Logits for the token after each position: ids (B, T) of long -> (B, T, V)."""
        return tap("logits", self.out_head(self.final_vectors(ids, tap, cache)))

    def final_vectors(self, ids: Tensor, tap: Tap = no_tap, cache: KVCache | None = None) -> Tensor:
        """Everything but the output layer: ids (B, T) -> (B, T, C)."""
        start = cache.length if cache else 0
        self.check_ids(ids, start)
        x = self.embed(ids, tap, start)  # (B, T, C)
        for layer, block in enumerate(self.trf_blocks):
            x = block(x, within(tap, f"blocks.{layer}"), cache, layer)  # (B, T, C)
        if cache is not None:
            cache.length += ids.shape[1]
        return tap("final_norm", self.final_norm(x))

    def embed(self, ids: Tensor, tap: Tap = no_tap, start: int = 0) -> Tensor:
        """What each token is plus where it stands: (B, T) -> (B, T, C) (book 2.7-2.8)."""
        x = tap("tok_emb", self.tok_emb(ids))  # (B, T, C)
        positions = torch.arange(start, start + ids.shape[1], device=ids.device)
        x = x + tap("pos_emb", self.position_vectors(positions))  # + (T, C)
        return tap("embedded", self.drop_emb(x))

    def position_vectors(self, positions: Tensor) -> Tensor:
        """What is added at each position: (T,) -> (T, C); zeros where positions come in elsewhere."""
        if self.config.position == "learned":
            return self.pos_emb(positions)
        if self.config.position == "sinusoidal":
            # Scaled to the embeddings' size, or the waves would drown the tokens.
            return INIT_STD * sinusoidal(positions, self.config.emb_dim)
        return torch.zeros(len(positions), self.config.emb_dim, device=positions.device)

    def check_ids(self, ids: Tensor, start: int = 0) -> None:
        """Raise ValueError, with the rule, for ids that the model has no row for."""
        if ids.ndim != 2 or ids.dtype not in (torch.int64, torch.int32):
            raise ValueError(f"ids must be whole numbers (B, T): these are {ids.dtype} {tuple(ids.shape)}")
        length, longest = start + ids.shape[1], self.config.context_length
        if length > longest:
            raise ValueError(f"{length} tokens are more than context_length {longest}: shorten the text")
        if ids.numel() and (ids.min() < 0 or ids.max() >= self.config.vocab_size):
            raise ValueError(
                f"token ids must lie between 0 and {self.config.vocab_size - 1}: "
                f"found {int(ids.min())} to {int(ids.max())}"
            )

    @torch.no_grad()
    def shrink_residual_init(self) -> None:
        """Start each block's two outputs 1/sqrt(2L) smaller: 2L of them add up (Radford et al. 2019)."""
        if self.out_head.weight.is_meta:
            return
        for block in self.trf_blocks:
            for layer in (block.att.out_proj, block.ff.layers[2]):
                layer.weight.div_((2 * self.config.n_layers) ** 0.5)


def parameter_count(config: GPTConfig) -> int:
    """How many numbers the model learns, without building it; tied weights count once.

    Book 4.6: GPT-2 small has 163,009,536, or 124,412,160 with tied weights.
    """
    V, T, C, L = config.vocab_size, config.context_length, config.emb_dim, config.n_layers
    U = config.hidden_dim
    tables = V * C * (1 if config.tie_weights else 2) + (T * C if config.position == "learned" else 0)
    attention = 4 * C * C + C + (3 * C if config.qkv_bias else 0)  # the output projection always has a bias
    feed_forward = 2 * C * U + U + C
    block_norms = 0 if config.norm == "none" else 4 * C
    final_norm = 2 * C if config.norm == "pre" else 0
    return tables + L * (attention + feed_forward + block_norms) + final_norm


def matrix_weights(config: GPTConfig) -> int:
    """How many weights multiply something for each token: those of all matrices, the output layer's too."""
    V, C, L, U = config.vocab_size, config.emb_dim, config.n_layers, config.hidden_dim
    return L * (4 * C * C + 2 * C * U) + V * C  # looking up a row of a table multiplies nothing


def build_model(config: GPTConfig, seed: int = 123) -> GPTModel:
    """An untrained model whose starting weights depend on the seed alone, ready to look at."""
    check_seed(seed)
    return GPTModel(config, generator=torch.Generator().manual_seed(seed)).eval()


def with_switches(model: GPTModel, config: GPTConfig) -> GPTModel:
    """The same weights, shared and not copied, under a config with other switches, as `causal=False`."""
    head = model.out_head  # a classifier's has one row per class
    with torch.device("meta"):
        switched = GPTModel(config)
        switched.out_head = Linear(head.in_features, head.out_features, bias=head.bias is not None)
    switched.load_state_dict(model.state_dict(), assign=True)
    if config.tie_weights:
        switched.out_head.weight = switched.tok_emb.weight
    return switched.eval()
