import pytest
import torch

from core.config import TINY
from core.gpt import build_model
from runs import NotThereError, StoreError
from runs.rail import kept_steps, load_from_rail, rail_steps, save_to_rail


@pytest.mark.parametrize("steps", [1, 2, 3, 13, 100, 400, 3000, 100_000])
def test_about_twenty_steps_dense_at_the_start(steps):
    kept = sorted(rail_steps(steps))
    assert kept[:2] == [0, 1]
    assert kept[-1] == steps
    assert len(kept) <= 27
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


def test_large_weights_stay_in_full_and_broken_ones_are_not_kept(tmp_path):
    model = build_model(TINY)
    with torch.no_grad():
        model.tok_emb.weight[0, 0] = 1e6
        save_to_rail(model, tmp_path, 1)
        model.tok_emb.weight[0, 0] = torch.nan
        save_to_rail(model, tmp_path, 2)
    assert kept_steps(tmp_path) == [1]
    assert load_from_rail(tmp_path, 1).tok_emb.weight[0, 0] == 1e6


def test_what_was_not_kept_is_refused_with_what_there_is(tmp_path):
    with pytest.raises(NotThereError, match="none yet"):
        load_from_rail(tmp_path, 0)
    save_to_rail(build_model(TINY), tmp_path, 4)
    with pytest.raises(NotThereError, match="there are 4"):
        load_from_rail(tmp_path, 5)
    (tmp_path / "rail" / "00000004.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(StoreError, match="damaged"):
        load_from_rail(tmp_path, 4)
