"""The list of runs and the experiments, without a browser: what a person may do, and what stays theirs."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from runs.presets import EXPERIMENTS, PRESETS
from tests.pages.conftest import open_page, shown_text
from tests.runs.tiny import ENDED, RECIPE, wait_for_state, with_train
from views import cache
from views.text import safe

RUNS, PRETRAINING = "pages/training/runs.py", "pages/training/pretraining.py"
HOSTILE = "<b>x</b> $y^2$ :material/home: [a](b) `c` <img src=x>"
ME, OTHER = "a" * 32, "b" * 32
MINE = replace(with_train(RECIPE, steps=20), seed=271)  # no other test trains the same: it would be joined


@pytest.fixture
def person() -> Iterator[str]:
    """Somebody who has no run yet, and leaves none at work."""
    owner = uuid4().hex
    yield owner
    cache.forget_lists()
    for status in cache.store().runs(owner):
        if status.owner == owner:
            cache.store().command(status.run_id, "stop")
            cache.store().shelf(owner).share(status.run_id, False)
            wait_for_state(cache.store(), status.run_id, *ENDED)  # until then others would join it


@pytest.fixture(scope="module")
def trained() -> str:
    """A run of mine that has been trained."""
    run_id = cache.store().start(MINE, ME)
    wait_for_state(cache.store(), run_id, "done")
    return run_id


def open_runs(owner: str, **state: object) -> AppTest:
    cache.forget_lists()
    page = open_page(RUNS, owner=owner, **state)
    assert not page.exception
    assert not page.error
    return page


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    assert not page.error
    return page


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def entry(owner: str, run_id: str, deleted: bool = False):
    entries = cache.store().shelf(owner).entries(deleted)
    return next((one for one in entries if one.run_id == run_id), None)


def test_a_link_shows_its_run_to_somebody_who_has_none(person: str, trained: str):
    told = shown_text(open_runs(person, model=trained)).replace("\\", "")
    assert "A run is one training" not in told
    assert f"Run {trained[:4]}: " in told
    assert "Done: 20 steps." in told
    assert "1 run is listed, 0 of them yours" in told
    page = open_runs(person, model="f" * 32)  # of another server
    assert "A run is one training" in shown_text(page)


def test_a_first_visit_says_what_runs_are_and_offers_experiments(person: str):
    page = open_runs(person)
    assert "A run is one training" in shown_text(page)
    assert "Train both, compare" in labels(page)


def test_my_run_is_mine_until_i_share_it(trained: str, person: str):
    mine = open_runs(ME)
    assert "Done: 20 steps" in shown_text(mine).replace("\\", "")
    assert "A run is one training" in shown_text(open_runs(person))
    press(mine, "Share with the class")
    theirs = open_runs(person)
    assert f"Run {trained[:4]}" in shown_text(theirs).replace("\\", "")
    assert "Share no longer" not in labels(theirs)
    assert "Hide" in labels(theirs)
    press(mine, "Share no longer")
    assert "A run is one training" in shown_text(open_runs(person))


def test_a_name_is_cut_and_stays_text(trained: str):
    page = open_runs(ME)
    page.text_input(key=f"runs_name_{trained}").set_value(HOSTILE + "z" * 99)
    press(page, "Save")
    name = entry(ME, trained).name
    assert name == (HOSTILE + "z" * 99)[:60]
    assert page.header[0].value == safe(name)
    page.text_input(key=f"runs_name_{trained}").set_value("")
    press(page, "Save")
    assert page.header[0].value.startswith(f"My run {trained[:4]}")


def test_pin_and_unpin(trained: str):
    page = press(open_runs(ME), "Pin")
    assert entry(ME, trained).pinned
    press(page, "Unpin")
    assert not entry(ME, trained).pinned


def test_a_deleted_run_can_be_brought_back_at_once_and_later(trained: str):
    page = press(open_runs(ME, model=trained), "Delete")
    assert entry(ME, trained) is None
    assert entry(ME, trained, deleted=True)
    assert page.session_state["model"] == "storyteller"
    assert "is deleted" in shown_text(page)
    press(page, "Undo")
    assert entry(ME, trained)
    assert "is deleted" not in shown_text(page)
    press(page, "Delete")
    press(open_runs(ME), "Restore")
    assert entry(ME, trained)


def test_runs_are_laid_over_each_other_from_the_list(trained: str, person: str):
    store = cache.store()
    other = store.start(MINE, person)  # the same recipe: one run
    assert other == trained
    more = store.start(replace(RECIPE, seed=7, train=replace(RECIPE.train, steps=20)), person)
    page = open_runs(person, runs_chosen=trained)
    press(page, "Compare")
    assert page.session_state["model"] == trained
    page.session_state["runs_chosen"] = more
    press(page.run(), "Compare")
    assert page.session_state["compare"] == more
    press(page, "Compare no longer")
    assert page.session_state["compare"] == ""


@pytest.mark.parametrize(
    "compare", ["../../etc/passwd", "0" * 32, "'; DROP TABLE runs; --", "a" * 9999, ",,,", "🙂" * 50]
)
def test_hostile_ids_in_the_address_do_no_harm(trained: str, compare: str):
    open_runs(ME, model=trained, compare=compare, runs_chosen=compare)
    page = open_page(PRETRAINING, owner=ME, model=trained, compare=compare)
    assert not page.exception


def test_a_run_that_is_not_here_is_left_out_with_a_notice(trained: str):
    page = open_page(PRETRAINING, owner=ME, model=trained, compare="0" * 32)
    assert "left out" in shown_text(page)


def test_an_experiment_pressed_twice_starts_once_and_is_shared(person: str):
    page = open_runs(person)
    press(page, "Train both, compare")
    chosen, other = page.session_state["model"], page.session_state["compare"]
    page = open_page(PRETRAINING, owner=person)
    page.button(key="experiment_start").click().run()
    assert [page.session_state["model"], page.session_state["compare"]] == [chosen, other]
    store = cache.store()
    assert {status.run_id for status in store.runs(person)} == {chosen, other}
    assert store.recipe(chosen) == PRESETS["mask_off"]
    assert all(entry(person, run_id).shared for run_id in (chosen, other))
    assert EXPERIMENTS["mask_off"].notice in shown_text(page)
    joined = open_page(PRETRAINING, owner=OTHER)
    joined.button(key="experiment_start").click().run()
    assert joined.session_state["model"] == chosen
    store.shelf(OTHER).delete(chosen)


def test_too_many_runs_become_one_sentence_and_nothing_is_lost(person: str):
    store = cache.store()
    long = [
        store.start(replace(RECIPE, seed=100 + n, train=replace(RECIPE.train, steps=100_000)), person)
        for n in range(4)
    ]
    page = open_page(PRETRAINING, owner=person, model=long[0], compare=long[1])
    page.button(key="experiment_start").click().run()
    assert not page.exception
    assert "the most for one person" in shown_text(page)
    assert page.session_state["model"] == long[0]
    assert page.session_state["compare"] == long[1]
