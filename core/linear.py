"""Linear layers and embedding tables, whose starting weights are drawn from a generator that is handed in.

PyTorch's layers draw from its global generator, which all threads share: two sessions that build a model at
the same time take each other's numbers, and no seed helps. Here the same seed always gives the same weights.
"""

import math

import torch
from torch import Tensor, nn

from core import wide

INIT_STD = 0.02  # Radford et al. 2019; small, so that an untrained model's guesses are even: loss near ln(V)


def fresh_generator() -> torch.Generator:
    """A generator with a seed that nobody chose: other numbers each time."""
    generator = torch.Generator()
    generator.seed()
    return generator


@torch.no_grad()
def draw_normal(weight: Tensor, generator: torch.Generator | None) -> None:
    """Fill a tensor with numbers from N(0, 0.02); None: fresh ones. Nothing for a model that is being loaded.

    They are drawn where the generator is, so a seed means the same weights on every device.
    """
    if weight.is_meta:
        return
    generator = generator or fresh_generator()
    same = weight.device == generator.device
    numbers = weight if same else torch.empty_like(weight, device=generator.device)
    weight.copy_(numbers.normal_(std=INIT_STD, generator=generator))


class UndrawnLinear(nn.Linear):
    """PyTorch's linear layer before its weights are drawn: a subclass draws them, from a generator."""

    def reset_parameters(self) -> None:
        """Leave the memory as it is. PyTorch would draw from the global generator here."""


class Linear(UndrawnLinear):
    """y = x W^T + b, with weights drawn from N(0, 0.02) and a bias of zero."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(in_features, out_features, bias=bias)
        draw_normal(self.weight, generator)
        if self.bias is not None and not self.bias.is_meta:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:  # (..., C_in) -> (..., C_out)
        return wide.linear(x, self.weight, self.bias)


class UniformLinear(UndrawnLinear):
    """`nn.Linear` with PyTorch's own starting weights: uniform between -1 / sqrt(C_in) and 1 / sqrt(C_in).

    The numbers are those that `nn.Linear` draws after `torch.manual_seed` with the generator's seed.
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, generator: torch.Generator
    ) -> None:
        super().__init__(in_features, out_features, bias=bias)
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5), generator=generator)
        if self.bias is not None:
            bound = 1 / math.sqrt(in_features) if in_features else 0.0
            nn.init.uniform_(self.bias, -bound, bound, generator=generator)


class Embedding(nn.Embedding):
    """A table with one learned row per id, drawn from N(0, 0.02)."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(num_embeddings, embedding_dim)
        draw_normal(self.weight, generator)

    def reset_parameters(self) -> None:
        """Leave the memory as it is. PyTorch would draw from the global generator here."""
