"""A comparison on whatever model and prompt: an outcome that can be shown, or a sentence of what to do."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core.config import TINY, GPTConfig
from core.tokenizer import char_tokenizer, word_tokenizer
from tests.views.card_models import COMPARED, made, storyteller
from views import catalogue
from views.cards.card import Outcome, words_of
from views.cards.home import held_by, reached
from views.edits import edits_of
from views.here import Here
from views.phrases import fill
from views.state.linked import FIRST_PROMPT

KINDS = {
    "learned": {},
    "rotary": {"position": "rotary"},
    "sinusoidal, tied": {"position": "sinusoidal", "tie_weights": True},
    "no positions": {"position": "none"},
    "post": {"norm": "post"},
    "no norm": {"norm": "none"},
    "no residual": {"residual": False, "norm": "none", "n_layers": 3},
    "no mask": {"causal": False, "scale_scores": False},
    "one of each": {"n_layers": 1, "n_heads": 1},
    "one number": {"emb_dim": 1, "n_heads": 1, "norm": "none"},
    "relu": {"activation": "relu", "qkv_bias": True},
}
BY_KEY = {card.key: card for card in COMPARED}


def outcome_of(card, here: Here) -> Outcome | None:
    """What comes out, checked for being fit to be shown; None for a sentence in a learner's words."""
    try:
        outcome = card.compare(here)
    except ValueError as error:
        assert re.fullmatch(r"[A-Z].*\.", str(error))  # noqa: PT017
        return None
    words = words_of(card.key)
    assert 0 <= outcome.held < len(words.predictions)
    for text in (words.explanation, words.otherwise):
        assert "nan" not in fill(text, outcome.numbers).split()
    assert outcome.seen
    assert outcome.figure.data
    assert len(outcome.figure.to_json()) < 40_000
    return outcome


@pytest.mark.parametrize("card", COMPARED, ids=lambda card: card.key)
def test_an_untrained_model(card):
    assert outcome_of(card, storyteller(key=catalogue.UNTRAINED))


@pytest.mark.parametrize(
    "text", ["", "The", "a a a a a a a a a a a a a", "👩‍👩‍👧 <b>*_`$x$ \x00", "x" * 3000]
)
@pytest.mark.parametrize("card", COMPARED, ids=lambda card: card.key)
def test_an_odd_prompt(card, text: str):
    found = outcome_of(card, storyteller(text))
    needs_none = card.key in ("two_counts", "tie", "past", "ignored")
    assert text or (found is not None) == needs_none


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_of_any_kind(kind: str, monkeypatch: pytest.MonkeyPatch):
    tokenizer = char_tokenizer(FIRST_PROMPT)
    config = replace(TINY, vocab_size=tokenizer.vocab_size, **KINDS[kind])
    with made(monkeypatch, config, tokenizer) as here:
        found = [card.key for card in COMPARED if outcome_of(card, here)]
    assert len(found) >= len(COMPARED) - 9  # one needs an end token


def test_a_model_of_words(monkeypatch: pytest.MonkeyPatch):
    tokenizer = word_tokenizer(FIRST_PROMPT)
    with made(monkeypatch, replace(TINY, vocab_size=tokenizer.vocab_size), tokenizer) as here:
        assert BY_KEY["space"].compare(here).held == 0  # words are all that it reads
        assert all(outcome_of(card, here) or card.key != "order" for card in COMPARED)


def test_without_heads_to_cut_or_norms_or_numbers_it_is_said(monkeypatch: pytest.MonkeyPatch):
    tokenizer = char_tokenizer(FIRST_PROMPT)
    small = replace(TINY, vocab_size=tokenizer.vocab_size)
    for changes, key, sentence in (
        ({"n_heads": 1}, "split", "one head"),
        ({"n_heads": 1}, "transpose", "one head"),
        ({"norm": "none"}, "biased", "without norms"),
        ({"scale_scores": False}, "scale", "without the division"),
    ):
        one = made(monkeypatch, replace(small, **changes), tokenizer)
        with one as here, pytest.raises(ValueError, match=sentence):
            BY_KEY[key].compare(here)


def test_a_large_model_is_not_built_for_one_look():
    here = replace(storyteller(), config=GPTConfig(emb_dim=768, n_heads=12, n_layers=12))
    with pytest.raises(ValueError, match="smaller model"):
        BY_KEY["ten"].compare(here)


def test_a_learned_table_ends_and_a_rotation_does_not(monkeypatch: pytest.MonkeyPatch):
    tokenizer = char_tokenizer(FIRST_PROMPT)
    small = replace(TINY, vocab_size=tokenizer.vocab_size)
    monkeypatch.setattr("views.cache.long_context.read_text", lambda key: FIRST_PROMPT * 9)
    with made(monkeypatch, small, tokenizer) as here:
        outcome = BY_KEY["past"].compare(here)
        assert outcome.held == 0
        assert "more than context_length" in outcome.numbers["answer"]
    with made(monkeypatch, replace(small, position="rotary"), tokenizer) as here:
        assert BY_KEY["past"].compare(here).held == 2  # untrained: nothing to lose


def test_the_untrained_model_answers_with_what_it_has_just_read():
    outcome = BY_KEY["shift"].compare(storyteller(key=catalogue.UNTRAINED))
    assert outcome.held == 1  # input and output share one table
    assert BY_KEY["order"].compare(storyteller(key=catalogue.UNTRAINED)).held == 2


def test_what_was_changed_by_hand_is_what_is_compared():
    here = storyteller()
    changed = replace(here, edits=edits_of("b0,b1,b2,b3,b4,b5"))
    for key in ("shift", "ten", "reorders", "order"):
        one, other = (BY_KEY[key].compare(at).numbers for at in (here, changed))
        assert one != other
    assert BY_KEY["order"].compare(changed).held == 2  # no block is left to move anything


def test_the_chosen_place_is_what_is_compared():
    for key in ("minus_infinity", "three_matrices", "split", "loud"):
        one, other = (BY_KEY[key].compare(storyteller(layer=layer)).numbers for layer in (0, 3))
        assert one != other
    one, other = (BY_KEY["transpose"].compare(storyteller(head=head)).numbers for head in (0, 5))
    assert one["last"] < other["first"]


def test_the_swap_is_of_two_different_tokens_and_the_last_one_stays():
    found = BY_KEY["order"].compare(storyteller("king king the the the")).numbers
    assert (found["first"], found["second"]) == ("·king", "·the")
    with pytest.raises(ValueError, match="are the same"):
        BY_KEY["order"].compare(storyteller(" the the the"))


def test_a_life_is_of_the_chosen_run_where_it_has_steps(monkeypatch: pytest.MonkeyPatch):
    here = storyteller()
    assert BY_KEY["gibberish"].compare(here).numbers["steps"] == 2500
    untrained = storyteller(key=catalogue.UNTRAINED)
    assert BY_KEY["gibberish"].compare(untrained).numbers["steps"] == 2500  # it has no life of its own
    short = replace(here, choice=replace(here.choice, steps=(0, 10, 100)))
    assert BY_KEY["gibberish"].compare(short).numbers["steps"] == 100


def test_early_late_and_evenly():
    jump, line, late = np.array([0, 0.9, 1]), np.array([0, 0.5, 1]), np.array([0, 0.0, 1])
    assert [reached(pairs) for pairs in (jump, line, late)] == [1, 1, 2]
    assert held_by(jump, 0.05) == 0
    assert held_by(line, 0.5) == 1
    assert held_by(late, 1.0) == 2
    assert held_by(np.array([0.5, 0.4, 0.5]), 0.0) == 1  # nothing was learned
