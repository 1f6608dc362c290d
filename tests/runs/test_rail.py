import pytest
import torch

from core.config import TINY, GPTConfig
from core.gpt import build_model
from runs import NotThereError, StoreError
from runs.rail import is_finite, kept_steps, load_from_rail, rail_steps, save_to_rail, thin_out

SMALL = GPTConfig(vocab_size=64, context_length=64, emb_dim=64, n_layers=2)  # 112,000 parameters
LARGE = GPTConfig(vocab_size=1024, context_length=64, emb_dim=192, n_heads=6, n_layers=6)  # 3,071,616


@pytest.mark.parametrize("steps", [1, 2, 3, 13, 100, 400, 3000, 100_000])
def test_about_twenty_steps_dense_at_the_start(steps):
    kept = sorted(rail_steps(steps))
    assert kept[:2] == [0, 1]
    assert kept[-1] == steps
    assert len(kept) <= 21
    if steps >= 400:
        assert {2, 4, 8, 16} <= set(kept)
        assert len(kept) >= 18


def test_a_model_comes_back_in_half_precision(tmp_path):
    model = build_model(TINY)
    save_to_rail(model, tmp_path, 7)
    assert kept_steps(tmp_path) == [7]
    again = load_from_rail(tmp_path, 7)
    assert again.config == TINY
    assert torch.equal(again.tok_emb.weight, model.tok_emb.weight.half().float())
    assert model.tok_emb.weight.dtype == torch.float32


def test_large_weights_stay_in_full_and_broken_ones_are_known(tmp_path):
    model = build_model(TINY)
    assert is_finite(model)
    with torch.no_grad():
        model.tok_emb.weight[0, 0] = 1e6
        save_to_rail(model, tmp_path, 1)
        model.tok_emb.weight[0, 0] = torch.nan
    assert not is_finite(model)
    assert load_from_rail(tmp_path, 1).tok_emb.weight[0, 0] == 1e6


def test_extra_checkpoints_are_thinned_out_and_the_rails_own_stay(tmp_path):
    model = build_model(TINY)
    for step in range(12):
        save_to_rail(model, tmp_path, step)
    thin_out(tmp_path, frozenset({0, 1, 2, 4}))
    assert kept_steps(tmp_path) == [0, 1, 2, 4, 8, 9, 10, 11]


@pytest.mark.parametrize(("config", "most"), [(SMALL, 5e6), (LARGE, 130e6)])
def test_a_whole_rail_is_small(tmp_path, config, most):
    """20 checkpoints of 100 thousand and of 3 million parameters: measured by one of them."""
    save_to_rail(build_model(config), tmp_path, 0)
    one = (tmp_path / "rail" / "00000000.safetensors").stat().st_size
    for steps in (50, 400, 1600, 5000):
        assert one * len(rail_steps(steps)) <= most


def test_what_was_not_kept_is_refused_with_what_there_is(tmp_path):
    with pytest.raises(NotThereError, match="none yet"):
        load_from_rail(tmp_path, 0)
    save_to_rail(build_model(TINY), tmp_path, 4)
    with pytest.raises(NotThereError, match="there are 4"):
        load_from_rail(tmp_path, 5)
    (tmp_path / "rail" / "00000004.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(StoreError, match="damaged"):
        load_from_rail(tmp_path, 4)
