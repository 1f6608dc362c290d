"""What each part of the Activations page says and does, on real input."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.config import TINY, GPTConfig
from core.gpt import build_model
from core.layers import relu
from runs import Recipe
from runs.storyteller import BUNDLED
from tests.pages.conftest import open_page, shown_text
from tests.runs.tiny import ENDED, RECIPE, wait_for_state
from views import cache, catalogue
from views.activations.curves import on_slider
from views.activations.neurons import half_from
from views.cache import neurons
from views.cache.models import MODELS, SEEN
from views.edits import edits_of
from views.look import Look
from views.text import percent
from views.vocabulary import token_text

PAGE = "pages/model/activations.py"
VIEWS = ("curves", "neurons", "apart", "bends")
KINDS = {
    "post": {"norm": "post"},
    "no norm": {"norm": "none"},
    "no residual": {"residual": False},
    "one of each": {"n_layers": 1, "n_heads": 1},
    "relu": {"activation": "relu"},
    "no mask": {"causal": False},
}


@pytest.fixture
def of_another_kind(monkeypatch):
    """Show an untrained model of another config under the bundled tokenizer."""

    def show(config: GPTConfig, **state: object):
        config = replace(config, vocab_size=2048)
        monkeypatch.setattr(catalogue.storyteller, "open_step", lambda step: build_model(config))
        forget()
        return open_page(PAGE, model=catalogue.UNTRAINED, **state)

    yield show
    forget()


def forget() -> None:
    cached = (MODELS, SEEN, neurons.READ, neurons.moved, neurons.lengths_added)
    for one in (*cached, cache.units, cache.next_logits, cache.logits_with_activation):
        one.clear()


def activations(**state: object):
    page = open_page(PAGE, **state)
    assert not page.exception
    assert not page.error
    return page


def layer_of(layer: int) -> tuple[np.ndarray, np.ndarray]:
    """The prompt's numbers before and after the bend, from the model itself."""
    here = activations().session_state["here"]
    seen = cache.look_inside(here.look, here.prompt.ids)
    return seen[f"blocks.{layer}.ffn.hidden"], seen[f"blocks.{layer}.ffn.activated"]


def test_the_books_lowest_point_and_the_two_gelus():
    text = shown_text(activations()).replace("\\", "")
    assert "lowest point: -0.16997 at x = -0.75179" in text
    assert "differ by at most 4.73·10⁻⁴" in text


def test_two_gelus_are_told_apart_by_a_number():
    page = activations(activations_x=2.0, activations_curves=["gelu", "gelu_tanh"])
    told = re.search(r"difference of the GELUs \*\*([\d.e-]+)\*\*", shown_text(page)).group(1)
    x = torch.tensor([2.0])
    difference = torch.nn.functional.gelu(x) - torch.nn.functional.gelu(x, approximate="tanh")
    assert float(told) == pytest.approx(difference.abs().item(), rel=1e-2)


def test_the_shares_are_those_of_the_layer():
    before, after = layer_of(2)
    text = shown_text(activations(layer=2))
    assert f"{(before < 0).mean():.0%} of all numbers are below 0" in text
    assert f"{(np.abs(after) < 0.2).mean():.0%} are nearer to 0" in text
    assert f"{(before < 0).all(axis=0).sum()} of {before.shape[1]} neurons are below 0 for every" in text


@pytest.mark.parametrize(("x", "place"), [(1.02, 1.0), (-0.76, -0.75), (99, 4.0), (-1e300, -4.0)])
def test_a_click_into_the_curves_is_a_place_of_the_slider(x: float, place: float):
    assert on_slider(x) == place


def table_rows(page) -> list[tuple[float, str]]:
    [table] = [one.value for one in page.markdown if one.value.startswith("| highest")]
    rows = re.findall(r"^\| (−?[\d.]+) \| (.*) \|$", table, re.MULTILINE)
    return [(float(value.replace("−", "-")), words) for value, words in rows]


def test_the_places_of_a_neuron_are_the_highest_of_the_text():
    page = activations(activations_view="neurons", activations_neuron=5, layer=1)
    rows = table_rows(page)
    here = page.session_state["here"]
    read = neurons.fired(here.look)
    model, trace = cache.model_of(here.look), {}
    with torch.inference_mode():
        model.final_vectors(read.windows, trace.setdefault)
    numbers = trace["blocks.1.ffn.hidden"][..., 5].flatten()
    best = numbers.topk(len(rows))
    assert [value for value, _ in rows] == pytest.approx(best.values.tolist(), abs=0.006)
    token = token_text(here.tokenizer, int(read.windows.flatten()[best.indices[0]]))
    marked = re.search(r":orange-background\[(.*?)\]", rows[0][1]).group(1).replace("\\", "")
    assert marked.strip() == token.strip().replace("\n", "↵")
    share = (numbers > 0).float().mean().item()
    assert f"above 0 at {percent(share)} of {read.firing.tokens:,} tokens" in shown_text(page).replace(
        "\\", ""
    )


