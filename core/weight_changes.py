"""What learning has moved: how far each part of a model is from where it was before."""

import torch
from torch import Tensor

from core.gpt import GPTModel

KINDS = {  # of the parts of a block, by the name before `weight`, `bias`, `scale` and `shift`
    "query": ("att.W_query",),
    "key": ("att.W_key",),
    "value": ("att.W_value",),
    "out_proj": ("att.out_proj",),
    "expand": ("ff.layers.0",),
    "contract": ("ff.layers.2",),
    "norms": ("norm1", "norm2"),
}
AROUND = {  # of the parts before and after the blocks
    "tokens": ("tok_emb",),
    "positions": ("pos_emb",),
    "final norm": ("final_norm",),
    "output": ("out_head",),
}


def relative_change(before: list[Tensor], after: list[Tensor]) -> float:
    """|after - before| over |before| of a part: 0 where nothing moved, 1 where as much was added."""
    moved = torch.cat(
        [(new.double() - old.double()).flatten() for old, new in zip(before, after, strict=True)]
    )
    size = torch.cat([old.double().flatten() for old in before]).norm().item()
    change = moved.norm().item()
    return change / size if size else float("inf") if change else 0.0


def weight_changes(before: GPTModel, after: GPTModel) -> tuple[Tensor, dict[str, float]]:
    """How far the parts of each block moved, (L, kinds), and by name those around the blocks.

    A part that was frozen comes to exactly 0. ValueError for two models that are not of one shape.
    """
    old, new = before.state_dict(), after.state_dict()
    if {name: x.shape for name, x in old.items()} != {name: x.shape for name, x in new.items()}:
        raise ValueError("the two models are not of one shape: give the same model before and after learning")

    def change(prefixes: list[str]) -> float | None:
        names = [name for name in old if name.rpartition(".")[0] in prefixes]
        return (
            relative_change([old[name] for name in names], [new[name] for name in names]) if names else None
        )

    blocks = [
        [change([f"trf_blocks.{layer}.{part}" for part in parts]) or 0.0 for parts in KINDS.values()]
        for layer in range(before.config.n_layers)
    ]
    around = {name: change(list(parts)) for name, parts in AROUND.items()}
    return torch.tensor(blocks, dtype=torch.float64), {
        name: moved for name, moved in around.items() if moved is not None
    }
