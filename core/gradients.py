"""How much of the error reaches each layer, with and without shortcuts (book 4.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.config import ACTIVATIONS, GPTConfig, check_choice, check_seed, check_whole_number
from core.gpt import GPTModel, build_model
from core.layers import ACTIVATION_FUNCTIONS
from core.linear import UniformLinear
from core.training import next_token_loss

LINEAR_WIDTH = 64  # numbers a layer
GPT_WIDTH = 48  # numbers a token; small, so that four networks of 12 blocks answer a slider at once
MOST_LAYERS, MOST_BLOCKS, MOST_TOKENS = 100, 12, 32


def deep_network_gradients(
    sizes: Sequence[int],
    shortcut: bool,
    seed: int = 123,
    *,
    norm: bool = False,
    activation: str = "gelu_tanh",
    gain: float = 1.0,
) -> list[float]:
    """Mean absolute weight gradient of each layer of the book's deep network, first layer first.

    Linear layers from sizes[i] to sizes[i + 1], each bent by the activation, a shortcut where shapes match;
    input [[1, 0, -1]], target 0, squared error. Book 4.4: sizes [3, 3, 3, 3, 3, 1] and the defaults.
    `norm` normalises what a layer reads; `gain` multiplies the starting weights.
    """
    layers = make_layers(sizes, seed, gain)
    bend = ACTIVATION_FUNCTIONS[activation]
    x = torch.tensor([[1.0, 0.0, -1.0]]).repeat(1, sizes[0])[:, : sizes[0]]
    for layer in layers:
        out = bend(layer(F.layer_norm(x, x.shape[-1:]) if norm else x))
        x = x + out if shortcut and x.shape == out.shape else out
    loss = F.mse_loss(x, torch.zeros_like(x))
    gradients = torch.autograd.grad(loss, [layer.weight for layer in layers])
    return [mean_abs([gradient]) for gradient in gradients]


def make_layers(sizes: Sequence[int], seed: int, gain: float = 1.0) -> list[nn.Linear]:
    """Linear layers with PyTorch's own starting weights, made in order from one seed."""
    if len(sizes) < 2:
        raise ValueError(f"sizes are {list(sizes)}: a network needs at least an input and an output size")
    check_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    layers = [UniformLinear(n_in, n_out, generator=generator) for n_in, n_out in pairwise(sizes)]
    multiply_weights(layers, gain)
    return layers


@torch.no_grad()
def multiply_weights(modules: Sequence[nn.Module], gain: float) -> None:
    """Make every weight matrix `gain` times as large; biases and norms stay."""
    for module in modules:
        for parameter in module.parameters():
            if parameter.ndim == 2:
                parameter.mul_(gain)


def block_gradients(model: GPTModel, ids: Tensor) -> list[float]:
    """Mean absolute weight gradient of each transformer block when predicting ids (B, T), first to last.

    The model is not changed: the gradients are returned by autograd, not stored on the weights.
    """
    loss = next_token_loss(model(ids[:, :-1]), ids[:, 1:])
    weights = [[p for p in block.parameters() if p.ndim == 2] for block in model.trf_blocks]
    flat = [weight for block in weights for weight in block]
    gradients = iter(torch.autograd.grad(loss, flat))
    return [mean_abs([next(gradients) for _ in block]) for block in weights]


def mean_abs(tensors: Sequence[Tensor]) -> float:
    """Mean absolute value over all numbers of several tensors, summed in double precision.

    A vanished gradient has squares and sums too small for single precision; absolute values still count.
    """
    return sum(t.double().abs().sum().item() for t in tensors) / sum(t.numel() for t in tensors)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepNetwork:
    """An untrained network of equal layers, with both helps of deep learning on a switch."""

    depth: int  # layers, or blocks
    residual: bool = True  # add each layer's input to its output
    norm: bool = True  # normalise what each layer reads
    activation: str = "gelu_tanh"
    gain: float = 1.0  # times the usual starting weights
    ids: tuple[int, ...] = ()  # a text for GPT blocks to predict; none: linear layers as in book 4.4
    vocab_size: int = 1  # of the text

    def __post_init__(self) -> None:
        """Refuse what would take too long or has no gradient."""
        most = MOST_BLOCKS if self.ids else MOST_LAYERS
        check_whole_number("depth", self.depth)
        check_choice("activation", self.activation, ACTIVATIONS)
        if self.depth > most:
            raise ValueError(f"depth {self.depth} is more than {most}: an answer should come at once")
        if not 0 < self.gain <= 100:
            raise ValueError(f"gain {self.gain} must be above 0 and at most 100")
        if len(self.ids) == 1 or len(self.ids) > MOST_TOKENS:
            raise ValueError(f"{len(self.ids)} tokens: GPT blocks need 2 to {MOST_TOKENS} of them")


def depth_gradients(network: DeepNetwork) -> list[float]:
    """Mean absolute weight gradient of each layer (or block) of an untrained network, first layer first."""
    if not network.ids:
        return deep_network_gradients(
            [LINEAR_WIDTH] * (network.depth + 1),
            network.residual,
            norm=network.norm,
            activation=network.activation,
            gain=network.gain,
        )
    model = build_model(gpt_config(network))
    multiply_weights(model.trf_blocks, network.gain)
    return block_gradients(model, torch.tensor([network.ids]))


def gpt_config(network: DeepNetwork) -> GPTConfig:
    """A small GPT as deep as the network: the app's own blocks, with their real switches."""
    return GPTConfig(
        vocab_size=network.vocab_size,
        context_length=MOST_TOKENS,
        emb_dim=GPT_WIDTH,
        n_layers=network.depth,
        drop_rate=0.0,
        tie_weights=True,
        residual=network.residual,
        norm="pre" if network.norm else "none",
        activation=network.activation,
    )
