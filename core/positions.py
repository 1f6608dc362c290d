"""How a model knows which token comes first: without positions, attention sees a bag of tokens."""

import torch
from torch import Tensor

BASE = 10000.0  # the slowest wave is this many times longer than the fastest


def wave_angles(positions: Tensor, n_waves: int) -> Tensor:
    """Each position as a point on `n_waves` clocks, the first fast, the last slow: (T,) -> (T, n_waves)."""
    speeds = BASE ** (-torch.arange(n_waves, device=positions.device) / n_waves)
    return positions[:, None] * speeds


def sinusoidal(positions: Tensor, emb_dim: int) -> Tensor:
    """Fixed position vectors of sines and cosines (Vaswani et al. 2017, 3.5): (T,) -> (T, C)."""
    angles = wave_angles(positions, (emb_dim + 1) // 2)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)[:, :emb_dim]


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """Turn each pair of numbers of a query or key by its position's angle (RoPE, Su et al. 2021).

    Two turned vectors' dot product depends only on how far apart they stand: (B, H, T, D) -> (B, H, T, D).
    """
    angles = wave_angles(positions, x.shape[-1] // 2)  # (T, D/2)
    first, second = x.chunk(2, dim=-1)
    return torch.cat(
        (first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()), dim=-1
    )
