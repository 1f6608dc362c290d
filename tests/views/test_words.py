import math

import numpy as np
import pytest
import torch

from core.roles import ROLES, HeadScores
from core.tokenizer import train_bpe
from runs import EvalEvent, RunStatus
from views import summaries
from views.runs_seen import curves_of, pace_of, state_sentence
from views.text import percent, prose, safe, shown
from views.vocabulary import piece_name, token_texts


def test_what_a_head_looks_at():
    previous = np.eye(6, k=-1)
    previous[0, 0] = 1.0
    assert "the previous token" in summaries.head_sentence(previous, 1, 2)
    even = np.tril(np.ones((9, 9))) / np.arange(1, 10)[:, None]
    assert "spreads" in summaries.head_sentence(even, 0, 0)


def test_a_head_without_a_mask_that_looks_ahead_is_called_so():
    ahead = np.eye(6, k=1)
    ahead[-1, 0] = 1.0
    assert "the next token" in summaries.head_sentence(ahead, 0, 1)
    column = np.zeros((8, 8))
    column[:, 5] = 1.0  # always the same one, at no fixed distance
    assert "looks at few tokens" in summaries.head_sentence(column, 0, 1)


def scores_with(roles: list[list[str | None]], error: float = 0.011) -> HeadScores:
    """Scores in which head h of layer l plays its role with 0.95, 0.94 in the next layer, and no other."""
    score = torch.tensor([0.95 - 0.01 * layer for layer in range(len(roles))])[:, None]
    played = [torch.tensor([[name == role for name in row] for row in roles]) * score for role in ROLES]
    errors = {role: torch.full(played[0].shape, error) for role in ROLES}
    return HeadScores(*played, chance=dict.fromkeys(ROLES, 0.1), errors=errors, repeat=16, texts=64)


def scored(induction: float, error: float) -> HeadScores:
    """One head with this induction score, and 0.1 everywhere else, which is chance."""
    played = [torch.full((1, 1), induction if role == "induction" else 0.1) for role in ROLES]
    errors = {role: torch.full((1, 1), error) for role in ROLES}
    return HeadScores(*played, chance=dict.fromkeys(ROLES, 0.1), errors=errors, repeat=48, texts=32)


def test_roles_are_counted_with_the_strongest_head_of_each():
    scores = scores_with([["previous token", None], ["previous token", "induction"], ["diffuse", None]])
    sentence = summaries.roles_sentence(scores)
    assert "64 random texts that repeat after 16 tokens, of 6 heads" in sentence
    assert "2 look one token back (strongest layer 0, head 0, with 0.95 ± 0.02)" in sentence
    assert "1 is an induction head (layer 1, head 1, with 0.94 ± 0.02)" in sentence
    assert "2 have no clear role" in sentence
    assert "first token" not in sentence
    assert "No head is an induction head" not in sentence
    assert "1 has no clear role" in summaries.roles_sentence(scores_with([[None]]))
    assert "no clear role" not in summaries.roles_sentence(scores_with([["itself", "first token"]]))


def test_one_head_is_said_in_words_and_in_all_its_scores():
    scores = scores_with([["induction", None]])
    assert summaries.role_of_head(scores, 0, 0) == (
        "looks like an induction head at 16 tokens: 0.95 ± 0.02, which is 0.94 ± 0.02 beyond chance "
        "(threshold 0.40)"
    )
    assert summaries.role_of_head(scores, 0, 1).startswith("has no clear role at 16 tokens")
    line = summaries.scores_of_head(scores, 0, 0)
    assert all(f"{role} {0.95 if role == 'induction' else 0:.2f} ± 0.02" in line for role in ROLES)
    assert "diffuse head at 16 tokens" in summaries.role_of_head(scores_with([["diffuse"]]), 0, 0)


@pytest.mark.parametrize(
    ("induction", "error", "named", "undecided"),
    [
        (0.0, 0.0, False, False),
        (0.42, 0.01, False, False),  # 0.36 beyond chance
        (0.455, 0.01, False, True),  # 0.394
        (0.465, 0.01, True, True),  # 0.406
        (0.465, 0.0, True, False),
        (0.55, 0.02, True, False),
        (1.0, 0.02, True, False),
    ],
)
def test_a_claim_follows_the_score_and_its_error(induction, error, named, undecided):
    scores = scored(induction, error)
    told, all_told = summaries.role_of_head(scores, 0, 0), summaries.roles_sentence(scores)
    assert told.startswith("looks like an induction head at 48 tokens") == named
    assert ("below the threshold of 0.40" in told) == (not named)
    assert ("No head is an induction head at 48 tokens" in all_told) == (not named)
    assert ("within two standard errors" in told) == undecided


