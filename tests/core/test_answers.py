import math
from itertools import islice

import pytest
import torch

from core.answers import (
    Answer,
    Score,
    answer,
    answer_items,
    is_exact,
    response_surprise,
    score,
    score_by_family,
    until_end,
)
from core.config import TINY, GPTConfig
from core.gpt import GPTModel, build_model
from core.instruct import Example, encode_item, end_token, instruction_batches
from core.instructions import Item
from core.templates import PLAIN
from core.tokenizer import train_bpe
from core.training import TrainConfig, train

ITEMS = [
    Item("Say the opposite.", "hot", "cold", "opposite"),
    Item("Say the opposite.", "big", "small", "opposite"),
    Item("Count the words.", "cat cat", "two", "count"),
]
TOKENIZER = train_bpe(" ".join(" ".join(item[:3]) for item in ITEMS) * 3, 300)
END = end_token(TOKENIZER)


def taught(*, end_in_targets: bool) -> GPTModel:
    """A small model that has learned three items by heart."""
    model = build_model(
        GPTConfig(vocab_size=TOKENIZER.vocab_size, context_length=48, emb_dim=32, n_layers=1, drop_rate=0.0)
    )
    examples = [encode_item(item, PLAIN, TOKENIZER, 48) for item in ITEMS]
    batches = instruction_batches(examples, END, 3, mask_prompt=True, end_in_targets=end_in_targets)
    list(train(model, batches, TrainConfig(steps=60, learning_rate=1e-2)))
    return model


def test_a_model_answers_and_stops_and_without_the_end_in_its_targets_it_never_does() -> None:
    found = {}
    for end in (True, False):
        answers = list(answer_items(taught(end_in_targets=end), ITEMS, PLAIN, TOKENIZER, END, 12))
        found[end] = score(ITEMS, answers)
    assert found[True] == Score(3, 1.0, 1.0)
    assert found[False].stopped == 0.0


def test_ids_are_taken_up_to_the_end_and_not_one_more() -> None:
    source = iter([3, 1, END, 4])
    assert list(until_end(source, END)) == [3, 1]
    assert list(source) == [4]
    assert list(until_end([], END)) == []


def test_an_answer_that_fills_all_its_places_has_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = TOKENIZER.encode(" cold")
    for written, most, stopped in (
        ([*ids, END], 9, True),
        ([*ids, END], len(ids), False),
        (ids * 9, 5, False),
    ):
        monkeypatch.setattr(
            "core.answers.generate", lambda model, prompt, n, ids=written, tap=None: islice(iter(ids), n)
        )
        found = answer(build_model(TINY), [1], TOKENIZER, END, most)
        assert found.stopped == stopped
    assert answer(build_model(TINY), [1], TOKENIZER, END, 9).stopped is False


def test_exact_is_word_for_word_and_families_are_scored_by_themselves() -> None:
    answers = [Answer("cold", True), Answer("Small", True), Answer(" two\n", False)]
    assert [is_exact(*pair) for pair in zip(ITEMS, answers, strict=True)] == [True, False, True]
    assert score(ITEMS, answers) == Score(3, pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert score_by_family(ITEMS, answers) == {"opposite": Score(2, 0.5, 1.0), "count": Score(1, 1.0, 0.0)}


def test_scores_of_nothing_are_refused() -> None:
    for items, answers in (([], []), (ITEMS, [])):
        with pytest.raises(ValueError, match="one answer an item"):
            score(items, answers)


def test_surprise_at_the_right_answer_is_that_of_its_tokens_alone() -> None:
    model, example = build_model(TINY), Example([1, 2, 3, 4], 2)
    log_probs = model(torch.tensor([[1, 2, 3, 4]]))[0].log_softmax(-1)
    expected = -(log_probs[1, 3] + log_probs[2, 4] + log_probs[3, 49]).item() / 3
    assert response_surprise(model, example, 49) == pytest.approx(expected, abs=1e-5)
    assert expected == pytest.approx(math.log(50), abs=0.5)
