import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from llms_from_scratch.ch04 import GELU as BookGELU
from llms_from_scratch.ch04 import FeedForward as BookFeedForward
from llms_from_scratch.ch04 import LayerNorm as BookLayerNorm
from llms_from_scratch.ch04 import TransformerBlock as BookBlock
from strategies import SEEDS, assert_near
from torch import nn

from core.config import ACTIVATIONS, GPTConfig
from core.layers import (
    ACTIVATION_FUNCTIONS,
    Activation,
    FeedForward,
    LayerNorm,
    TransformerBlock,
    gelu,
    gelu_tanh,
    layer_norm,
    mean_and_variance,
)
from core.quick_gelu import quick_gelu_tanh
from core.trace import Trace

BOOK = {"emb_dim": 12, "context_length": 7, "n_heads": 3, "drop_rate": 0.0, "qkv_bias": True}
CONFIG = GPTConfig(**BOOK)


def numbers(*shape: int, seed: int = 1, size: float = 3.0) -> torch.Tensor:
    return size * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@given(st.integers(1, 40), st.sampled_from((1e-4, 1.0, 300.0)), SEEDS)
def test_layer_norm_is_torchs_and_the_books(width: int, size: float, seed: int) -> None:
    x = numbers(2, 3, width, seed=seed, size=size)
    ours, theirs, book = LayerNorm(width), nn.LayerNorm(width), BookLayerNorm(width)
    scale, shift = numbers(width, seed=seed), numbers(width, seed=seed + 1)
    for module, names in (
        (ours, ("scale", "shift")),
        (theirs, ("weight", "bias")),
        (book, ("scale", "shift")),
    ):
        module.load_state_dict(dict(zip(names, (scale, shift), strict=True)))
    assert_near(ours(x), theirs(x))
    assert_near(ours(x), book(x))
    assert_near(layer_norm(x, scale, shift), ours(x))


def test_layer_norm_starts_as_plain_normalisation_with_biased_variance() -> None:
    norm = LayerNorm(4)
    assert norm.eps == 1e-5
    assert norm.scale.tolist() == [1.0] * 4
    assert norm.shift.tolist() == [0.0] * 4
    out = norm(torch.tensor([[1.0, 2.0, 3.0, 4.0]]))
    assert out.mean().item() == pytest.approx(0.0, abs=1e-6)
    assert out.var(unbiased=False).item() == pytest.approx(1.0, abs=1e-4)


def test_the_numbers_of_the_book() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(123)
        batch = torch.randn(2, 5)
        out = nn.Sequential(nn.Linear(5, 6), nn.ReLU())(batch).detach()
    mean, variance = mean_and_variance(out, unbiased=True)
    assert mean.flatten().tolist() == pytest.approx([0.1324, 0.2170], abs=5e-5)
    assert variance.flatten().tolist() == pytest.approx([0.0231, 0.0398], abs=5e-5)
    normed = layer_norm(out, torch.ones(6), torch.zeros(6), 0.0, unbiased=True)
    assert normed[0].tolist() == pytest.approx([0.6159, 1.4126, -0.8719, 0.5872, -0.8719, -0.8719], abs=5e-5)
    assert normed[1].tolist() == pytest.approx([-0.0189, 0.1121, -1.0876, 1.5173, 0.5647, -1.0876], abs=5e-5)


def plainly_normed(x: torch.Tensor, **options: float) -> torch.Tensor:
    return layer_norm(x, torch.ones(x.shape[-1]), torch.zeros(x.shape[-1]), **options)


@given(st.integers(2, 40), st.floats(0.5, 100), st.floats(-10, 10), SEEDS)
def test_multiplying_or_moving_the_input_does_not_move_the_output(
    width: int, times: float, plus: float, seed: int
) -> None:
    x = numbers(2, width, seed=seed)
    mean, variance = mean_and_variance(plainly_normed(x, eps=0.0))
    assert_near(mean, torch.zeros_like(mean), 1e-5)
    assert_near(variance, torch.ones_like(variance), 1e-4)
    near = 1e-3 if width < 6 else 1e-4  # few numbers may lie very near to each other
    assert_near(plainly_normed(times * x + plus, eps=0.0), plainly_normed(x, eps=0.0), 10 * near)
    assert_near(plainly_normed(-times * x, eps=0.0), -plainly_normed(x, eps=0.0), 10 * near)


def test_eps_matters_for_tiny_inputs_only() -> None:
    x = numbers(64)
    for times in (1.0, 1e-3, 1e-6):
        _, variance = mean_and_variance(plainly_normed(times * x))
        expected = (times**2 * x.var(unbiased=False)) / (times**2 * x.var(unbiased=False) + 1e-5)
        assert variance.item() == pytest.approx(expected.item(), rel=1e-3)
    assert plainly_normed(torch.full((4,), 3.0)).tolist() == [0.0] * 4  # no difference: nothing but 0
    assert plainly_normed(torch.full((4,), 3.0), eps=0.0).isnan().all()  # 0 / 0


