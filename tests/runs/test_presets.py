from dataclasses import asdict

import pytest

from runs import Recipe
from runs.prepare import check_recipe
from runs.presets import EXPERIMENTS, PRESETS, Experiment, find_preset

ABOUT = {  # what alone may differ between the recipes of an experiment
    "mask_off": {"model.causal"},
    "no_positions": {"model.position"},
    "no_residual": {"model.residual"},
    "learning_rates": {"train.learning_rate"},
    "overfit": {"corpus", "text"},
    "induction": {"model.n_layers"},
    "gelu_or_relu": {"model.activation"},
}
RECIPES = {
    f"{key}: {label}": recipe
    for key, experiment in EXPERIMENTS.items()
    for label, recipe in experiment.recipes.items()
}


def facts(recipe: Recipe) -> dict[str, object]:
    """All fields of a recipe side by side, those of its parts as `part.field`."""
    flat = {}
    for name, value in asdict(recipe).items():
        inner = value if isinstance(value, dict) else {"": value}
        flat |= {f"{name}.{field}".rstrip("."): one for field, one in inner.items()}
    return flat


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_every_recipe_can_be_trained_and_written_down(recipe: Recipe) -> None:
    assert check_recipe(recipe).warnings == ()
    assert Recipe.from_json(recipe.to_json()) == recipe


@pytest.mark.parametrize("key", EXPERIMENTS)
def test_an_experiment_differs_in_what_it_is_about_and_in_nothing_else(key: str) -> None:
    first, *others = map(facts, EXPERIMENTS[key].recipes.values())
    for other in others:
        assert {name for name in first if first[name] != other[name]} == ABOUT[key]
    assert len({recipe.key() for recipe in EXPERIMENTS[key].recipes.values()}) == 1 + len(others)


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_an_experiment_asks_and_says_what_to_look_at(experiment: Experiment) -> None:
    assert 1 <= len(experiment.recipes) <= 4
    assert experiment.question.endswith("?")
    assert experiment.notice.endswith(".")
    assert not any(letter.isdigit() for letter in experiment.notice)  # numbers are computed, not quoted


def test_an_experiment_has_one_recipe_of_its_own_name() -> None:
    assert ABOUT.keys() == EXPERIMENTS.keys()
    assert list(PRESETS) == ["default", "bundled", "instructions", "instructions_lora", *EXPERIMENTS]
    assert all(PRESETS[key] in experiment.recipes.values() for key, experiment in EXPERIMENTS.items())


def test_a_recipe_that_two_experiments_share_is_trained_once() -> None:
    shared = EXPERIMENTS["no_positions"].recipes["with positions"]
    assert shared.key() == EXPERIMENTS["induction"].recipes["two layers"].key()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("default", "default"),
        ("mask_off", "mask_off"),
        ("Mask off", "mask_off"),
        ("mask-off", "mask_off"),
        (" no positions ", "no_positions"),
        ("no residual, 12 blocks", "no_residual"),
        ("learning rate sweep", "learning_rates"),
        ("learning-rates", "learning_rates"),
        ("overfit a page", "overfit"),
        ("an induction head is born", "induction"),
        ("Induction", "induction"),
    ],
)
def test_a_preset_is_found_however_its_name_is_written(name: str, key: str) -> None:
    assert find_preset(name) == PRESETS[key]


@pytest.mark.parametrize("name", ["nonsense", "", "mask", "with mask"])
def test_an_unknown_preset_is_refused_with_the_keys(name: str) -> None:
    with pytest.raises(ValueError, match=rf"preset is '{name}'.*default.*mask_off.*induction"):
        find_preset(name)
