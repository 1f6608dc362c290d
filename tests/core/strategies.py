"""Random models and texts for the property tests."""

from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from core.config import ACTIVATIONS, NORMS, POSITIONS, TINY, GPTConfig
from core.gpt import GPTModel, build_model

SEEDS = st.integers(0, 2**31)
# Everything that Python calls text, halves of characters left out.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ODD = [
    "",
    " ",
    "  two  spaces ",
    "\r\n\t\x00\x1f\x85\u00a0\u2028\u3000",
    "don't I'LL it's '''s",
    "mañana übergroß ÀÉ e\u0301 ﷺ",
    "日本語のテキスト、と。句読点「」",
    "👩‍👩‍👧‍👦🏽🇩🇪 \u200d\ufe0f",
    "\u202eשלום مرحبا\u202c",  # noqa: RUF001
    "x1y22z333 1,234.5e-6 ½²Ⅷ٣",
    "<|endoftext|> <|unk|>",
    "a" * 50 + "ab" * 20,
]


@st.composite
def configs(draw: st.DrawFn, **fixed: Any) -> GPTConfig:
    """A small config with random switches; `fixed` sets some of them."""
    n_heads = draw(st.integers(1, 3))
    position = fixed.pop("position", None) or draw(st.sampled_from(POSITIONS))
    head_dim = draw(st.sampled_from((2, 4) if position == "rotary" else (1, 3, 4)))
    drawn = {
        "vocab_size": draw(st.integers(2, 30)),
        "context_length": draw(st.integers(2, 12)),
        "n_layers": draw(st.integers(1, 3)),
        "drop_rate": draw(st.sampled_from((0.0, 0.3))),
        "norm": draw(st.sampled_from(NORMS)),
        "activation": draw(st.sampled_from(ACTIVATIONS)),
        "norm_eps": draw(st.sampled_from((1e-5, 1e-2))),
        "ffn_width": draw(st.sampled_from((None, 4, 20))),
    }
    switches = ("qkv_bias", "tie_weights", "causal", "scale_scores", "residual")
    drawn |= {name: draw(st.booleans()) for name in switches}
    sizes = {"n_heads": n_heads, "emb_dim": n_heads * head_dim, "position": position}
    return GPTConfig(**sizes | drawn | fixed)


def lively(config: GPTConfig = TINY, seed: int = 1) -> GPTModel:
    """A model with large weights and biases: attention far from even, so that a mistake shows."""
    model = build_model(config, seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return model


def random_ids(config: GPTConfig, n_tokens: int, batch_size: int = 1, seed: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(config.vocab_size, (batch_size, n_tokens), generator=generator)


def assert_near(actual: Tensor, expected: Tensor, tolerance: float = 1e-5) -> None:
    """Equal up to `tolerance`, taken of the largest number where that is above 1."""
    size = max(1.0, expected.abs().max().item()) if expected.numel() else 1.0
    torch.testing.assert_close(actual, expected, atol=tolerance * size, rtol=0.0)
