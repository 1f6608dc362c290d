"""Step, reset and a new learning rate: what they change, for whom, and that a run can still be replayed."""

import math
from dataclasses import replace

import pytest

from core.training import TrainEvent
from runs import NotAllowedError, NotThereError, Recipe
from runs.facts import fingerprint
from runs.prepare import prepared
from runs.training import Training
from tests.runs.tiny import ENDED, wait_for_state, wait_until, with_train


def updates(store, run_id):
    return [event for event in store.events(run_id) if isinstance(event, TrainEvent)]


def replayed(recipe):
    """The recipe trained in this process: its events, and a fingerprint of its last weights."""
    training = Training.begin(prepared(recipe))
    return list(training.events()), fingerprint(training.model.parameters())


def assert_replays(store, run_id):
    events, weights = replayed(store.recipe(run_id))
    assert updates(store, run_id) == events
    assert store.facts(run_id)[-1].fingerprint == weights


def started(store, recipe, owner="ada", at=1):
    """A run that is somewhere in the middle."""
    run_id = store.start(recipe, owner)
    wait_until(lambda: store.status(run_id).step >= at)
    return run_id


@pytest.fixture
def slow(recipe):
    return with_train(replace(recipe, eval_every=5), steps=150)  # slow enough to be caught in the act


def test_one_step_at_a_time_is_the_same_training(live, recipe):
    recipe = with_train(replace(recipe, seed=5), steps=4)
    run_id = live.start(recipe, "ada")
    live.command(run_id, "pause")
    wait_for_state(live, run_id, "paused", "done")
    while live.status(run_id).state == "paused":
        before = live.status(run_id).step
        live.command(run_id, "step")
        wait_for_state(live, run_id, "paused", "done")
        assert live.status(run_id).step == before + 1
        report = live.reports(run_id)[-1]
        assert report.step == before
        assert len(report.losses) == recipe.batch_size
        assert report.changes[0].before != report.changes[0].after
    assert live.status(run_id).state == "done"
    assert_replays(live, run_id)


def test_a_running_run_takes_one_more_step_and_rests(live, slow):
    run_id = started(live, replace(slow, seed=6))
    live.command(run_id, "step")
    status = wait_for_state(live, run_id, "paused")
    assert live.reports(run_id)[-1].step == status.step - 1
    live.command(run_id, "play")
    wait_for_state(live, run_id, *ENDED)
    assert_replays(live, run_id)


def test_a_new_rate_in_mid_run_is_an_event_of_the_recipe(live, slow):
    slow = replace(slow, seed=7)
    run_id = started(live, slow, at=5)
    assert live.command(run_id, "set_learning_rate", 1e-4) == run_id
    wait_for_state(live, run_id, *ENDED)
    (change,) = live.recipe(run_id).rate_changes
    assert change[1] == 1e-4
    assert 5 <= change[0] < 150
    assert max(event.learning_rate for event in updates(live, run_id)[change[0] :]) <= 1e-4
    assert_replays(live, run_id)
    assert live.status(run_id).key == live.recipe(run_id).key()
    assert live.start(slow, "bob") != run_id  # whoever wants the old recipe gets the old recipe


def test_a_paused_run_takes_a_new_rate_at_once(live, slow):
    run_id = started(live, replace(slow, seed=8), at=5)
    live.command(run_id, "pause")
    step = wait_for_state(live, run_id, "paused").step
    live.command(run_id, "set_learning_rate", 2e-3)
    live.command(run_id, "set_learning_rate", 1e-3)  # the later counts
    assert live.recipe(run_id).rate_changes == ((step, 1e-3),)
    live.command(run_id, "play")
    wait_for_state(live, run_id, *ENDED)
    assert_replays(live, run_id)


def test_others_keep_their_run_when_one_wants_another_rate(live, slow):
    slow = replace(slow, seed=9)
    run_id = started(live, slow, at=5)
    assert live.start(slow, "bob") == run_id
    branch = live.command(run_id, "set_learning_rate", 1e-4, by="bob")
    assert branch != run_id
    assert live.status(branch).owner == "bob"
    assert live.status(branch).parent == run_id
    for one in (run_id, branch):
        wait_for_state(live, one, *ENDED)
        assert_replays(live, one)
    assert live.recipe(run_id) == slow
    (change,) = live.recipe(branch).rate_changes
    assert updates(live, branch)[: change[0]] == updates(live, run_id)[: change[0]]
    kept = [step for step in live.checkpoints(run_id) if step <= change[0]]
    assert live.checkpoints(branch)[: len(kept)] == kept


