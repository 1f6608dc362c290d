"""Remember each token's key and value, so that a new token costs one row instead of the whole text."""

import torch
from torch import Tensor

from core.config import GPTConfig


class KVCache:
    """The keys and values of all tokens so far, in memory set aside once: 2 L B C T numbers when full.

    They stay where the model computes them: give the device and the type of its weights.
    """

    def __init__(
        self,
        config: GPTConfig,
        batch_size: int = 1,
        *,
        device: torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        shape = (config.n_layers, batch_size, config.context_length, config.n_heads, config.head_dim)
        keys, values = (torch.zeros(shape, device=device, dtype=dtype) for _ in range(2))
        self.keys = keys.transpose(2, 3)  # (L, B, H, T, D); a token's heads lie side by side
        self.values = values.transpose(2, 3)
        self.length = 0  # tokens whose keys and values are in all layers

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Store one layer's new keys and values (B, H, T, D); return all of them: (B, H, length + T, D)."""
        end = self.length + keys.shape[2]
        self.keys[layer, :, :, self.length : end] = keys
        self.values[layer, :, :, self.length : end] = values
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]
