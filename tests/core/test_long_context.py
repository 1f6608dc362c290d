from dataclasses import replace

import pytest
import torch
from strategies import lively

from core.anatomy import forward_flops
from core.config import GPT2_SMALL, TINY
from core.long_context import affordable, binned, losses_by_position, overlapping_windows, stretched
from core.losses import token_losses

IDS = torch.randint(50, (700,), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("position", ["rotary", "sinusoidal", "none"])
def test_stretched_weights_read_on_and_say_the_same_before(position: str):
    model = lively(replace(TINY, position=position)).eval()
    longer = stretched(model, 64)
    windows = overlapping_windows(IDS, 64, 5)
    found = losses_by_position(longer, windows)
    assert found.shape == (64,)
    torch.testing.assert_close(found[:32], losses_by_position(model, windows[:, :33]))
    assert longer.tok_emb.weight.data_ptr() == model.tok_emb.weight.data_ptr()


def test_a_learned_table_refuses_in_the_models_own_words():
    model = lively(replace(TINY, position="learned")).eval()
    with pytest.raises(ValueError, match="64 tokens are more than context_length 32"):
        losses_by_position(stretched(model, 64), overlapping_windows(IDS, 64, 5))


def test_the_mean_over_windows_is_that_of_each_window_alone():
    model = lively().eval()
    windows = overlapping_windows(IDS, 20, 6)
    alone = torch.stack([token_losses(model, window) for window in windows])
    torch.testing.assert_close(losses_by_position(model, windows), alone.mean(0))


def test_windows_lie_in_the_middle_and_overlap_by_three_quarters():
    windows = overlapping_windows(torch.arange(700), 20, 6)
    assert windows.shape == (6, 21)
    assert (windows.diff(dim=1) == 1).all()
    assert (windows.diff(dim=0) == 5).all()
    before, after = int(windows[0, 0]), 699 - int(windows[-1, -1])
    assert abs(before - after) <= 1
    assert len(overlapping_windows(torch.arange(31), 20, 6)) == 3
    assert len(overlapping_windows(torch.arange(21), 20, 6)) == 1
    with pytest.raises(ValueError, match="21 are needed"):
        overlapping_windows(torch.arange(20), 20, 6)


def test_what_can_be_afforded_is_within_the_work():
    assert affordable(TINY, 32, 1e9)[1] == 32
    count, length = affordable(GPT2_SMALL, 1024, 3e10)
    assert count * forward_flops(GPT2_SMALL, 1, length) <= 3e10
    assert forward_flops(GPT2_SMALL, 1, 2 * length) > 3e10
    assert affordable(GPT2_SMALL, 1024, 1.0) == (1, 1)


def test_bins_hold_every_place_once():
    losses = torch.arange(10.0)
    middles, means = binned(losses, 5)
    assert means.tolist() == [0.5, 2.5, 4.5, 6.5, 8.5]
    assert middles.tolist() == [1, 3, 5, 7, 9]
    assert torch.equal(binned(losses, 100)[1], losses)
