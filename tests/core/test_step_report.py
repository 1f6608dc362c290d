"""One step under the magnifying glass: true to the step, and no part of it."""

import json
from dataclasses import asdict, replace

import pytest
import torch

from core.config import GPTConfig
from core.data import random_batches
from core.gpt import build_model
from core.step_report import report_from, watch_step
from core.training import TrainConfig, train

CONFIG = GPTConfig(vocab_size=50, context_length=8, emb_dim=16, n_heads=2, n_layers=2, drop_rate=0.2)
IDS = torch.arange(400) % 37


def begin(config=CONFIG, clip_norm=None):
    model = build_model(config, seed=1)
    torch.manual_seed(1)
    batches = random_batches(IDS, 8, 4, torch.Generator().manual_seed(1))
    return model, train(model, batches, TrainConfig(learning_rate=1e-2, steps=3, clip_norm=clip_norm))


def watched(**kinds):
    model, events = begin(**kinds)
    inputs, targets = next(random_batches(IDS, 8, 4, torch.Generator().manual_seed(1)))
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    event, report = watch_step(model, inputs, targets, lambda: next(events))
    return model, before, event, report


def test_watching_changes_nothing():
    model, _, event, _ = watched()
    alone, events = begin()
    assert next(events) == event
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), alone.parameters(), strict=True))


@pytest.mark.parametrize("clip_norm", [None, 0.1])
def test_the_report_is_about_this_very_step(clip_norm):
    model, before, event, report = watched(clip_norm=clip_norm)
    losses = torch.tensor(report.losses)
    assert report.step == event.step == 0
    assert losses.shape == (4, 8)
    assert losses.mean().item() == pytest.approx(event.loss, abs=1e-3)  # with the very same dropout
    whole = sum(norm**2 for norm in report.grad_norms.values()) ** 0.5
    assert whole == pytest.approx(event.grad_norm, rel=1e-4)  # unclipped
    assert list(report.grad_norms) == [
        "tok_emb",
        "pos_emb",
        "trf_blocks.0",
        "trf_blocks.1",
        "final_norm",
        "out_head",
    ]
    furthest = max((model.state_dict()[name] - before[name]).abs().max().item() for name in before)
    top = report.changes[0]
    assert abs(top.after - top.before) == pytest.approx(furthest)
    assert before[top.name][top.place].item() == top.before
    moved = [abs(change.after - change.before) for change in report.changes]
    assert moved == sorted(moved, reverse=True)


def test_a_report_survives_json():
    _, _, _, report = watched(config=replace(CONFIG, tie_weights=True, position="rotary"))
    assert report_from(json.loads(json.dumps(asdict(report)))) == report