def test_the_rule_names_the_chance_and_the_thresholds_that_decide():
    rule = summaries.roles_rule(scored(0.5, 0.01))
    assert all(words in rule for words in ("Beyond chance", "*diffuse*", "0.40", "0.90", "induction 0.10"))


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.42, 0.0061, "0.42 ± 0.01"),
        (0.42, 0.02, "0.42 ± 0.02"),
        (1, 0.0, "1.00 ± 0.00"),
        (0.4, math.nan, "0.40"),
    ],
)
def test_an_error_is_never_said_smaller_than_it_is(value, error, text):
    assert summaries.plus_minus(value, error) == text


def test_an_induction_head_is_said_to_look_up_as_much_as_it_does_in_this_text():
    weights = np.zeros((6, 6))
    weights[3, 1], weights[4, 2], weights[5, 5] = 0.5, 0.25, 1.0
    ids = [7, 8, 9, 7, 8, 8]  # 7 and 8 come again; the last 8 stood right before, and before that at 1
    assert summaries.looked_up(weights, ids) == (pytest.approx(0.25), 3)
    head, other = scores_with([["induction", None]]), (0, 1)
    told = summaries.induction_here(head, weights, ids, 0, 0)
    assert told == "For the 3 tokens that occurred before, 25% of the attention goes to what followed them."
    assert "one token" in summaries.induction_here(head, weights, [7, 8, 9, 7, 1, 2], 0, 0)
    assert summaries.induction_here(head, weights, [1, 2, 3, 4, 5, 6], 0, 0) == ""
    assert summaries.induction_here(head, weights, ids, *other) == ""


def test_attention_that_is_not_a_number_has_no_role():
    assert "not a number" in summaries.role_of_head(scored(math.nan, math.nan), 0, 0)
    assert summaries.roles_sentence(scored(math.nan, math.nan))


def test_what_cannot_be_measured_is_said():
    assert "too short" in summaries.roles_sentence(None)
    assert "has no measured role" in summaries.role_of_head(None, 0, 0)


def test_a_part_of_a_character_is_named_by_its_bytes():
    tokenizer = train_bpe("plain text", 258)
    first = tokenizer.encode("é")[0]
    assert token_texts(tokenizer, [first]) == ["<c3>"]
    assert [piece_name(piece) for piece in tokenizer.pieces("aé")] == ["a", "<c3>", "<a9>"]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (1, "100%"), (0.143, "14%"), (0.003, "0.3%"), (1e-6, "under 0.1%"), (0.9961, "99.6%")],
)
def test_small_shares_are_not_rounded_to_nothing(share: float, text: str):
    assert percent(share) == text


def test_entropy_of_even_chances():
    assert summaries.entropy(np.full(8, 1 / 8)) == pytest.approx(3.0)
    assert summaries.entropy(np.array([1.0, 0.0])) == 0.0


@pytest.mark.parametrize(
    "text",
    ["**b**", "$x$", ":material/home:", "a -> b", ":streamlit:", "<img>", "[a](b)", "# h", "`c`", "a_b_"],
)
def test_no_sign_is_a_command(text: str):
    escaped = safe(text)
    assert escaped.replace("\\", "").replace("\u2060", "") == text
    for sign in "*$:<[`#_/":
        assert sign not in escaped.replace(f"\\{sign}", "")


def test_line_breaks_stay():
    assert prose("a\nb") == "a  \nb"


def test_control_characters_are_written_out():
    assert prose("a\x1bb") == "a\\\\x1bb"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234, "1,234"),
        (0.12345, "0.123"),
        (1e-9, "1.00·10⁻⁹"),
        (2.5e12, "2.50·10¹²"),
        (2.5, "2.5"),
        (0.0, "0"),
        ("a*", "a\\*"),
    ],
)
def test_numbers_as_people_read_them(value, text):
    assert shown(value) == text


def status(state: str, step: int = 50, position: int | None = None) -> RunStatus:
    return RunStatus("0" * 32, "me", state, step, 100, "", 0.0, "key", position)


def test_pace_comes_from_the_evaluations():
    from core.training import TrainEvent

    events = [
        EvalEvent(0, 4.0, 4.0, "", 1.0),
        TrainEvent(0, 512, 4.0, 1.0, 1e-3),
        EvalEvent(50, 3.0, 3.0, "", 6.0),
    ]
    pace = pace_of(events, status("running"))
    assert pace.tokens_per_second == pytest.approx(512 * 50 / 5)
    assert pace.seconds_left == pytest.approx(5.0)
    assert pace_of(events[:1], status("running")) is None


def test_curves_carry_the_line_of_guessing():
    curves = curves_of([EvalEvent(0, 4.0, 4.1, "", 0.0)], 65)
    assert curves.validation == pytest.approx([4.1])
    assert list(curves.marks.values()) == [pytest.approx(math.log(65))]


@pytest.mark.parametrize(
    "state", ["queued", "starting", "running", "paused", "done", "stopped", "diverged", "failed"]
)
def test_every_state_has_a_sentence(state: str):
    assert state_sentence(status(state)).endswith((".", "…"))


def test_a_waiting_run_says_its_place():
    assert "number 3" in state_sentence(status("queued", position=3))
