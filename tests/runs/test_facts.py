"""What is measured at a checkpoint: it disturbs nothing, and says what it says it does."""

import math

import pytest
import torch

from core.training import evaluate
from runs.facts import facts_of_model, read_facts, save_facts
from runs.prepare import prepared
from runs.rail import save_to_rail
from runs.training import Training
from tests.runs.tiny import weights_of


def test_measuring_disturbs_nothing(recipe, uninterrupted):
    training = Training.begin(prepared(recipe))
    losses = []
    for event in training.events():
        losses.append(event.loss)
        if event.step % 20 == 0:
            facts_of_model(training)
    assert losses == uninterrupted[0]
    assert all(torch.equal(weights_of(training)[name], w) for name, w in uninterrupted[1].items())


def test_the_facts_of_a_model(recipe, tmp_path):
    training = Training.begin(prepared(recipe))
    next(training.events())
    facts = facts_of_model(training)
    config = training.prepared.model
    passage = training.prepared.validation_ids[: config.context_length + 1]
    assert facts.step == 1
    assert facts.passage == passage.tolist()
    assert len(facts.losses) == config.context_length
    batch = [(passage[None, :-1], passage[None, 1:])]
    assert sum(facts.losses) / len(facts.losses) == pytest.approx(evaluate(training.model, batch), abs=1e-2)
    assert len(facts.gradients) == config.n_layers
    assert all(math.isfinite(gradient) and gradient > 0 for gradient in facts.gradients)
    assert len(facts.induction) == len(facts.previous_token) == config.n_layers
    assert len(facts.induction[0]) == config.n_heads
    assert (facts.repeat, facts.error <= 0.02) == (config.context_length // 2, True)
    assert all(0.4 < score < 0.6 for score in facts.named_from.values())
    save_facts(training, tmp_path)
    assert read_facts(tmp_path) == []  # a checkpoint without its model is none
    save_to_rail(training.model, tmp_path, 1)
    assert read_facts(tmp_path) == [facts]
    (tmp_path / "rail" / "00000001.json").write_text("{")
    assert read_facts(tmp_path) == []
