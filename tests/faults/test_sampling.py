"""Rows 48 to 50 and 52: temperatures, top-k, top-p and lengths out of their range."""

import math
from itertools import islice

import pytest
import torch

from core.gpt import GPTModel
from core.sampling import generate, next_token_probs
from tests.pages.conftest import open_page, shown_text


def test_48_temperature_zero_keeps_one_token():
    page = open_page("pages/talking/sampling.py")
    page.slider(key="sampling_temperature").set_value(0.0).run()
    assert "- 1 of 2,048 tokens can still be drawn" in shown_text(page)


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"temperature": -1}, "temperature is -1"),
        ({"temperature": math.inf}, "temperature is inf"),
        ({"temperature": math.nan}, "temperature is nan"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_k": -3}, "top_k is -3"),
        ({"top_k": 1.5}, "top_k is 1.5"),
        ({"top_p": 0}, "top_p is 0"),
        ({"top_p": -0.1}, r"top_p is -0\.1"),
        ({"top_p": 1.01}, r"top_p is 1\.01"),
        ({"top_p": math.nan}, "top_p is nan"),
    ],
)
def test_48_and_49_settings_outside_their_range_are_refused(
    tiny_model: GPTModel, settings: dict, rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        next_token_probs(torch.tensor([1.0, 2.0]), **settings)
    with pytest.raises(ValueError, match=rule):
        next(generate(tiny_model, [1], 1, **settings))


@pytest.mark.parametrize(
    "logits",
    [
        torch.full((3,), -math.inf),
        torch.tensor([0.0, math.nan]),
        torch.zeros(2, 3),
        torch.tensor(1.0),
        torch.tensor([]),
    ],
)
def test_50_scores_that_leave_nothing_to_draw_from_are_refused(logits: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="logits must be one row"):
        next_token_probs(logits)


def test_52_tokens_come_one_at_a_time(tiny_model: GPTModel) -> None:
    assert len(list(islice(generate(tiny_model, [1], 10**6), 3))) == 3
    assert list(generate(tiny_model, [1], 0)) == []
