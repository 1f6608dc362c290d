import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.training import TrainConfig, TrainEvent
from runs import EvalEvent, Recipe, RunStatus
from runs.facts import CheckpointFacts
from views.asked import PATIENCE, SENTENCES, Asked, pending
from views.components.surprise import row_data
from views.inner import gradient_sentence, heads_sentence, job_curve, named_steps
from views.moment import chosen_step
from views.passage import passage_sentence, surprise_of
from views.runs_seen import (
    branch_sentence,
    lost_at,
    rate_sentence,
    sample_at,
    share_copied,
    state_sentence,
    waiting,
)
from views.vocabulary import pieces

RECIPE = Recipe(text="a tale " * 99, train=TrainConfig(learning_rate=0.01, steps=100))


def status(state: str = "running", step: int = 50, **more: object) -> RunStatus:
    return replace(RunStatus("ab" * 16, "me", state, step, 100, "", 0.0, "key"), **more)


def facts(step: int = 0, losses=(2.0, 4.0), gradients=(1e-3, 2e-3)) -> CheckpointFacts:
    return CheckpointFacts(step, [1, 2, 3], list(losses), list(gradients), [[0.1, 0.2]], [[0.3, 0.0]], "")


@pytest.mark.parametrize(
    ("what", "still", "then"),
    [
        ("pause", status("running"), status("paused")),
        ("play", status("paused"), status("queued")),
        ("step", status("queued"), status("paused", 51)),
        ("step", status("paused"), status("diverged", 51)),
        ("stop", status("running"), status("stopped")),
        ("reset", status("running"), status("paused", 0, life=1)),
        ("reset", status("done", 100), status("paused", 0, life=1)),
    ],
)
def test_an_order_is_waited_for_until_it_has_happened(what: str, still: RunStatus, then: RunStatus):
    asked = Asked(what, 10.0, 50, 0)
    assert pending(asked, still, RECIPE, 11.0) is asked
    assert pending(asked, then, RECIPE, 11.0) is None
    assert pending(asked, still, RECIPE, 11.0 + PATIENCE) is None
    assert SENTENCES[what].endswith("…")


def test_a_new_rate_is_waited_for_until_the_recipe_has_it():
    asked = Asked("set_learning_rate", 0.0, 50, 0, 0.002)
    assert pending(asked, status(), RECIPE, 1.0)
    assert pending(asked, status(), RECIPE.with_rate(51, 0.002), 1.0) is None


@pytest.mark.parametrize("nothing", [None, "", 7])
def test_nothing_asked_is_nothing_waited_for(nothing: object):
    assert pending(nothing, status(), RECIPE, 0.0) is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "about 5 s"), (33, "about 35 s"), (59.9, "about 60 s"), (130, "about 2 min")]
)
def test_a_wait_is_told_as_people_tell_it(seconds: float, words: str):
    assert waiting(seconds) == words


def test_a_waiting_run_says_its_place_and_how_long():
    sentence = state_sentence(status("queued", 0, position=3, wait=130.0))
    assert sentence == "Waiting: number 3 in the queue, about 2 min."
    assert state_sentence(status("queued", 0, position=1, wait=0.0)) == "Waiting: number 1 in the queue."


def test_a_changed_rate_says_from_where_and_what_was_before():
    changed = RECIPE.with_rate(40, 0.002)
    assert rate_sentence(status(), RECIPE) == ""
    assert rate_sentence(status(), changed) == "Learning rate 0.002 from step 40 on, 0.01 before."
    assert rate_sentence(status(), RECIPE.with_rate(0, 0.5)).endswith("0.01 before.")
    assert "Branched off from run cdcd" in rate_sentence(status(parent="cd" * 16), changed)
    twice = changed.with_rate(60, 1e-4)
    assert "0.0001 from step 60 on, 0.002 before" in rate_sentence(status(), twice)


def test_a_branch_says_why():
    new = status("queued", 48)
    assert "2 other people watch run abab" in branch_sentence(status(), new, 2, 0.1)
    assert "1 other person watches" in branch_sentence(status(), new, 1, 0.1)
    assert "stays as it is" in branch_sentence(status("diverged"), new, 0, 0.1)
    assert "step 48" in branch_sentence(status(), new, 2, 0.1)


