from dataclasses import replace

import pytest
import torch

from core.config import TINY
from core.gpt import build_model
from core.int8 import load_int8, save_int8, to_int8


def test_nothing_is_off_by_more_than_half_a_step() -> None:
    tensor = torch.randn(7, 30, generator=torch.Generator().manual_seed(1))
    steps, scale = to_int8(tensor)
    assert steps.dtype == torch.int8
    assert steps.abs().amax(-1).tolist() == [127] * 7
    assert ((steps * scale - tensor).abs() <= scale / 2 + 1e-6).all()
    assert to_int8(torch.zeros(2, 3))[0].tolist() == [[0, 0, 0]] * 2


@pytest.mark.parametrize("tied", [True, False])
def test_a_model_comes_back_almost_the_same(tied, tmp_path) -> None:
    model = build_model(replace(TINY, tie_weights=tied), 1)
    save_int8(model, tmp_path / "small.safetensors")
    again = load_int8(tmp_path / "small.safetensors")
    assert again.config == model.config
    for name, tensor in model.state_dict().items():
        step = tensor.abs().max() / 127
        assert (again.state_dict()[name] - tensor).abs().max() <= step
    assert (again.out_head.weight is again.tok_emb.weight) == tied
