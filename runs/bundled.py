"""Train the model that ships with Glassbox again, from its recipe: `python -m runs.bundled`, or `make model`.

It goes on where it was interrupted. GLASSBOX_MODEL_THREADS sets the torch threads (2).
"""

import json
import os
import shutil
import time
from dataclasses import asdict
from pathlib import Path

from core.tokenizer import ASSETS
from core.tokenizer_facts import tokenizer_facts
from core.weights import save_model
from runs.events import EvalEvent
from runs.prepare import prepared
from runs.process import settle_down
from runs.recipe import Recipe
from runs.resume import load_training, save_training
from runs.training import Training

FOLDER = ASSETS / "models"
NAME = "storyteller"
UNFINISHED = ASSETS.parent / ".glassbox" / NAME  # ignored by git


def main() -> None:
    """Train to the end, saying how it goes, and write the three files of the model."""
    settle_down(int(os.environ.get("GLASSBOX_MODEL_THREADS", "2")))
    UNFINISHED.mkdir(parents=True, exist_ok=True)
    ready = prepared(Recipe.preset("bundled"))
    training = load_training(ready, UNFINISHED) or Training.begin(ready)
    write_model(training, run(training))
    shutil.rmtree(UNFINISHED)


def run(training: Training) -> EvalEvent:
    """All steps that are left; returns the last evaluation."""
    since = time.monotonic()
    report(training.evaluate())
    for event in training.events():
        if time.monotonic() - since > 10:
            save_training(training, UNFINISHED)
            since = time.monotonic()
        if training.evaluation_due():
            print(f"step {training.step}: loss {event.loss:.3f}, gradient {event.grad_norm:.2f}", flush=True)
            report(training.evaluate())
    return training.evaluate()


def report(event: EvalEvent) -> None:
    """Print one evaluation."""
    losses = f"train {event.train_loss:.3f}, validation {event.val_loss:.3f} nats"
    print(f"  after {event.step} steps and {event.seconds:.0f} s: {losses}: {event.sample!r}", flush=True)


def write_model(training: Training, last: EvalEvent) -> None:
    """Weights in half precision, the tokenizer, the recipe and its result; no dates: two can be compared."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_json(FOLDER / f"{NAME}.tokenizer.json", tokenizer_facts(training.prepared.tokenizer))
    result = {"train_loss": last.train_loss, "val_loss": last.val_loss, "sample": last.sample}
    write_json(FOLDER / f"{NAME}.recipe.json", {"recipe": asdict(training.prepared.recipe), "result": result})
    save_model(training.model.half(), FOLDER / f"{NAME}.safetensors")


def write_json(path: Path, facts: dict) -> None:
    """Write facts as JSON that a person can read and git can compare."""
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
