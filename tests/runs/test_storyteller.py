"""`make model` with a tiny recipe: it stops, goes on, and leaves all the files that belong to a model."""

import json
from dataclasses import replace

import pytest
import torch

from core.int8 import load_int8
from core.tokenizer_facts import tokenizer_from
from core.weights import load_model
from runs import bundled
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
    monkeypatch.setattr(bundled, "settle_down", lambda threads: None)
    return tmp_path


def interrupt_at(step, monkeypatch):
    report = bundled.report

    def report_or_stop(training):
        if training.step == step:
            raise Interrupted
        report(training)

    monkeypatch.setattr(bundled, "report", report_or_stop)


def test_it_leaves_the_files_of_a_model(places, capsys):
    bundled.main()
    model = load_model(places / "models/storyteller.safetensors")
    tokenizer = tokenizer_from(json.loads((places / "models/storyteller.tokenizer.json").read_text()))
    curve = json.loads((places / "models/storyteller.curve.json").read_text())
    card = json.loads((places / "models/storyteller.card.json").read_text())
    facts = json.loads((places / "models/storyteller.recipe.json").read_text())
    assert model.config.vocab_size == tokenizer.vocab_size
    assert [row["step"] for row in curve] == [row["step"] for row in card["measures"]] == [0, 8, 16, 24]
    assert card["measures"][-1]["held_out_loss"] < card["measures"][0]["held_out_loss"]
    assert all(0 <= row["induction"] <= 1 for row in card["measures"])
    assert facts["recipe"]["text"] == TINY.text
    assert load_int8(places / "models/storyteller.step10.safetensors").config == model.config
    assert not (places / "unfinished").exists()
    assert "induction" in capsys.readouterr().out


def test_it_goes_on_where_it_was_interrupted(places, monkeypatch):
    bundled.main()
    whole = load_model(places / "models/storyteller.safetensors").state_dict()
    with monkeypatch.context() as patch:
        interrupt_at(16, patch)
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
