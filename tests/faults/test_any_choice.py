"""Row 60: whatever the controls of Pretraining can be set to begins, learns two steps, and writes."""

from contextlib import contextmanager, nullcontext
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config import GPTConfig
from core.gpt import parameter_count
from core.library import read_text
from runs import Recipe
from runs.prepare import prepared
from runs.training import Training
from runs.trouble import trouble_in
from views import hyper_parameters, recipes, sizes

LIGHT = 512  # tokens a step, in CI: the large models with large batches are for the slow test
TEXT = read_text("grimm")[:60_000]  # long enough for a tenth to hold the longest context


class Controls:
    """In place of Streamlit: writes down what each control offers."""

    def __init__(self) -> None:
        self.offered = {}

    def columns(self, count: int) -> list:
        return [nullcontext()] * count

    def select_slider(self, label: str, options: list, *first: object, key: str, **_: object) -> None:
        self.offered[key] = st.sampled_from(list(options))

    selectbox = select_slider

    def toggle(self, label: str, *first: object, key: str, **_: object) -> None:
        self.offered[key] = st.booleans()

    def number_input(self, label: str, least: int, most: int, first: int, *, key: str, **_: object) -> None:
        self.offered[key] = st.integers(least, most)


@contextmanager
def recorded():
    """The module's own functions make their controls, and we see what they offer."""
    controls = Controls()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hyper_parameters, "st", controls)
        hyper_parameters.hyper_parameters()
    yield controls.offered


with recorded() as offered:
    CHOICES = {key.removeprefix("pretraining_"): values for key, values in offered.items()}
CHOICES |= {"size": st.sampled_from(list(recipes.SIZES.values()))}


def test_60_all_controls_are_tried():
    assert len(CHOICES) == 21
    assert {"rate", "clip", "seed", "context", "batch", "causal", "position", "size"} <= CHOICES.keys()


def recipe_of(chosen: dict) -> Recipe:
    """What the Start button makes of these controls."""
    model = hyper_parameters.model_config(chosen, chosen["size"])
    train = replace(hyper_parameters.train_config(chosen | {"steps": 50}), steps=2)
    common = {"batch_size": chosen["batch"], "eval_every": chosen["evaluate"], "seed": chosen["seed"]}
    return Recipe(text=TEXT, tokenizer=chosen["tokenizer"], model=model, train=train, **common)


def begins_learns_and_writes(recipe: Recipe) -> None:
    training = Training.begin(prepared(recipe))
    steps = list(training.events())
    assert [event.step for event in steps] == [0, 1]
    event = training.evaluate()
    lost = [trouble_in(one, training.prepared.task.choices) for one in (*steps, event)]
    assert any(lost) or event.sample.strip()  # a rate of 10 may explode at once: that is told, not raised


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries(CHOICES))
def test_60_any_choice_begins_learns_and_writes(chosen: dict):
    chosen["batch"] = max(1, min(chosen["batch"], LIGHT // chosen["context"]))
    begins_learns_and_writes(recipe_of(chosen))


@pytest.mark.slow
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries(CHOICES))
def test_60_any_choice_of_any_size_begins_learns_and_writes(chosen: dict):
    begins_learns_and_writes(recipe_of(chosen))


SLIDERS = {one.field: st.integers(one.least, one.most) for one in sizes.CONTROLS}


@given(st.fixed_dictionaries(SLIDERS))
def test_18_and_60_any_sliders_of_the_anatomy_are_a_model_or_told_the_rule(chosen: dict):
    """They can stand at a width that the heads cannot share."""
    if chosen["emb_dim"] % chosen["n_heads"]:
        with pytest.raises(ValueError, match="multiple of n_heads"):
            GPTConfig(**chosen)
        chosen["n_heads"] = 1
    assert parameter_count(GPTConfig(**chosen)) > 0
