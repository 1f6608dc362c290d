"""The five views of the Attention page: what they say is what a direct computation finds."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.attention import tempered
from core.attention_cost import crossover, weight_bytes
from core.config import GPT2_SMALL, TINY
from core.gpt import build_model
from core.sampling import last_logits
from core.tokenizer import char_tokenizer
from tests.pages.conftest import open_page, shown_text
from views import cache, catalogue, next_token
from views.attention import far, who
from views.attention.choice import HEAD, VIEWS
from views.attention.cost import memory
from views.attention.steps import STEPS
from views.cache import long_context
from views.cache.models import MODELS, SEEN
from views.lessons import lesson
from views.look import Look
from views.text import percent

ATTENTION = "pages/model/attention.py"
LOOK = Look(catalogue.BUNDLED)
IDS = (5, 40, 300, 7, 12)


@pytest.mark.parametrize("view", [HEAD, *VIEWS])
@pytest.mark.parametrize("prompt", ["The king had a daughter", "a"])
def test_every_view_opens_for_long_and_short_prompts(view: str, prompt: str):
    page = open_page(ATTENTION, attention_view=view, prompt=prompt)
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("view", VIEWS)
def test_only_the_heads_view_needs_a_prompt(view: str):
    page = open_page(ATTENTION, attention_view=view, prompt="")
    assert not page.exception
    assert "Write something" not in shown_text(page)


def test_temperature_moves_the_prediction_as_a_direct_computation_says():
    page = open_page(ATTENTION)
    assert "move 0% of" in shown_text(page)
    page.slider(key="attention_temperature").set_value(3.0).run()
    model, _ = cache.source(LOOK)
    here = page.session_state["here"]
    before, after = (last_logits(model, here.prompt.ids, tap=tempered(t)).softmax(-1) for t in (1.0, 3.0))
    moved = float((before - after).abs().sum() / 2)
    assert f"move {percent(moved)} of" in shown_text(page)
    assert moved > 0.01


def test_a_look_with_a_temperature_is_the_model_with_divided_scores():
    look = replace(LOOK, temperature=0.5)
    model, _ = cache.source(LOOK)
    direct = last_logits(model, IDS, tap=tempered(0.5))
    assert torch.equal(cache.next_logits(look, IDS), direct)
    assert not torch.allclose(cache.next_logits(LOOK, IDS), direct, atol=1e-3)
    seen, plain = (cache.look_at_layer(one, IDS, 0) for one in (look, LOOK))
    scores = plain.head("masked", 0, 0) / 0.5
    expected = np.exp(scores - scores.max(-1, keepdims=True))
    np.testing.assert_allclose(
        seen.head("weights", 0, 0), expected / expected.sum(-1, keepdims=True), atol=1e-5
    )
    assert next_token.probabilities(look, IDS).sum() == pytest.approx(1, abs=1e-5)


def test_roles_stay_those_of_the_trained_temperature():
    assert cache.head_scores(replace(LOOK, temperature=0.2)) is cache.head_scores(LOOK)


@pytest.mark.parametrize("stage", ["Q · K", "÷ √d", "mask", "softmax", "· V"])
def test_every_stage_opens_with_and_without_switches(stage: str):
    page = open_page(ATTENTION, attention_stage=stage, attention_causal=False, attention_scaled=False)
    assert not page.exception
    page.session_state["edits"] = "a0,h1.2"
    assert not page.run().exception


def test_each_step_has_its_words_and_can_be_walked_to():
    words = lesson("attention/by_hand").tries
    assert len(words) == len(STEPS)
    page = open_page(ATTENTION, attention_view="By hand")
    for number, (step, told) in enumerate(zip(STEPS, words, strict=True), 1):
        assert f"**{number}. {told.label}** (book {step.section})" in shown_text(page)
        assert not page.exception
        last = number == len(STEPS)
        assert page.button(key="attention_next").disabled == last
        if not last:
            page.button(key="attention_next").click().run()
    page.button(key="attention_back").click().run()
    assert f"**{len(STEPS) - 1}." in shown_text(page)


def test_the_books_numbers_are_said_for_the_word_that_asks():
    page = open_page(ATTENTION, attention_view="By hand")
    assert "1\\.4950" in shown_text(page)
    assert "its row sums to" not in shown_text(page)  # that is a later step
    page.slider(key="attention_step").set_value(2).run()
    assert "0\\.2379" in shown_text(page)
    page.session_state["attention_word"] = "one"
    page.slider(key="attention_step").set_value(11).run()
    assert "**one** sees 5 of 6" in shown_text(page)
    assert "its row sums to 0\\.7741" in shown_text(page)


def test_the_mask_decides_who_hears_of_a_change():
    page = open_page(ATTENTION, attention_view="Who may look where", attention_word="with")
    assert "behind the mask 3 of 6 " in shown_text(page)
    assert "without it 6" in shown_text(page)


def test_another_text_answers_and_strangers_are_named():
    page = open_page(ATTENTION, attention_view="Who may look where", attention_who="Another text")
    assert "from «winter» of the other text" in shown_text(page)
    assert "(3, 4)" in shown_text(page).replace("\\", "")
    page.text_input(key="attention_asks").set_value("a blorptastic king").run()
    assert "blorptastic" in shown_text(page)
    page.text_input(key="attention_asks").set_value("<b>12 $x$").run()
    assert not page.exception
    page.text_input(key="attention_answers").set_value("").run()
    assert "at least one word" in shown_text(page)
    known, unknown = who.words_of("king " * 30)
    assert (len(known), unknown) == (who.MOST_WORDS, [])


def test_the_models_head_costs_what_its_losses_are():
    page = open_page(ATTENTION, attention_view="Who may look where", attention_who="This model's head")
    here = page.session_state["here"]
    for name, causal in (("only back", True), ("everywhere", False)):
        losses = who.lens.losses(replace(here.look, causal=causal), here.prompt.ids, 128)
        assert f"{name} {losses.mean():.2f}" in shown_text(page).replace("\\", "")


def test_past_the_trained_length_the_storyteller_gets_worse():
    found = long_context.past_the_context(LOOK)
    assert (found.trained, found.read) == (128, 256)
    within, beyond = far.halves(found)
    assert beyond > within + 0.3
    assert far.told(found) in shown_text(open_page(ATTENTION, attention_view="Past the trained length"))


@pytest.fixture
def shown_instead(monkeypatch):
    """Show an untrained model of another config under the bundled tokenizer."""

    def show(**switches: object):
        config = replace(TINY, vocab_size=2048, **switches)
        monkeypatch.setattr(catalogue.storyteller, "open_step", lambda step: build_model(config))
        forget()
        return open_page(ATTENTION, model=catalogue.UNTRAINED, attention_view="Past the trained length")

    yield show
    forget()


def forget() -> None:
    for cached in (long_context.measured, MODELS, SEEN):
        cached.clear()


@pytest.mark.parametrize("position", ["rotary", "sinusoidal", "none"])
def test_positions_that_are_computed_read_on(shown_instead, position: str):
    page = shown_instead(position=position, n_layers=1)
    assert not page.exception
    assert "places 33 to 64, which it never saw" in shown_text(page)


def test_a_learned_table_says_in_its_own_words_that_it_cannot(shown_instead):
    page = shown_instead(position="learned")
    assert "33 tokens are more than context_length 32" in shown_text(page).replace("\\", "")


def test_a_model_that_is_too_large_to_wait_for_is_measured_as_far_as_it_goes(shown_instead, monkeypatch):
    monkeypatch.setattr(long_context, "FLOPS", 5e6)
    page = shown_instead(position="rotary")
    assert not page.exception
    assert "too large to read 64 tokens" in shown_text(page)


def test_the_cost_is_the_sum_that_is_shown():
    page = open_page(ATTENTION, attention_view="What it costs")
    assert page.metric[1].value == "576 MiB"
    page.select_slider(key="attention_length").set_value("4,096").run()
    assert page.metric[1].value == memory(weight_bytes(GPT2_SMALL, 4096)) == "9 GiB"
    assert f"{crossover(GPT2_SMALL):,.0f}" in shown_text(page)


@pytest.mark.parametrize("number", range(4))
def test_each_try_opens_its_view(number: int):
    page = open_page(ATTENTION)
    page.button(key=f"attention_try_{number}").click().run()
    assert not page.exception
    assert page.session_state["attention_view"] == lesson("attention").tries[number].sets["attention_view"]


def test_a_run_reads_the_end_of_its_own_text_and_nothing_that_it_has_no_letters_for(monkeypatch):
    text = "ab" * 1000 + "ba" * 100
    run = SimpleNamespace(recipe=lambda key: SimpleNamespace(corpus_text=text))
    monkeypatch.setattr(long_context, "store", lambda: run)
    monkeypatch.setattr(catalogue, "is_run", lambda store, key: True)
    look, letters = Look("f" * 32), char_tokenizer("ab")
    assert text.endswith(long_context.held_out(look))
    assert len(text) / 12 < len(long_context.held_out(look)) < len(text) / 10
    windows, whose = long_context.windows_of(look, letters, 16, 3)
    assert (tuple(windows.shape), whose) == ((3, 17), long_context.OWN)
    assert long_context.windows_of(look, letters, 500, 3) == (None, "")
    monkeypatch.setattr(long_context, "held_out", lambda look: "")
    assert long_context.windows_of(look, cache.source(LOOK)[1], 500, 3)[1] == long_context.OTHER
