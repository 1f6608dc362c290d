"""`make model` with a tiny recipe: it stops, goes on, and leaves all the files that belong to a model."""

import json
from dataclasses import replace

import pytest
import torch

from core.gpt import build_model
from core.int8 import load_int8
from core.snippets import IGNORED
from core.tokenizer_facts import tokenizer_from
from core.weights import load_model, save_model
from runs import bundled, second_phase
from tests.runs.tiny import RECIPE, with_train

TINY = replace(
    with_train(RECIPE, steps=24), tokenizer="bpe", model=replace(RECIPE.model, vocab_size=270), eval_every=8
)


class Interrupted(Exception):
    pass


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Folders of its own, a tiny recipe, and a checkpoint after every step."""
    monkeypatch.setenv("GLASSBOX_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(bundled, "UNFINISHED", tmp_path / "unfinished")
    monkeypatch.setattr(bundled, "EARLY", (10, 20))
    monkeypatch.setattr(bundled, "SAVE_EVERY", -1)
    monkeypatch.setattr(bundled, "recipe", lambda: TINY)
    monkeypatch.setattr(second_phase, "TRAIN", replace(second_phase.TRAIN, steps=8, warmup_steps=2))
    monkeypatch.setattr(bundled, "settle_down", lambda threads: None)
    return tmp_path


def interrupt_at(step, monkeypatch):
    report = bundled.report

    def report_or_stop(training, steps_before):
        if steps_before + training.step == step:
            raise Interrupted
        report(training, steps_before)

    monkeypatch.setattr(bundled, "report", report_or_stop)


def test_it_leaves_the_files_of_a_model(places, capsys):
    bundled.main()
    model = load_model(places / "models/storyteller.safetensors")
    tokenizer = tokenizer_from(json.loads((places / "models/storyteller.tokenizer.json").read_text()))
    curve = json.loads((places / "models/storyteller.curve.json").read_text())
    card = json.loads((places / "models/storyteller.card.json").read_text())
    facts = json.loads((places / "models/storyteller.recipe.json").read_text())
    assert model.config.vocab_size == tokenizer.vocab_size
    assert [row["step"] for row in curve] == [row["step"] for row in card["measures"]] == [0, 8, 16, 24, 32]
    assert card["measures"][-1]["held_out_loss"] < card["measures"][0]["held_out_loss"]
    assert all(0 <= row[name] <= 1 for row in card["measures"] for name in ("induction", "induction_far"))
    assert all(row["error"] <= 0.02 for row in card["measures"])
    assert facts["recipe"]["text"] == TINY.text
    assert facts["second_phase"]["steps"] == 8
    assert [(one["repeat"], one["texts"] >= 300) for one in card["induction"]] == [(8, True), (8, True)]
    assert load_int8(places / "models/storyteller.step10.safetensors").config == model.config
    assert not (places / "unfinished").exists()
    assert "induction" in capsys.readouterr().out


def test_it_goes_on_where_it_was_interrupted_in_either_phase(places, monkeypatch):
    bundled.main()
    whole = load_model(places / "models/storyteller.safetensors").state_dict()
    for step in (16, 32):
        with monkeypatch.context() as patch:
            interrupt_at(step, patch)
            with pytest.raises(Interrupted):
                bundled.main()
    bundled.main()
    again = load_model(places / "models/storyteller.safetensors").state_dict()
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_it_finishes_what_it_began_although_the_recipe_has_changed(places, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        interrupt_at(8, patch)
        with pytest.raises(Interrupted):
            bundled.main()
    monkeypatch.setattr(bundled, "recipe", lambda: replace(TINY, seed=5))
    bundled.main()
    facts = json.loads((places / "models/storyteller.recipe.json").read_text())
    assert facts["recipe"]["seed"] == TINY.seed
    assert "changed" in capsys.readouterr().out


def test_the_second_phase_begins_with_the_first_ones_weights_and_learns_from_text_and_snippets(places):
    ready = bundled.prepared(TINY)
    start = places / "first.safetensors"
    model = build_model(ready.model, 1)
    save_model(model.half(), start)
    second = second_phase.second_phase(ready, start)
    begun = second.task.begin()
    assert all(torch.equal(begun.state_dict()[name], x.float()) for name, x in model.state_dict().items())
    inputs, targets = next(second.task.batches(torch.Generator().manual_seed(1), 0))
    assert inputs.shape == targets.shape == (TINY.batch_size, ready.model.context_length)
    assert second.recipe.train == second_phase.TRAIN
    snippets = round(second_phase.SNIPPET_SHARE * TINY.batch_size)
    assert (targets == IGNORED).any(dim=1).tolist() == [False] * (TINY.batch_size - snippets) + [
        True
    ] * snippets
