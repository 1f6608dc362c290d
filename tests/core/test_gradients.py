import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, lively, random_ids

from core.config import TINY, GPTConfig
from core.gradients import block_gradients, deep_network_gradients, mean_abs
from core.training import next_token_loss

BOOK_SIZES = [3, 3, 3, 3, 3, 1]
BOOK_PLAIN = [
    0.00020173587836325169,
    0.0001201116101583466,
    0.0007152041653171182,
    0.001398873864673078,
    0.005049646366387606,
]
BOOK_SHORTCUT = [
    0.22169792652130127,
    0.20694105327129364,
    0.32896995544433594,
    0.2665732502937317,
    1.3258541822433472,
]


def test_the_books_gradients() -> None:
    assert deep_network_gradients(BOOK_SIZES, shortcut=False) == pytest.approx(BOOK_PLAIN, rel=1e-4)
    assert deep_network_gradients(BOOK_SIZES, shortcut=True) == pytest.approx(BOOK_SHORTCUT, rel=1e-4)


@given(st.lists(st.integers(1, 6), min_size=2, max_size=8), st.booleans(), st.integers(0, 2**31))
def test_there_is_one_gradient_a_layer_and_the_seed_decides(
    sizes: list[int], shortcut: bool, seed: int
) -> None:
    before = torch.random.get_rng_state()
    gradients = deep_network_gradients(sizes, shortcut, seed)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert len(gradients) == len(sizes) - 1
    assert all(gradient >= 0 for gradient in gradients)
    assert gradients == deep_network_gradients(sizes, shortcut, seed)


def test_shortcuts_carry_gradients_to_the_first_layer() -> None:
    deep = [3] * 20 + [1]
    assert deep_network_gradients(deep, True)[0] > 1e6 * deep_network_gradients(deep, False)[0]


@pytest.mark.parametrize("sizes", [[], [3]])
def test_a_network_needs_two_sizes(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="at least an input and an output"):
        deep_network_gradients(sizes, shortcut=True)


@given(configs(drop_rate=0.0), st.integers(0, 2**31))
def test_block_gradients_are_autograds_and_leave_none_behind(config: GPTConfig, seed: int) -> None:
    model, ids = lively(config, seed), random_ids(config, config.context_length, 2, seed)
    gradients = block_gradients(model, ids)
    assert all(p.grad is None for p in model.parameters())
    next_token_loss(model(ids[:, :-1]), ids[:, 1:]).backward()
    for block, gradient in zip(model.trf_blocks, gradients, strict=True):
        flat = torch.cat([p.grad.flatten() for p in block.parameters() if p.ndim == 2])
        assert gradient == pytest.approx(flat.double().abs().mean().item(), rel=1e-4, abs=1e-12)


def test_a_vanished_gradient_still_counts() -> None:
    assert mean_abs([torch.full((3, 3), 1e-30), torch.full((2,), 1e-30)]) == pytest.approx(1e-30)
    assert len(block_gradients(lively(), random_ids(TINY, 9))) == TINY.n_layers
