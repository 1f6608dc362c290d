from dataclasses import replace

import pytest
import torch

from core.config import TINY
from runs import speed


def test_the_speed_is_measured_in_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "MEASURED", replace(TINY, vocab_size=64))
    before = torch.random.get_rng_state()
    assert 1e5 < speed.training_speed() < 1e13
    assert torch.equal(before, torch.random.get_rng_state())
