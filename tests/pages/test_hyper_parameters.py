"""The controls of a recipe: untouched, they are the default recipe, which a whole class shares."""

from runs import Recipe
from tests.pages.conftest import open_page
from views.hyper_parameters import UNCLIPPED, train_config

CHOSEN = {"rate": 5e-3, "decay": 0.1, "steps": 400, "warmup": 20, "schedule": "cosine", "clip": 1.0}


def test_the_first_choices_are_the_default_recipe():
    assert train_config(CHOSEN) == Recipe.preset().train


def test_no_clipping():
    assert train_config(CHOSEN | {"clip": UNCLIPPED}).clip_norm is None


def test_start_without_a_change_trains_the_default(monkeypatch):
    started = []
    monkeypatch.setattr("views.recipes.begin", lambda recipe, click=None: started.append(recipe))
    page = open_page("pages/training/pretraining.py")
    page.button(key="pretraining_start").click().run()
    assert not page.exception
    assert [recipe.key() for recipe in started] == [Recipe.preset().key()]
