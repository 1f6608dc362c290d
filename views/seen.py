"""What one look into a model showed, as arrays without the batch: read-only, shared by all who ask."""

from collections.abc import Mapping

import numpy as np
from torch import Tensor


class Seen:
    """The arrays of one Trace by their names (DESIGN.md), for one text."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.arrays = {name: as_array(name, tensor) for name, tensor in tensors.items()}

    @property
    def nbytes(self) -> int:
        """The memory that the arrays take."""
        return sum(array.nbytes for array in self.arrays.values())

    def __getitem__(self, name: str) -> np.ndarray:
        """An array by its name, as `blocks.2.attn.weights`."""
        return self.arrays[name]

    def layers(self, part: str) -> np.ndarray:
        """The array that every block calls `part`, for all blocks: (L, ...)."""
        names = [name for name in self.arrays if name.startswith("blocks.") and name.endswith(f".{part}")]
        return np.stack([self.arrays[f"blocks.{layer}.{part}"] for layer in range(len(names))])

    def head(self, stage: str, layer: int, head: int) -> np.ndarray:
        """One stage of one head: (T, T), or (T, D) for queries, keys, values and context."""
        return self.arrays[f"blocks.{layer}.attn.{stage}"][head]


def as_array(name: str, tensor: Tensor) -> np.ndarray:
    """The tensor without its batch of one. Positions never had one."""
    array = (tensor if name == "pos_emb" else tensor[0]).numpy()
    array.setflags(write=False)
    return array
