"""Fine-tuning with few numbers: a thin pair of matrices learns beside each layer that stands still.

LoRA, low-rank adaptation (Hu et al. 2021, book appendix E): the change of a weight matrix is kept as the
product of a tall and a wide one. In the end the product is added to the weights: an ordinary model is left.
"""

from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor, nn

from core.config import GPTConfig, check_choice, check_seed, check_whole_number
from core.gpt import GPTModel
from core.linear import Linear

LAYERS = ("W_query", "W_key", "W_value", "out_proj", "ff", "out_head")  # the book adapts all of them
Module = TypeVar("Module", bound=nn.Module)


class LoRALinear(Linear):
    """y = x W^T + b + (alpha / rank) x A B; only A and B learn, and B starts at zero: nothing changes yet."""

    def __init__(self, layer: Linear, rank: int, alpha: float, generator: torch.Generator) -> None:
        with torch.device("meta"):  # no memory for weights that are there already
            super().__init__(layer.in_features, layer.out_features, bias=layer.bias is not None)
        self.weight, self.bias = layer.weight, layer.bias
        self.scale = alpha / rank  # another rank then needs no other learning rate
        start = torch.randn(layer.in_features, rank, generator=generator, device=generator.device)
        self.A = nn.Parameter((start / layer.in_features**0.5).to(layer.weight))  # (C_in, rank)
        self.B = nn.Parameter(layer.weight.new_zeros(rank, layer.out_features))  # (rank, C_out)

    def forward(self, x: Tensor) -> Tensor:  # (..., C_in) -> (..., C_out)
        return super().forward(x) + self.scale * (x @ self.A @ self.B)

    def change(self) -> Tensor:
        """What is added to the weights, of rank at most `rank`: (C_out, C_in)."""
        return (self.scale * (self.A @ self.B)).T

    def merged(self) -> Linear:
        """An ordinary layer that computes the same."""
        with torch.device("meta"):
            layer = Linear(self.in_features, self.out_features, bias=self.bias is not None)
        layer.weight = nn.Parameter((self.weight + self.change()).detach())
        layer.bias = self.bias
        return layer


def with_lora(
    model: Module, rank: int, *, alpha: float = 16.0, layers: Collection[str] = LAYERS, seed: int = 123
) -> Module:
    """A copy of a model, or of a classifier, in which only adapters beside the chosen layers learn."""
    check_adapters(rank, alpha, layers)
    check_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    adapted = deepcopy(model).requires_grad_(False)
    for name, layer in list(linear_layers(adapted, layers)):
        if isinstance(layer, LoRALinear):
            raise ValueError("this model has adapters already: merge them first, or take the model before")
        adapted.set_submodule(name, LoRALinear(layer, rank, alpha, generator))
    return adapted


def merge_lora(model: Module) -> Module:
    """A copy with every adapter added to its weights: an ordinary model, that can be saved and trained."""
    merged = deepcopy(model)
    adapters = [(name, part) for name, part in merged.named_modules() if isinstance(part, LoRALinear)]
    for name, adapter in adapters:
        merged.set_submodule(name, adapter.merged())
    for part in merged.modules():
        if isinstance(part, GPTModel) and part.out_head.weight is not part.tok_emb.weight:
            part.config = replace(part.config, tie_weights=False)  # the token table has not changed with it
    return merged.requires_grad_(True).eval()


def linear_layers(model: nn.Module, layers: Collection[str]) -> Iterator[tuple[str, Linear]]:
    """The chosen linear layers of a model, by their names in it."""
    for name, part in model.named_modules():
        if isinstance(part, Linear) and set(name.split(".")) & set(layers):
            yield name, part


def check_adapters(rank: int, alpha: float, layers: Collection[str]) -> None:
    """Raise ValueError, with the rule, for adapters that cannot be made."""
    check_whole_number("rank", rank)
    if not 0 < alpha < float("inf"):
        raise ValueError(f"alpha is {alpha}: it must be a number above 0")
    if not layers:
        raise ValueError(f"no layer was chosen: adapters need at least one of {', '.join(LAYERS)}")
    for layer in layers:
        check_choice("layer", layer, LAYERS)


def adapter_count(
    config: GPTConfig, rank: int, *, layers: Collection[str] = LAYERS, classes: int | None = None
) -> int:
    """How many numbers learn, without building the model: rank numbers for each input and each output.

    Book appendix E: 2,666,528 for GPT-2 small with 2 classes at rank 16.
    """
    C, U = config.emb_dim, config.hidden_dim
    per_block = {"W_query": 2 * C, "W_key": 2 * C, "W_value": 2 * C, "out_proj": 2 * C, "ff": 2 * (C + U)}
    sides = config.n_layers * sum(per_block.get(layer, 0) for layer in set(layers))
    if "out_head" in layers:
        sides += C + (classes or config.vocab_size)
    return rank * sides


def trainable_count(model: nn.Module) -> int:
    """How many numbers of a model learn; shared ones count once."""
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
