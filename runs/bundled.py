"""Train the model that ships with Glassbox again, from its recipe: `python -m runs.bundled`, or `make model`.

In two phases: on its text, and then also on random tokens that come twice (`runs.second_phase`).
It goes on where it was interrupted. GLASSBOX_MODEL_THREADS sets the torch threads (2).
"""

import hashlib
import json
import math
import shutil
import time
from dataclasses import asdict, replace
from pathlib import Path

from core.int8 import save_int8
from core.tokenizer import ASSETS
from core.tokenizer_facts import tokenizer_facts
from core.weights import save_model
from runs.card import induction_facts, measured_in, pair_counts, samples
from runs.prepare import Prepared, prepared
from runs.process import settle_down
from runs.recipe import Recipe
from runs.resume import load_training, save_training
from runs.second_phase import second_phase
from runs.settings import settings
from runs.storyteller import models_folder
from runs.training import Training

NAME = "storyteller"
UNFINISHED = ASSETS.parent / ".glassbox" / NAME  # ignored by git
EARLY = (10, 100, 1000)  # steps whose model is kept to be looked at
SAVE_EVERY = 60  # seconds


def main() -> None:
    """Train to the end, saying how it goes, and write the files of the model."""
    settle_down(settings().model_threads)
    UNFINISHED.mkdir(parents=True, exist_ok=True)
    write_model(trained())
    shutil.rmtree(UNFINISHED)


def trained() -> Training:
    """Both phases. The second one goes on from weights in half precision, so it can be repeated from them."""
    ready = prepared(recipe_begun(), most_flops=math.inf)  # the limit of a server is for its guests
    start = UNFINISHED / "first.safetensors"
    if not start.exists():
        save_model(run(ready, UNFINISHED / "first").model.half(), start)
    return run(second_phase(ready, start), UNFINISHED / "second", steps_before=ready.recipe.train.steps)


def recipe() -> Recipe:
    """What the bundled model is to be."""
    return Recipe.preset("bundled")


def recipe_begun() -> Recipe:
    """The recipe of the training that is under way, even if a text has changed since; else the new one."""
    path = UNFINISHED / "recipe.json"
    if not path.exists():
        path.write_text(recipe().to_json(), encoding="utf-8")
    begun = Recipe.from_json(path.read_text(encoding="utf-8"))
    if begun.key() != recipe().key():
        print(f"the recipe has changed since this training was begun: to begin again, remove {UNFINISHED}")
    return begun


def run(ready: Prepared, folder: Path, steps_before: int = 0) -> Training:
    """All steps of a phase that are left."""
    folder.mkdir(exist_ok=True)
    training = load_training(ready, folder) or Training.begin(ready)
    if training.setback:
        print(training.setback)
    since = time.monotonic()
    report(training, steps_before)
    for event in training.events():
        step = steps_before + training.step
        if step in EARLY:
            save_int8(training.model, UNFINISHED / f"{NAME}.step{step}.safetensors")
        if time.monotonic() - since > SAVE_EVERY:
            save_training(training, folder)
            since = time.monotonic()
        if training.evaluation_due():
            print(f"step {step}: loss {event.loss:.3f}, gradient {event.grad_norm:.2f}", flush=True)
            report(training, steps_before)
    return training


def report(training: Training, steps_before: int) -> None:
    """Print one evaluation, and write it down for the model's curve and card."""
    step, told = steps_before + training.step, samples(training)
    measured = measured_in(training, step)
    event = replace(training.evaluate(), step=step, sample=told[0])  # a story, whatever the text begins with
    write_down("curve", asdict(event))
    write_down("measures", asdict(measured))
    print(f"  {event.seconds:.0f} s: train {event.train_loss:.3f}, validation {event.val_loss:.3f} nats")
    print(f"  {measured.sentence()}", *map(repr, told), sep="\n  ", flush=True)


def write_down(name: str, facts: dict) -> None:
    """Add a line to one of the logs of an unfinished training."""
    with (UNFINISHED / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(facts) + "\n")


def written_down(name: str) -> list[dict]:
    """All lines of such a log by step; of a step that an interruption made twice, the later."""
    rows = map(json.loads, (UNFINISHED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    return list({row["step"]: row for row in rows}.values())


def write_model(training: Training) -> None:
    """Weights in half precision and early ones in int8, tokenizer, curve, card, recipe; no dates."""
    folder = models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    curve = written_down("curve")
    result = {key: curve[-1][key] for key in ("train_loss", "val_loss", "sample")}
    pairs = pair_counts(training.prepared)
    card = {"measures": written_down("measures"), "induction": induction_facts(training.model)}
    card |= {"pairs": pairs, "samples": samples(training)}
    write_json(folder / f"{NAME}.curve.json", curve)
    write_json(folder / f"{NAME}.card.json", card)
    write_json(folder / f"{NAME}.tokenizer.json", tokenizer_facts(training.prepared.tokenizer))
    recipes = {"recipe": recipe_begun().facts(), "second_phase": asdict(training.prepared.recipe.train)}
    write_json(folder / f"{NAME}.recipe.json", recipes | {"result": result})
    for early in sorted(UNFINISHED.glob(f"{NAME}.step*")):
        shutil.copy(early, folder)
    save_model(training.model.half(), folder / f"{NAME}.safetensors")
    for path in sorted(folder.glob(f"{NAME}.*")):
        print(f"for assets/PROVENANCE.md: {path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}")


def write_json(path: Path, facts: dict | list) -> None:
    """Write facts as JSON that a person can read and git can compare."""
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
