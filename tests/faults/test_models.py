"""Rows 14 to 18, 22, 51 and 60: texts, sizes and seeds that a model cannot take, and all that it must."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import TINY, GPTConfig
from core.data import check_long_enough, random_batches
from core.gpt import GPTModel, build_model, parameter_count
from core.gradients import deep_network_gradients
from core.tokenizer import load_tokenizer
from core.weights import from_book_state
from runs.budget import BudgetError, check_budget
from tests.pages.conftest import open_page, shown_text
from tests.pages.test_anatomy import with_preset
from tests.pages.test_controls import PRETRAINING
from tests.pages.test_pages import TEXTS
from views.prompt import read_prompt


@pytest.mark.parametrize(
    ("ids", "rule"),
    [
        (torch.zeros(1, 33, dtype=torch.long), "33 tokens are more than context_length 32"),
        (torch.tensor([[0, 50]]), "between 0 and 49: found 0 to 50"),
        (torch.tensor([[-1, 3]]), "between 0 and 49: found -1 to 3"),
        (torch.tensor([1, 2]), "whole numbers"),
        (torch.zeros(1, 1, 2, dtype=torch.long), "whole numbers"),
        (torch.zeros(1, 3), "whole numbers"),
    ],
)
def test_16_and_17_ids_that_the_model_cannot_read_are_refused(
    tiny_model: GPTModel, ids: torch.Tensor, rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        tiny_model(ids)


def test_16_a_page_says_that_a_long_prompt_is_cropped():
    page = open_page("pages/model/attention.py", prompt=TEXTS["long"])
    assert "the last 128 are shown" in shown_text(page)


def start_with(text: str, **controls: object) -> str:
    """What Pretraining says after Start was pressed for a text of one's own."""
    page = open_page(PRETRAINING, pretraining_corpus="own", pretraining_text=text, **controls)
    page.button(key="pretraining_start").click().run()
    assert not page.exception
    return shown_text(page).replace("\\", "")


def test_14_a_page_says_the_length_that_is_needed():
    assert "at least" in start_with("far too short")


def test_15_one_letter_again_and_again_is_warned_of():
    assert "nothing to learn" in start_with("a" * 5000, pretraining_tokenizer="char", pretraining_steps=50)


def test_16_a_prompt_longer_than_the_context_keeps_its_end():
    prompt = read_prompt("one two three four", load_tokenizer("gpt2"), 2)
    assert [piece.text for piece in prompt.pieces] == [" three", " four"]
    assert "the last 2 are shown" in prompt.notices[0]


def test_14_a_text_too_short_is_refused_with_the_needed_length() -> None:
    check_long_enough(9, 8)
    with pytest.raises(ValueError, match=r"8 token\(s\), but a context of 8 needs at least 9"):
        check_long_enough(8, 8)
    with pytest.raises(ValueError, match="at least 9"):
        next(random_batches(torch.arange(8), 8, 1, torch.Generator()))


@given(st.integers(1, 200), st.integers(1, 200))
def test_18_heads_that_do_not_divide_the_width_are_refused_with_the_rule(emb_dim: int, n_heads: int) -> None:
    if emb_dim % n_heads == 0:
        assert GPTConfig(emb_dim=emb_dim, n_heads=n_heads).head_dim == emb_dim // n_heads
    else:
        with pytest.raises(ValueError, match=f"emb_dim {emb_dim} must be a multiple of n_heads {n_heads}"):
            GPTConfig(emb_dim=emb_dim, n_heads=n_heads)


@pytest.mark.parametrize("seed", [-1, 2**63, 2**64, 1.5, "7", None, True])
def test_51_a_seed_is_a_whole_number_that_every_generator_takes(seed: object) -> None:
    for use in (build_model, lambda config, seed: deep_network_gradients([3, 1], shortcut=True, seed=seed)):
        with pytest.raises(ValueError, match=r"seed is .*: it must be a whole number from 0 to 2\^63 - 1"):
            use(TINY, seed)
    assert build_model(TINY, 2**63 - 1).config == TINY


def test_18_a_width_that_the_heads_cannot_share_is_explained_and_mended() -> None:
    page = with_preset("small")
    page.slider(key="anatomy_n_heads").set_value(13).run()
    assert not page.error
    assert "must be a multiple" in page.warning[0].value
    assert "163,009,536" in shown_text(page)  # with 12 heads, the nearest that can be built
    page.button(key="anatomy_take_n_heads").click().run()
    assert not page.warning
    assert page.slider(key="anatomy_n_heads").value == 12
    page.slider(key="anatomy_n_heads").set_value(13).run()
    page.button(key="anatomy_take_emb_dim").click().run()
    assert not page.warning
    assert page.slider(key="anatomy_emb_dim").value == 767


def test_22_a_model_too_large_is_refused_with_the_sum_and_nothing_is_allocated() -> None:
    huge = GPTConfig(emb_dim=10**6, n_heads=1, n_layers=10**6)
    parameters = f"{parameter_count(huge):,}"
    with pytest.raises(BudgetError, match=f"{parameters} parameters x 4 bytes = .* MiB"):
        check_budget(huge)
    with pytest.raises(ValueError, match="smaller model"):
        from_book_state(huge, {})