def test_each_token_is_normed_by_itself() -> None:
    x = numbers(3, 8)
    changed = x.clone()
    changed[1] *= 100
    assert torch.equal(plainly_normed(x)[[0, 2]], plainly_normed(changed)[[0, 2]])


def test_the_unbiased_variance_of_one_number_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        mean_and_variance(torch.ones(3, 1), unbiased=True)
    assert mean_and_variance(torch.ones(3, 1))[1].tolist() == [[0.0]] * 3


@given(SEEDS)
def test_both_gelus_are_torchs_and_the_books(seed: int) -> None:
    x = numbers(200, seed=seed)
    assert_near(gelu(x), nn.GELU()(x), 1e-6)
    assert_near(gelu_tanh(x), nn.GELU(approximate="tanh")(x), 1e-6)
    assert_near(gelu_tanh(x), BookGELU()(x), 1e-6)
    assert (gelu(x) - gelu_tanh(x)).abs().max() > 1e-6  # they are two functions


def test_known_values_of_the_activations() -> None:
    x = torch.tensor([-1.0, 0.0, 1.0])
    assert gelu(x).tolist() == pytest.approx([-0.158655, 0.0, 0.841345], abs=1e-6)
    assert gelu_tanh(x).tolist() == pytest.approx([-0.158808, 0.0, 0.841192], abs=1e-6)
    assert ACTIVATION_FUNCTIONS["relu"](x).tolist() == [0.0, 0.0, 1.0]
    assert ACTIVATION_FUNCTIONS["silu"](x)[2].item() == pytest.approx(1 / (1 + math.exp(-1)))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_readable_activation_equals_the_fast_one(name: str) -> None:
    x = torch.linspace(-20, 20, 2001)
    assert_near(ACTIVATION_FUNCTIONS[name](x), Activation(name)(x), 1e-6)


def test_the_feed_forward_layer_is_the_books() -> None:
    ours, book = FeedForward(CONFIG), BookFeedForward(BOOK)
    ours.load_state_dict(book.state_dict())
    x, trace = numbers(2, 5, 12), Trace()
    assert_near(ours(x), book(x))
    assert_near(ours(x, trace), book(x))
    assert trace["hidden"].shape == trace["activated"].shape == (2, 5, 48)


def test_the_block_is_the_books() -> None:
    ours, book = TransformerBlock(CONFIG), BookBlock(BOOK)
    ours.load_state_dict({name: x for name, x in book.state_dict().items() if not name.endswith("mask")})
    x = numbers(2, 5, 12)
    assert_near(ours(x), book(x))


@pytest.mark.parametrize("norm", ["pre", "post", "none"])
@pytest.mark.parametrize("residual", [True, False])
def test_norms_and_shortcuts_stand_where_the_switches_say(norm: str, residual: bool) -> None:
    config = GPTConfig(emb_dim=12, n_heads=3, context_length=7, drop_rate=0.0, norm=norm, residual=residual)
    block, x = TransformerBlock(config), numbers(1, 5, 12)
    keep = float(residual)
    if norm == "post":
        middle = block.norm1(keep * x + block.att(x))
        expected = block.norm2(keep * middle + block.ff(middle))
    else:
        middle = keep * x + block.att(block.norm1(x))
        expected = keep * middle + block.ff(block.norm2(middle))
    assert_near(block(x), expected)
    assert isinstance(block.norm1, nn.Identity) == (norm == "none")


def test_dropout_stands_on_both_shortcuts() -> None:
    block = TransformerBlock(GPTConfig(emb_dim=12, n_heads=3, context_length=7, drop_rate=0.9)).train()
    for part in (block.att.out_proj, block.ff.layers[2]):
        nn.init.ones_(part.bias)
    x, trace = torch.zeros(1, 7, 12), Trace()
    with torch.random.fork_rng():
        torch.manual_seed(1)
        block(x, trace)
    attention_out, ffn_out = trace["resid_mid"], trace["resid_out"] - trace["resid_mid"]
    assert 0.5 < (attention_out == 0).float().mean() < 1
    assert 0.5 < (ffn_out == 0).float().mean() < 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_quick_gelu_is_gpt2s_and_so_is_its_gradient(dtype) -> None:
    x = torch.linspace(-12, 12, 4001, dtype=dtype).view(1, -1).requires_grad_()
    weights = torch.linspace(-1, 1, 4001, dtype=dtype)
    found = []
    for function in (quick_gelu_tanh, gelu_tanh):
        out = function(x)
        (grad,) = torch.autograd.grad((out * weights).sum(), x)
        found += [out.detach(), grad]
    torch.testing.assert_close(found[0], found[2], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found[1], found[3], rtol=1e-5, atol=1e-6)
    with torch.no_grad():
        assert torch.equal(quick_gelu_tanh(x), found[0])  # the same bits, whether it learns or not
