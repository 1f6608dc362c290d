"""What the Logits page says, for every kind of model."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from core.config import TINY, GPTConfig
from core.gpt import build_model
from runs import storyteller
from tests.pages.conftest import open_page, shown_text
from views import catalogue
from views.cache import lens
from views.cache.models import MODELS, SEEN, next_logits
from views.cost import BOOK, cost_of
from views.depths import depths_of
from views.edits import edits_of
from views.look import Look
from views.readout import written_out
from views.text import shown

LOGITS = "pages/model/logits.py"
DEEPEST = storyteller.open_step(None).config.n_layers - 1  # no store is opened while tests are collected
KINDS = {
    "untied": {},
    "rotary": {"position": "rotary"},
    "no positions": {"position": "none", "tie_weights": True},
    "post": {"norm": "post"},
    "no norm": {"norm": "none"},
    "no residual": {"residual": False},
    "one of each": {"n_layers": 1, "n_heads": 1},
    "deep": {"n_layers": 30},
}


@pytest.fixture
def shown_instead(monkeypatch):
    """Show an untrained model of another config under the bundled tokenizer."""

    def show(config: GPTConfig):
        config = replace(config, vocab_size=2048)
        monkeypatch.setattr(catalogue.storyteller, "open_step", lambda step: build_model(config))
        forget()
        prompt = f"The king had {config.n_layers}"
        return open_page(LOGITS, model=catalogue.UNTRAINED, prompt=prompt, logits_view="writers")

    yield show
    forget()


def forget() -> None:
    for cached in (lens.answers, lens.vector_and_logits, lens.parts_of_logit, lens.losses, MODELS, SEEN):
        cached.clear()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_is_shown_or_explained(shown_instead, kind: str) -> None:
    page = shown_instead(replace(TINY, **KINDS[kind]))
    assert not page.exception
    assert not page.error
    cannot = "cannot be taken apart" in shown_text(page)
    assert cannot == (kind in ("post", "no residual"))


def test_the_depth_that_is_read_changes_the_question() -> None:
    page = open_page(LOGITS, layer=2)
    assert f"Read after block {DEEPEST}" in shown_subheaders(page)
    page.session_state["logits_read"] = "block"
    assert "Read after block 2" in shown_subheaders(page.run())
    page.session_state["logits_read"] = "embedding"
    assert "Read after the embedding" in shown_subheaders(page.run())


def shown_subheaders(page) -> str:
    return "\n".join(one.value for one in page.header)


def test_the_probability_of_the_right_token_is_its_loss_and_perplexity() -> None:
    page = open_page(LOGITS, logits_view="cost")
    assert "**2.303** nats" in shown_text(page)
    page.select_slider(key="logits_chance").set_value("0.01%").run()
    assert "**9.210** nats" in shown_text(page)
    assert "**10,000.0**" in shown_text(page)


def test_the_books_perplexity_stands_beside_the_models_own() -> None:
    for view in ("cost", "word"):
        page = open_page(LOGITS, logits_view=view)
        text = words_of(page)
        assert "48,725.82" in text
        assert "50,257" in text
        assert f"perplexity {shown(math.exp(cost_of(page.session_state['here']).mean))}" in text
    assert "the book's untrained 124M 48,725.82" in BOOK


@pytest.mark.parametrize("view", ["word", "product", "writers", "cost"])
def test_every_view_says_the_same_of_the_same_token(view: str) -> None:
    page = open_page(LOGITS, logits_view=view, logits_candidate=1)
    assert not page.exception
    names = re.search(r"The logit of \*\*(.*?)\*\* is a sum", words_of(page)).group(1)
    other = open_page(LOGITS, logits_view="word", logits_candidate=1)
    assert f"The logit of **{names}** is a sum" in words_of(other)


def words_of(page) -> str:
    """All words of a page, without escapes and without what the glossary has put behind them."""
    return re.sub(r"\[(.*?)\]\(#words \".*?\"\)", r"\1", shown_text(page)).replace("\\", "")


def test_one_token_has_nothing_to_foresee() -> None:
    page = open_page(LOGITS, prompt="a", logits_view="cost")
    assert "nothing follows it" in shown_text(page)


def test_the_chosen_candidate_has_its_own_logit() -> None:
    page = open_page(LOGITS, logits_view="writers")
    page.session_state["logits_candidate"] = -1
    page.run()
    assert "Who wrote the logit of **·said** at the end?" in shown_text(page)
    page.session_state["logits_candidate"] = "nonsense"
    assert not page.run().exception


def test_deep_models_show_some_depths_and_always_the_wanted_one() -> None:
    assert depths_of(4, 4) == (0, 1, 2, 3, 4)
    deep = depths_of(48, 7)
    assert {0, 7, 48} <= set(deep)
    assert len(deep) <= 26


def test_a_dot_product_is_written_with_its_largest_terms() -> None:
    vector, row = np.array([1.0, -2.0, 0.1, 3.0]), np.array([0.5, 2.0, 0.1, 1.0])
    assert written_out(vector, row) == "(−2.00)·2.00 + 3.00·1.00 + 1.00·0.50 + 1 more"


@pytest.mark.parametrize("codes", ["b1", "a0,h1.2", "m2", "v1.40x2.0", "b0,b1,b2,b3"])
def test_with_edits_the_parts_are_still_the_logit(codes: str) -> None:
    look, ids = Look(catalogue.BUNDLED, edits=edits_of(codes)), (5, 40, 300, 7)
    parts, heads = lens.parts_of_logit(look, ids, 3, 40)
    assert sum(parts.values()) == pytest.approx(float(next_logits(look, ids)[40]), abs=1e-3)
    assert np.abs(heads[edits_of(codes)[0].layer]).sum() == 0 or codes[0] not in "ab"
    assert not open_page(LOGITS, edits=codes, logits_view="writers").exception
