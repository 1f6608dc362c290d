"""The model that a fine-tuning goes on from: found by its name, checked, and told what it once learned."""

import json
from dataclasses import replace
from pathlib import Path

from core.classes import as_language_model
from core.gpt import GPTModel
from core.tokenizer import BytePairTokenizer, CharTokenizer, Tokenizer
from core.tokenizer_facts import tokenizer_facts, tokenizer_from
from runs import storyteller
from runs.brought import Brought
from runs.database import reading
from runs.errors import NotThereError
from runs.home import Home
from runs.rail import fingerprint, kept_steps, load_from_rail
from runs.recipe import Recipe
from runs.storyteller import BUNDLED
from runs.tuning import Base

TOKENIZER = "tokenizer.json"
OLD_TALES = "storyteller-mix"  # what stands for the text of a model that comes from elsewhere
GONE = "the model that this fine-tuning goes on from is no longer on this server: choose another one"


def open_base(home: Home | None, base: Base) -> tuple[GPTModel, Tokenizer]:
    """The weights to go on from, in single precision, and their tokenizer. NotThereError if they are gone."""
    model, tokenizer = find_base(home, base)
    model = as_language_model(model).float()
    if base.fingerprint and base.fingerprint != fingerprint(model.parameters()):
        raise NotThereError("the model that this fine-tuning goes on from has changed: start it anew")
    return model, tokenizer


def find_base(home: Home | None, base: Base) -> tuple[GPTModel, Tokenizer]:
    """The same, as it was kept."""
    if base.model == BUNDLED:
        return storyteller.open_step(base.step), storyteller.tokenizer()
    if home is None:
        raise NotThereError(GONE)
    brought = Brought(home)
    if brought.has(base.model):
        return brought.model(base.model), brought.tokenizer(base.model)
    folder = home.run_dir(base.model)
    steps = kept_steps(folder)
    if not steps:
        raise NotThereError(GONE)
    step = steps[-1] if base.step is None else base.step
    return load_from_rail(folder, step), kept_tokenizer(folder)


def kept_tokenizer(run_dir: Path) -> Tokenizer:
    """The tokenizer that lies beside a run's models. FileNotFoundError before there is one."""
    return tokenizer_from(json.loads((run_dir / TOKENIZER).read_text(encoding="utf-8")))


def keep_tokenizer(run_dir: Path, tokenizer: Tokenizer) -> None:
    """Lay a tokenizer beside a run's models."""
    aside = run_dir / "tokenizer.aside"
    aside.write_text(json.dumps(tokenizer_facts(tokenizer)), encoding="utf-8")
    aside.rename(run_dir / TOKENIZER)


def named(home: Home, base: Base) -> Base:
    """The same with all that names it for good: its step, and what its weights are."""
    if base.step is None and base.model != BUNDLED and not Brought(home).has(base.model):
        base = replace(base, step=max(kept_steps(home.run_dir(base.model)), default=None))
    model, _ = open_base(home, base)
    return replace(base, fingerprint=fingerprint(model.parameters()))


def recipe_of_base(home: Home, base: Base) -> Recipe:
    """What the base learned, as a recipe: its text, its tokenizer, its architecture.

    For a model from elsewhere, whose text nobody knows, the text is what the Storyteller read.
    """
    model, tokenizer = open_base(home, base)
    if base.model == BUNDLED:
        return replace(Recipe.preset("bundled"), model=model.config)
    if Brought(home).has(base.model):
        return Recipe(corpus=OLD_TALES, tokenizer=kind_of(tokenizer), model=model.config)
    with reading(home.database) as database:
        row = database.execute("SELECT recipe FROM runs WHERE id = ?", (base.model,)).fetchone()
    if row is None:
        raise NotThereError(GONE)
    return replace(Recipe.from_json(row["recipe"]), model=model.config, rate_changes=(), tuning=None)


def kind_of(tokenizer: Tokenizer) -> str:
    """The tokenizer by the kinds that a recipe knows."""
    if isinstance(tokenizer, CharTokenizer):
        return "char"
    if isinstance(tokenizer, BytePairTokenizer):
        return "gpt2" if tokenizer.name == "gpt2" else "bpe"
    return "word"
