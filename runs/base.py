"""The model that a fine-tuning goes on from: found by its name, checked, and told what it once learned."""

import json
from dataclasses import replace
from pathlib import Path

from core.classes import as_language_model
from core.gpt import GPTModel
from core.tokenizer import BytePairTokenizer, CharTokenizer, Tokenizer
from core.tokenizer_facts import tokenizer_facts, tokenizer_from
from core.tokenizer_file import LibraryTokenizer
from runs import own_texts, storyteller
from runs.brought import Brought, is_id
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


def open_base(home: Home | None, base: Base) -> GPTModel:
    """The weights to go on from, in single precision. NotThereError if they are gone, or are others now."""
    if base.model == BUNDLED:
        model = storyteller.open_step(base.step)
    elif is_brought(home, base):
        model = Brought(home).model(base.model)
    else:
        folder = folder_of(home, base)
        model = load_from_rail(folder, kept_steps(folder)[-1] if base.step is None else base.step)
    model = as_language_model(model).float()
    if base.fingerprint and base.fingerprint != fingerprint(model.parameters()):
        raise NotThereError("the model that this fine-tuning goes on from has changed: start it anew")
    return model


def tokenizer_of_base(home: Home | None, base: Base) -> Tokenizer:
    """How the base reads text. NotThereError if it is gone."""
    if base.model == BUNDLED:
        return storyteller.tokenizer()
    if is_brought(home, base):
        return Brought(home).tokenizer(base.model)
    return kept_tokenizer(folder_of(home, base))


def is_brought(home: Home | None, base: Base) -> bool:
    """Whether the base came from elsewhere."""
    return home is not None and Brought(home).has(base.model)


def folder_of(home: Home | None, base: Base) -> Path:
    """The folder of the run that is the base. NotThereError if there is none with a checkpoint."""
    if home is None or not is_id(base.model) or not kept_steps(home.run_dir(base.model)):
        raise NotThereError(GONE)
    return home.run_dir(base.model)


def kept_tokenizer(run_dir: Path) -> Tokenizer:
    """The tokenizer that lies beside a run's models. FileNotFoundError before there is one."""
    return tokenizer_from(json.loads((run_dir / TOKENIZER).read_text(encoding="utf-8")))


def keep_tokenizer(run_dir: Path, tokenizer: Tokenizer) -> None:
    """Lay a tokenizer beside a run's models."""
    aside = run_dir / "tokenizer.aside"
    aside.write_text(json.dumps(tokenizer_facts(tokenizer)), encoding="utf-8")
    aside.rename(run_dir / TOKENIZER)


def recipe_from(home: Home, base: Base) -> tuple[Recipe, Base]:
    """What the base learned, as a recipe, and the base with all that names it for good.

    The recipe has its text, tokenizer and architecture. For a model from elsewhere, whose text nobody knows,
    the text is what the Storyteller read.
    """
    if base.step is None and base.model != BUNDLED and not is_brought(home, base):
        base = replace(base, step=kept_steps(folder_of(home, base))[-1])
    model = open_base(home, base)
    recipe = replace(text_of(home, base), model=model.config)
    return recipe, replace(base, fingerprint=fingerprint(model.parameters()))


def text_of(home: Home, base: Base) -> Recipe:
    """A recipe with the base's text and kind of tokenizer."""
    if base.model == BUNDLED:
        return Recipe.preset("bundled")
    if is_brought(home, base):
        return Recipe(corpus=OLD_TALES, tokenizer=kind_of(tokenizer_of_base(home, base)))
    with reading(home.database) as database:
        if not database.execute("SELECT 1 FROM runs WHERE id = ?", (base.model,)).fetchone():
            raise NotThereError(GONE)
        recipe = own_texts.kept_recipe(database, base.model)
    return replace(recipe, rate_changes=(), tuning=None)


def kind_of(tokenizer: Tokenizer) -> str:
    """The tokenizer by the kinds that a recipe knows."""
    if isinstance(tokenizer, CharTokenizer):
        return "char"
    if isinstance(tokenizer, LibraryTokenizer):
        return "bpe"
    if isinstance(tokenizer, BytePairTokenizer):
        return "gpt2" if tokenizer.name == "gpt2" else "bpe"
    return "word"
