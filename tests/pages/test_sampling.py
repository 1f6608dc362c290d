"""The Sampling page: every view says what the model computes, and the path can be walked back and forth."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.cache_savings import kept_bytes
from core.config import TINY, GPTConfig
from core.draws import draw_counts, fit_of
from core.gpt import build_model
from core.repetition import loop_of
from core.sampling import generate, next_token_probs
from core.tokenizer import char_tokenizer
from runs.storyteller import BUNDLED
from tests.pages.conftest import open_page, shown_text
from views import cache, catalogue, next_token
from views.cache import sampling as cached
from views.cache.models import MODELS, SEEN, next_logits
from views.edits import edits_of
from views.look import Look, Sampling
from views.sampling.controls import CACHE, DIVIDE, DRAWS, NEXT, SIDES, VIEWS
from views.sampling.walk import end_of_text
from views.state.linked import FIRST_PROMPT
from views.state.path import MOST
from views.text import percent

SAMPLING = "pages/talking/sampling.py"
LOOK = Look(BUNDLED)


@pytest.fixture(scope="module")
def prompt() -> tuple[int, ...]:
    return tuple(cache.source(LOOK)[1].encode(FIRST_PROMPT))


def path_of(page) -> tuple[int, ...]:
    return tuple(map(int, page.session_state["path"].split("."))) if page.session_state["path"] else ()


def click(page, key: str):
    return page.button(key=key).click().run()


def test_ten_at_once_are_ten_one_by_one_and_the_seeds_own_text(prompt) -> None:
    page = open_page(SAMPLING, sampling_seed=7)
    for _ in range(3):
        click(page, "sampling_1")
    click(page, "sampling_10")
    generator = torch.Generator().manual_seed(7)
    by_hand = tuple(generate(cache.source(LOOK)[0], prompt, 13, temperature=1.0, generator=generator))
    assert path_of(page) == by_hand
    assert not page.exception


def test_the_bars_are_the_models_logits_and_probabilities(prompt) -> None:
    path = (282, 40, 300)
    page = open_page(SAMPLING, path="282.40.300", sampling_temperature=0.5, sampling_top_k=3)
    with torch.inference_mode():
        logits = cache.source(LOOK)[0](torch.tensor([[*prompt, *path]]))[0, -1]
    probs = next_token_probs(logits, temperature=0.5, top_k=3).numpy()
    own = logits.softmax(-1).numpy()
    found = next_token.probabilities(LOOK, (*prompt, *path), Sampling(0.5, 3))
    np.testing.assert_allclose(found, probs, atol=1e-5)
    entropy = -(probs[probs > 0] * np.log2(probs[probs > 0])).sum()
    text = shown_text(page).replace("\\", "")
    assert f"{entropy:.2f} as drawn" in text
    assert "Cut: 2,045 of 2,048 tokens" in text
    tempered = next_token_probs(logits, temperature=0.5).numpy()
    cut = probs == 0  # what the cut took away was a share of what temperature had made of the logits
    shares = f"{percent(tempered[cut].sum())} at this temperature ({percent(own[cut].sum())} by the model"
    assert f"which had {shares} itself)" in text


def test_words_of_ones_own_are_forced_and_the_branch_before_stays(prompt) -> None:
    page = open_page(SAMPLING)
    click(page, "sampling_10")
    long_way = path_of(page)
    page.session_state["path"] = ".".join(map(str, long_way[:4]))
    page.run()
    page.text_input(key="sampling_forced").set_value(" a frog").run()
    frog = tuple(cache.source(LOOK)[1].encode(" a frog"))
    assert path_of(page) == (*long_way[:4], *frog)
    assert set(page.session_state["note_sampling_tree"]) == {long_way, (*long_way[:4], *frog)}
    assert page.text_input(key="sampling_forced").value == ""
    click(page, "sampling_0")
    assert path_of(page) == ()
    assert page.session_state["note_sampling_tree"] == ()


def test_a_full_text_ends() -> None:
    page = open_page(SAMPLING, sampling_written=MOST)
    assert len(path_of(page)) == MOST
    assert page.button(key="sampling_1").disabled
    assert page.button(key="sampling_auto").disabled
    assert not page.button(key="sampling_0").disabled


def test_it_goes_on_by_itself_and_holds() -> None:
    page = open_page(SAMPLING)
    click(page, "sampling_auto")
    assert page.button(key="sampling_auto").label == "Hold"
    page.session_state["path_running"] = (5, 6)
    page.session_state["path_moved"] = -math.inf  # long ago
    page.run()
    assert len(page.session_state["path_running"]) >= 3
    assert page.session_state["path"] == ""  # the address gets no entry for each token
    click(page, "sampling_auto")
    assert path_of(page)[:2] == (5, 6)
    assert page.button(key="sampling_auto").label == "Auto"


def test_what_runs_by_itself_stops_at_the_end_of_a_text() -> None:
    end = end_of_text(cache.source(LOOK)[1])
    assert cache.source(LOOK)[1].decode([end]) == "<|endoftext|>"
    page = open_page(SAMPLING, path=f"5.{end}", path_running=(5, end), path_moved=-math.inf)
    assert "path_running" not in page.session_state
    assert path_of(page) == (5, end)
    assert end_of_text(char_tokenizer("abc<|endoftext|>")) is None


@pytest.mark.parametrize("path", ["nonsense", "5.6.x", "1.99999999", "5.7.999999.4", "9" * 5000, "1." * 5000])
def test_an_address_may_hold_anything(path: str) -> None:
    page = open_page(SAMPLING, path=path)
    assert not page.exception
    assert not page.error
    assert all(token < 2048 for branch in page.session_state["note_sampling_tree"] for token in branch)


def test_an_id_that_no_token_has_ends_the_path_with_a_sentence() -> None:
    page = open_page(SAMPLING, path="5.7.999999.4")
    assert path_of(page) == (5, 7)
    assert "token 999,999, and this model has 2,048" in shown_text(page).replace("\\", "")


def test_another_prompt_begins_again_and_a_younger_model_does_not() -> None:
    page = open_page(SAMPLING, path="5.7")
    page.session_state["step"] = 100
    page.run()
    assert path_of(page) == (5, 7)
    page.text_area(key="prompt").set_value("Once upon a time").run()
    assert path_of(page) == ()
    assert "another prompt" in shown_text(page)


def test_it_draws_as_core_does(prompt) -> None:
    page = open_page(SAMPLING, sampling_view=DRAWS, sampling_seed=5, sampling_temperature=0.8)
    probs = torch.from_numpy(next_token.probabilities(LOOK, prompt, Sampling(0.8, seed=5)))
    fit = fit_of(draw_counts(probs, 1000, 5), probs)
    text = shown_text(page).replace("\\", "")
    assert f"{fit.within} of {fit.compared} tokens lie within 2 deviations" in text
    assert f"Chi-square is {fit.chi_square:.1f}" in text


def test_one_possible_token_leaves_nothing_to_chance() -> None:
    page = open_page(SAMPLING, sampling_view=DRAWS, sampling_temperature=0.0)
    assert "nothing is left to chance" in shown_text(page)


def test_cold_young_models_loop_and_the_page_has_computed_it() -> None:
    page = open_page(
        SAMPLING,
        sampling_view=SIDES,
        step=100,
        sampling_temperature=0.0,
        sampling_count=60,
        sampling_b_top_k=1,
    )
    look = replace(LOOK, step=100)
    model, tokenizer = cache.source(look)
    ids = list(generate(model, tokenizer.encode(FIRST_PROMPT), 60))
    loop = loop_of(ids)
    assert loop is not None
    text = shown_text(page).replace("\\", "")
    assert f"It loops: from token {loop.start + 1} on, {loop.period} tokens again and again" in text
    assert "Both texts are the same, 60 tokens long" in text  # top-k 1 is temperature 0


def test_surprise_is_in_bits_of_the_models_own_probability(prompt) -> None:
    settings, bits = Sampling(1.5), []
    ids = cached.onward(LOOK, prompt, (), 12, settings)
    for place in range(len(ids)):
        own = next_token.probabilities(LOOK, (*prompt, *ids[:place]))
        bits.append(-math.log2(own[ids[place]]))
    assert cached.surprises_of(LOOK, prompt, ids) / math.log(2) == pytest.approx(bits, abs=1e-4)
    page = open_page(SAMPLING, sampling_view=SIDES, sampling_temperature=1.5, sampling_count=10)
    assert f"{np.mean(bits[:10]):.2f} bits a token" in shown_text(page).replace("\\", "")


def test_the_cache_changes_no_id_and_its_price_is_told(prompt) -> None:
    page = open_page(SAMPLING, sampling_view=CACHE, sampling_timed=10)
    text = shown_text(page).replace("\\", "")
    assert "Both wrote the same ids" in text
    assert f"= {kept_bytes(cache.source(LOOK)[0].config, 1):,} bytes a" in text
    found = page.session_state["note_sampling_measured"]
    assert found.kept.ids == found.again.ids == cached.onward(LOOK, prompt, (), 10, Sampling())
    assert all("tokens/s" in metric.value for metric in page.metric)
    page.slider(key="sampling_temperature").set_value(0.5).run()
    assert page.session_state["note_sampling_measured"] is found  # moving a control measures nothing
    click(page, "sampling_measure")
    assert page.session_state["note_sampling_measured"].settings.temperature == 0.5


def test_dividing_probabilities_changes_nothing_after_renormalising() -> None:
    page = open_page(SAMPLING, sampling_view=DIVIDE, sampling_temperature=1.6)
    assert "they add up to 0.625" in shown_text(page).replace("\\", "")
    page.session_state["sampling_divide"] = "÷ T, then renormalise"
    text = shown_text(page.run()).replace("\\", "")
    found = re.search(r"largest difference from the model's own is (exactly 0|[\d.]+·10⁻(\S+))", text)
    assert found
    power = (found[2] or "⁹⁹").rstrip(".").translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    assert int(power) >= 12
    assert "largest difference exactly 0" in text or re.search(r"difference [\d.]+·10⁻¹[2-9]", text)


def test_nothing_is_divided_by_zero() -> None:
    page = open_page(SAMPLING, sampling_view=DIVIDE, sampling_temperature=0.0)
    assert "nothing can be divided by 0" in shown_text(page)
    assert not page.exception


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("codes", ["b1", "h0.1m,v1.40x1.0"])
def test_every_view_is_of_the_model_as_it_is_changed(view: str, codes: str, prompt) -> None:
    page = open_page(SAMPLING, sampling_view=view, edits=codes, path="5.7")
    assert not page.exception
    assert not page.error
    if view == NEXT:
        look = Look(BUNDLED, edits=edits_of(codes), step=page.session_state["here"].step)
        best = next_token.likeliest(
            page.session_state["here"].tokenizer, next_token.probabilities(look, (*prompt, 5, 7)), 1
        )
        assert best[1][0].strip() in shown_text(page)
    if view == CACHE:
        assert "Nothing can be kept here" in shown_text(page)


KINDS = {
    "one of each": {"n_layers": 1, "n_heads": 1},
    "short context": {"context_length": 4},
    "sees the future": {"causal": False},
    "post": {"norm": "post"},
}


@pytest.fixture
def shown_instead(monkeypatch):
    """Show an untrained model of another config under the bundled tokenizer."""

    def show(config: GPTConfig, view: str):
        config = replace(config, vocab_size=2048)
        monkeypatch.setattr(catalogue.storyteller, "open_step", lambda step: build_model(config))
        forget()
        return open_page(
            SAMPLING, model=catalogue.UNTRAINED, prompt="a", sampling_view=view, sampling_written=20
        )

    yield show
    forget()


def forget() -> None:
    for kept in (cached.onward, cached.surprises_of, next_logits, MODELS, SEEN):
        kept.clear()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_has_every_view(shown_instead, kind: str, view: str) -> None:
    page = shown_instead(replace(TINY, **KINDS[kind]), view)
    assert not page.exception
    assert not page.error
    assert len(path_of(page)) == 20
