"""Where a deep network explodes: the stream's size after each layer, and the first layer beyond a limit."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from core.gpt import build_model
from core.gradients import LINEAR_WIDTH, DeepNetwork, gpt_config, make_layers, multiply_weights
from core.layers import ACTIVATION_FUNCTIONS
from core.trace import Trace

LIMIT = 1e4  # of a size or a gradient that began near 1: training would not survive it


@torch.inference_mode()
def stream_after_layers(network: DeepNetwork) -> list[float]:
    """Size (RMS) of what leaves each layer, or block, of an untrained network, first layer first."""
    streams = gpt_streams(network) if network.ids else linear_streams(network)
    return [stream.double().pow(2).mean().sqrt().item() for stream in streams]


def linear_streams(network: DeepNetwork) -> list[Tensor]:
    """What leaves each linear layer; the same network as in `deep_network_gradients`."""
    bend, streams = ACTIVATION_FUNCTIONS[network.activation], []
    x = torch.tensor([[1.0, 0.0, -1.0]]).repeat(1, LINEAR_WIDTH)[:, :LINEAR_WIDTH]
    for layer in make_layers([LINEAR_WIDTH] * (network.depth + 1), seed=123, gain=network.gain):
        out = bend(layer(F.layer_norm(x, x.shape[-1:]) if network.norm else x))
        x = x + out if network.residual else out
        streams.append(x)
    return streams


def gpt_streams(network: DeepNetwork) -> list[Tensor]:
    """What leaves each block of the app's own GPT while it reads the text."""
    model, trace = build_model(gpt_config(network)), Trace()
    multiply_weights(model.trf_blocks, network.gain)
    model.final_vectors(torch.tensor([network.ids[:-1]]), trace)
    return [trace[f"blocks.{layer}.resid_out"] for layer in range(network.depth)]


def first_beyond(sizes: Sequence[float], limit: float = LIMIT) -> int | None:
    """The first layer, counted from 0, whose size is above the limit or no number; None if there is none."""
    return next((i for i, size in enumerate(sizes) if not math.isfinite(size) or size > limit), None)