def test_the_dead_are_counted_in_the_larger_text():
    page = activations(activations_view="neurons", layer=2)
    read = neurons.fired(page.session_state["here"].look)
    dead = int((read.firing.above[2] == 0).sum())
    assert read.firing.tokens >= 4000
    assert f"{dead} of 768 neurons of layer 2" in shown_text(page)


def test_a_dead_neuron_says_so():
    look = activations().session_state["here"].look
    layer, neuron = torch.nonzero(neurons.fired(look).firing.dead)[0].tolist()
    page = activations(activations_view="neurons", layer=layer, activations_neuron=neuron)
    assert "never above 0 in this text" in shown_text(page)
    assert len(table_rows(page)) == 1


def test_a_neuron_that_a_smaller_model_does_not_have_becomes_another():
    page = activations(activations_view="neurons", activations_neuron=100_000)
    assert 0 <= page.number_input(key="activations_neuron").value < 768


def test_edits_of_one_place_are_left_out_of_the_larger_text_and_others_are_not():
    plain = neurons.fired(Look(BUNDLED))
    assert neurons.fired(Look(BUNDLED, edits=edits_of("v1.40x2.0@3"))) is plain
    changed = neurons.fired(Look(BUNDLED, edits=edits_of("a0")))
    assert not torch.equal(changed.firing.values[0], plain.firing.values[0])


def test_what_the_strongest_neurons_add():
    page = activations(activations_view="neurons", layer=3)
    here = page.session_state["here"]
    weight = cache.model_of(here.look).trf_blocks[3].ff.layers[2].weight  # (C, 4C)
    after = torch.tensor(layer_of(3)[1][here.token])
    lengths = (weight * after).pow(2).mean(dim=0).sqrt()
    strongest = int(lengths.argmax())
    assert f"Most: {strongest} (" in shown_text(page).replace("\\", "")
    assert f"adds {lengths.max():.3f})" in shown_text(page)
    assert half_from(np.array([1.0, 1.0, 2.0, 0.0])) == 1
    assert half_from(np.ones(4)) == 2


def test_the_feed_forward_moves_one_token_and_attention_the_later_ones():
    page = activations(activations_view="apart", token=7)
    count = len(page.session_state["here"].prompt.ids)
    text = shown_text(page)
    assert f"answers {count - 1} of {count - 1} other tokens exactly as before" in text
    assert "largest change among them is 0." in text
    assert f"Attention answers {count - 8} of them differently" in text
    page.slider(key="activations_source").set_value(7).run()
    assert "gets its own vector" in shown_text(page)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_is_shown(of_another_kind, kind: str, view: str):
    page = of_another_kind(replace(TINY, **KINDS[kind]), activations_view=view)
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("prompt", ["", "a", "x " * 400])
def test_prompts_of_any_length(view: str, prompt: str):
    page = activations(prompt=prompt, activations_view=view)
    assert ("needs at least 1" in shown_text(page)) == (prompt == "")
    assert ("no others beside it" in shown_text(page)) == (prompt == "a" and view == "apart")


@pytest.mark.parametrize("number", range(4))
def test_every_try_opens_its_part(number: int):
    page = activations()
    page.button(key=f"activations_try_{number}").click().run()
    assert not page.exception
    assert page.session_state["activations_view"] == ("curves", "neurons", "apart", "bends")[number]


def test_another_bend_is_the_model_with_it():
    page = activations(activations_view="bends", activations_swap="relu")
    here = page.session_state["here"]
    with_relu = cache.logits_with_activation(here.look, here.prompt.ids, "relu").softmax(-1)
    plain = cache.next_logits(here.look, here.prompt.ids).softmax(-1)
    moved = (with_relu - plain).abs().sum().item() / 2
    assert f"With ReLU in place of GELU (tanh), {moved:.1%}" in shown_text(page).replace("\\", "")
    assert relu(torch.tensor(-1.0)) == 0


def test_the_button_leads_to_two_short_trainings():
    page = activations(activations_view="bends")
    page.button(key="activations_train").click().run()
    assert not page.exception
    assert page.session_state["experiment_chosen"] == "gelu_or_relu"


def with_text(tokenizer: str) -> Recipe:
    return replace(RECIPE, tokenizer=tokenizer, train=replace(RECIPE.train, steps=2))


@pytest.mark.parametrize("tokenizer", ["char", "word"])
def test_a_run_is_asked_in_its_own_text(tokenizer: str):
    run_id = cache.store().start(with_text(tokenizer), "d" * 32)
    wait_for_state(cache.store(), run_id, *ENDED)
    page = activations(owner="d" * 32, model=run_id, activations_view="neurons")
    recipe = cache.store().recipe(run_id)
    read = neurons.fired(page.session_state["here"].look)
    tokenizer = page.session_state["here"].tokenizer
    assert tokenizer.decode(read.windows[0].tolist()).split()[0] in recipe.corpus_text
    assert page.markdown
