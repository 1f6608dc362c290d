"""What can be taken home from a run: its events as a table, its model as a zip."""

import csv
import json
import math
import zipfile
from collections.abc import Iterable
from dataclasses import asdict
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from core.gpt import GPTModel
from core.pieces import without_surrogates
from core.tokenizer import Tokenizer
from core.tokenizer_facts import tokenizer_facts
from core.training import TrainEvent
from core.weights import save_model
from runs.events import Event
from runs.recipe import Recipe

COLUMNS = {  # of an event, and what the table calls them
    "step": "step",
    "tokens_seen": "tokens_seen",
    "loss": "loss_nats",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "train_loss": "train_loss_nats",
    "val_loss": "validation_loss_nats",
    "seconds": "seconds",
    "sample": "sample",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs a cell that begins with one of them
SAME_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold: the same content gives the same bytes
README = """\
A small GPT, trained with Glassbox: the model after {step:,} of {steps:,} updates.

model.safetensors   the weights, and the architecture in the file's header
tokenizer.json      text to token ids and back
recipe.json         what the model was trained on, and how

To load it, start Python in the folder of Glassbox, with these files beside you:

    import json
    from core.tokenizer_facts import tokenizer_from
    from core.weights import load_model

    model = load_model("model.safetensors")
    with open("tokenizer.json", encoding="utf-8") as file:
        tokenizer = tokenizer_from(json.load(file))

A safetensors file holds numbers only: loading it runs no code.
"""


def events_csv(events: Iterable[Event]) -> str:
    """A run as one table: a row for each update ("train") and for each evaluation ("evaluation").

    Losses are in nats per token, seconds since the run began; a cell that does not apply, or is no finite
    number, is empty. Encode it as "utf-8-sig": spreadsheets know UTF-8 by that mark.
    """
    table = StringIO()
    writer = csv.writer(table)  # lines end in CR LF (RFC 4180); cells that hold either are quoted
    writer.writerow(["kind", *COLUMNS.values()])
    for event in events:
        facts = asdict(event)
        kind = "train" if isinstance(event, TrainEvent) else "evaluation"
        writer.writerow([kind, *(cell(facts.get(name, "")) for name in COLUMNS)])
    return table.getvalue()


def cell(value: str | float) -> str | float:
    """A value as a spreadsheet may have it: text is never a formula, and what is no number is empty."""
    if isinstance(value, str):
        text = without_surrogates(value)
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text
    return value if math.isfinite(value) else ""


def model_bundle(recipe: Recipe, model: GPTModel, tokenizer: Tokenizer, step: int) -> bytes:
    """A zip of the model after `step` updates with all that belongs to it, and how to load it."""
    with TemporaryDirectory() as folder:
        weights = save_model(model, Path(folder) / "model.safetensors").read_bytes()
    return zipped(
        {
            "README.txt": README.format(step=step, steps=recipe.train.steps).encode(),
            "model.safetensors": weights,
            "recipe.json": recipe.to_json().encode(),
            "tokenizer.json": json.dumps(tokenizer_facts(tokenizer)).encode(),
        }
    )


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of files by name; the same files give the same bytes, whenever and wherever it is made."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, SAME_DATE)
            entry.create_system = 3  # Unix, also where it is made on Windows
            entry.external_attr = 0o644 << 16  # may be read by all
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
