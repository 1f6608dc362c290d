from copy import deepcopy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, lively, random_ids

from core.classify import TRAINED, Classifier, choose_trained
from core.config import TINY
from core.gpt import build_model
from core.labelled import Padded, labelled_batches
from core.training import TrainConfig, train
from core.weight_changes import AROUND, KINDS, relative_change, weight_changes

BLOCK = list(KINDS)


@given(configs())
def test_a_model_and_itself_are_nothing_apart_and_every_weight_counts(config) -> None:
    model = lively(config)
    blocks, around = weight_changes(model, deepcopy(model))
    assert blocks.shape == (config.n_layers, len(KINDS))
    assert not blocks.any()
    assert set(around.values()) == {0.0}
    for name, weight in model.named_parameters():
        other = deepcopy(model)
        with torch.no_grad():
            other.get_parameter(name).view(-1)[0] += 1.0
        moved, around = weight_changes(model, other)
        found = int(moved.count_nonzero()) + sum(map(bool, around.values()))
        tied = name == "tok_emb.weight" and config.tie_weights
        assert found == 1 + tied, (name, weight.shape)


@given(st.floats(0.1, 3.0), st.integers(0, 99))
def test_the_change_is_in_shares_of_what_was_there(factor: float, seed: int) -> None:
    before = lively(TINY, seed)
    after = deepcopy(before)
    with torch.no_grad():
        for weight in after.parameters():
            weight *= 1 + factor
    blocks, around = weight_changes(before, after)
    assert torch.allclose(blocks, torch.full_like(blocks, factor), rtol=1e-5)
    assert all(value == pytest.approx(factor, rel=1e-5) for value in around.values())
    assert set(around) == set(AROUND)


def test_what_was_nothing_before_is_moved_without_end() -> None:
    assert relative_change([torch.zeros(3)], [torch.ones(3)]) == float("inf")
    assert relative_change([torch.zeros(3)], [torch.zeros(3)]) == 0.0


@pytest.mark.parametrize("trained", TRAINED)
def test_what_is_frozen_stays_exactly_and_what_learns_moves(trained: str) -> None:
    texts, labels = Padded(random_ids(TINY, 6, 16), torch.full((16,), 6)), torch.arange(16) % 2
    classifier = choose_trained(Classifier(lively(TINY), 2), trained)
    before = deepcopy(classifier.model)
    list(train(classifier, labelled_batches(texts, labels, 8), TrainConfig(steps=3, warmup_steps=0)))
    blocks, around = weight_changes(before, classifier.model)
    assert around["output"] > 0
    assert bool(blocks[-1].all()) == (trained != "head")
    assert bool(blocks[0].any()) == (trained == "all")
    assert bool(around["final norm"]) == (trained != "head")
    assert bool(around["tokens"]) == (trained == "all")


def test_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="not of one shape"):
        weight_changes(build_model(TINY), Classifier(build_model(TINY), 2).model)