@pytest.mark.parametrize(
    ("losses", "step", "lost"),
    [([6.0, 90.0], 1, True), ([6.0, 7.0], 1, False), ([6.0], 1, True), ([99.0], 0, False)],
)
def test_a_checkpoint_far_worse_than_guessing_is_lost(losses: list[float], step: int, lost: bool):
    updates = [TrainEvent(at, 0, loss, 1.0, 1.0) for at, loss in enumerate(losses)]
    assert lost_at(updates, step, 512) is lost


def test_the_sample_is_that_of_the_chosen_moment():
    evaluations = [EvalEvent(step, 1.0, 1.0, f"at {step}", 0.0) for step in (0, 20, 40)]
    assert sample_at(evaluations, 33).step == 20
    assert sample_at(evaluations, None).step == 40
    assert sample_at(evaluations[1:], 3).step == 20
    assert share_copied("", "") == 0.0
    assert share_copied("abcd", "a") == 0.25


@pytest.mark.parametrize(
    ("step", "known", "there", "chosen"),
    [
        (4, (0, 4), (0, 4, 8), 8),  # who stood at the newest goes on
        (0, (0, 4), (0, 4, 8), 0),
        (0, (0,), (0, 1), 1),  # a run that has just begun
        (4, (0, 4, 8), (0, 8), 8),  # thinned out
        (3, (0, 3, 8), (), None),
    ],
)
def test_the_chosen_checkpoint_follows_the_sidebar(step, known, there, chosen):
    here = SimpleNamespace(choice=SimpleNamespace(key="run", steps=known), step=step)
    assert chosen_step(here, "run", there) == chosen


def test_a_passage_is_told_in_numbers():
    found = surprise_of(facts(9, (0.05, 3.0)), facts(0, (6.0, 6.0)), 512)
    assert (found.mean, found.at_first, found.hardest, found.easy) == (1.525, 6.0, 1, 0.5)
    sentence = passage_sentence(found, 9, 0, "k")
    assert "4.47 less than at step 0" in sentence
    assert "perplexity 4.6" in sentence
    assert "pure guessing" in passage_sentence(replace(found, mean=90.0), 9, 0, "k")
    assert surprise_of(facts(9, (math.nan, math.nan)), facts(), 512) is None


def test_the_first_the_middle_and_the_last_are_named_once():
    assert named_steps([0, 1, 2, 4, 50, 100]) == [0, 50, 100]
    assert named_steps([0]) == [0]
    assert named_steps([0, 1]) == [0, 1]


def test_the_first_block_is_told_beside_the_last():
    assert "0.5 times that of block 1" in gradient_sentence(facts(7))
    assert "block 0 is 0.25" in gradient_sentence(facts(7, gradients=[0.25]))
    assert "block 0" in gradient_sentence(facts(7, gradients=[0.25, math.nan]))


def test_a_job_has_its_best_head_and_the_step_from_which_it_is_done():
    later = replace(facts(100), previous_token=[[0.1, 0.2], [0.9, 0.0]])
    values, head = job_curve([replace(facts(), previous_token=[[0.1, 0.2], [0, 0]]), later], "previous_token")
    assert values == pytest.approx([0.2, 0.9])
    assert head == "layer 1, head 0"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.1, 0.2], "with 0.20 ± 0.02 at 16 tokens: none has reached the threshold of 0.42."),
        ([0.1, 0.9], "0.90 ± 0.02 at 16 tokens: the threshold of 0.42 was first reached at step 100."),
        ([0.5, 0.2], "the threshold of 0.42 was first reached at step 0, and now the best head is below it."),
        ([0.42, 0.42], "first reached at step 0."),
    ],
)
def test_when_a_head_first_had_the_role_is_said_with_the_error(values, words):
    known = {"repeat": 16, "error": 0.0123, "named_from": {"induction": 0.42}}
    measured = [replace(facts(step), **known) for step in (0, 100)]
    assert words in heads_sentence({"induction": (np.array(values), "layer 0, head 0")}, measured)


def test_heads_of_an_older_run_are_said_without_what_was_not_written_down():
    curves = {"induction": (np.array([0.9]), "layer 0, head 0")}
    assert heads_sentence(curves, [facts()]) == "Induction: the best head is layer 0, head 0 with 0.90."


def test_tokens_without_a_number_have_none():
    from core.tokenizer import char_tokenizer

    tokens = pieces(char_tokenizer("abc"), [0, 1, 2])
    row = row_data(tokens, [math.nan, 1.23456, math.inf])
    assert row["nats"] == [None, 1.235, None]
    assert row["texts"] == ["a", "b", "c"]
