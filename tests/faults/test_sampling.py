"""Rows 48 to 52: temperatures, top-k, top-p and lengths out of their range."""

import math
from dataclasses import replace
from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.gpt import GPTModel
from core.sampling import generate, next_token_probs
from tests.pages.conftest import open_page, shown_text
from tests.runs.tiny import RECIPE
from views.state.path import MOST, read_path


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


def test_52_a_page_writes_sixty_tokens_and_no_more() -> None:
    """The Sampling page's own cap, whatever its address asks for; what goes on by itself holds there."""
    asked = ".".join(["5"] * 10_000)
    page = open_page("pages/talking/sampling.py", path=asked)
    assert not page.exception
    assert len(read_path(page.session_state["path"])) <= MOST
    assert [page.button(key=key).disabled for key in ("sampling_1", "sampling_10", "sampling_auto")] == [
        True
    ] * 3


def test_52_a_million_tokens_are_asked_for_and_stopped_after_three(tiny_model: GPTModel) -> None:
    written = generate(tiny_model, [1], 10**6, use_cache=False)
    assert len(list(islice(written, 3))) == 3
    written.close()  # what a stop button does
    assert list(written) == []


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "text", True, None])
def test_51_a_recipe_takes_no_seed_out_of_range(seed: object) -> None:
    with pytest.raises(ValueError, match="seed"):
        replace(RECIPE, seed=seed)


@given(
    st.lists(st.floats(-30, 30), min_size=1, max_size=20),
    st.integers(1, 10**6),
    st.floats(1e-6, 1, exclude_min=True),
)
def test_49_more_than_all_is_all_and_something_is_always_left(scores: list[float], k: int, p: float) -> None:
    logits = torch.tensor(scores)
    kept = (next_token_probs(logits, top_k=k, top_p=p) > 0).sum()
    assert 1 <= kept <= len(scores)
    if k >= len(scores):
        assert torch.equal(next_token_probs(logits, top_k=k), next_token_probs(logits))