def test_a_diverged_run_goes_back_and_learns_slower(live, recipe):
    recipe = with_train(replace(recipe, seed=10), learning_rate=1e3, clip_norm=None, schedule="constant")
    run_id = live.start(recipe, "ada")
    status = wait_for_state(live, run_id, *ENDED)
    assert status.state == "diverged"
    branch = live.command(run_id, "set_learning_rate", 1e-3)
    assert branch != run_id
    assert wait_for_state(live, branch, *ENDED).state == "done"
    begun = live.recipe(branch).rate_changes[0][0]
    assert begun <= status.step
    assert all(event.loss < 2 * math.log(27) for event in updates(live, branch)[:begun])  # a good checkpoint
    assert_replays(live, branch)
    assert live.status(run_id).state == "diverged"  # the lesson stays


def test_a_finished_run_has_no_step_left_for_a_new_rate(live, recipe):
    run_id = live.start(with_train(replace(recipe, seed=11), steps=3), "ada")
    wait_for_state(live, run_id, "done")
    with pytest.raises(ValueError, match="anew"):
        live.command(run_id, "set_learning_rate", 1e-4)


def test_a_reset_begins_again_at_step_0_and_rests(live, slow):
    slow = replace(slow, seed=12)
    run_id = started(live, slow, at=5)
    live.command(run_id, "set_learning_rate", 1e-4)
    live.command(run_id, "reset")
    wait_until(lambda: live.status(run_id).life == 1)
    status = live.status(run_id)
    assert (status.state, status.step) == ("paused", 0)
    assert (live.events(run_id), live.checkpoints(run_id), live.reports(run_id)) == ([], [], [])
    assert live.recipe(run_id) == slow
    live.command(run_id, "play")
    wait_for_state(live, run_id, *ENDED)
    assert_replays(live, run_id)
    live.command(run_id, "reset")  # after the end, too
    assert (live.status(run_id).state, live.status(run_id).life) == ("paused", 2)


def test_a_reset_of_what_others_watch_is_refused(store, recipe):
    run_id = store.start(recipe, "ada")
    store.start(recipe, "bob")
    for person in ("ada", "bob"):
        with pytest.raises(NotAllowedError, match="2 people"):
            store.command(run_id, "reset", by=person)


def test_what_has_no_checkpoint_cannot_branch_off(store, recipe):
    run_id = store.start(recipe, "ada")
    store.command(run_id, "stop")
    with pytest.raises(NotThereError, match="no checkpoint"):
        store.command(run_id, "set_learning_rate", 1e-4)
    assert [folder.name for folder in (store.home.folder / "runs").iterdir() if folder.name != run_id] == []


def test_a_waiting_run_takes_a_new_rate_from_its_first_step(store, recipe):
    run_id = store.start(recipe, "ada")
    store.command(run_id, "set_learning_rate", 1e-4)
    assert store.recipe(run_id).rate_changes == ((0, 1e-4),)


def test_a_recipe_knows_which_rate_is_in_force(recipe):
    changed = recipe.with_rate(50, 1e-3).with_rate(80, 2e-3).with_rate(60, 5e-4)
    assert changed.rate_changes == ((50, 1e-3), (60, 5e-4))
    assert changed.train_at(0) == (recipe.train, 50)
    assert changed.train_at(50)[0].learning_rate == 1e-3
    assert changed.train_at(55)[1] == 60
    assert changed.train_at(199) == (replace(recipe.train, learning_rate=5e-4), 200)
    assert Recipe.from_json(changed.to_json()) == changed
    assert changed.key() != recipe.key() == changed.as_begun().key()
    with pytest.raises(ValueError, match="rise"):
        replace(recipe, rate_changes=((5, 1e-3), (5, 1e-4)))
    with pytest.raises(ValueError, match="learning rate"):
        replace(recipe, rate_changes=((5, float("nan")),))
