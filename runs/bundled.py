"""Train the model that ships with Glassbox again, from its recipe: `python -m runs.bundled`, or `make model`.

It goes on where it was interrupted. GLASSBOX_MODEL_THREADS sets the torch threads (2).
"""

import hashlib
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
    """Train to the end, saying how it goes, and write the four files of the model."""
    settle_down(int(os.environ.get("GLASSBOX_MODEL_THREADS", "2")))
    UNFINISHED.mkdir(parents=True, exist_ok=True)
    ready = prepared(Recipe.preset("bundled"))
    training = load_training(ready, UNFINISHED) or Training.begin(ready)
    run(training)
    write_model(training)
    shutil.rmtree(UNFINISHED)


def run(training: Training) -> None:
    """All steps that are left."""
    since = time.monotonic()
    report(training.evaluate())
    for event in training.events():
        if time.monotonic() - since > 10:
            save_training(training, UNFINISHED)
            since = time.monotonic()
        if training.evaluation_due():
            print(f"step {training.step}: loss {event.loss:.3f}, gradient {event.grad_norm:.2f}", flush=True)
            report(training.evaluate())


def report(event: EvalEvent) -> None:
    """Print one evaluation, and write it down for the model's curve."""
    losses = f"train {event.train_loss:.3f}, validation {event.val_loss:.3f} nats"
    print(f"  after {event.step} steps and {event.seconds:.0f} s: {losses}: {event.sample!r}", flush=True)
    with (UNFINISHED / "curve.jsonl").open("a", encoding="utf-8") as curve:
        curve.write(json.dumps(asdict(event)) + "\n")


def written_curve() -> list[dict]:
    """All evaluations by step; of a step that an interruption made twice, the later."""
    rows = map(json.loads, (UNFINISHED / "curve.jsonl").read_text(encoding="utf-8").splitlines())
    return list({row["step"]: row for row in rows}.values())


def write_model(training: Training) -> None:
    """Weights in half precision, tokenizer, curve, and the recipe with what came of it; no dates."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    curve = written_curve()
    write_json(FOLDER / f"{NAME}.curve.json", curve)
    write_json(FOLDER / f"{NAME}.tokenizer.json", tokenizer_facts(training.prepared.tokenizer))
    result = {key: curve[-1][key] for key in ("train_loss", "val_loss", "sample")}
    write_json(FOLDER / f"{NAME}.recipe.json", {"recipe": asdict(training.prepared.recipe), "result": result})
    save_model(training.model.half(), FOLDER / f"{NAME}.safetensors")
    for path in sorted(FOLDER.glob(f"{NAME}.*")):
        print(f"for assets/PROVENANCE.md: {path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}")


def write_json(path: Path, facts: dict | list) -> None:
    """Write facts as JSON that a person can read and git can compare."""
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
