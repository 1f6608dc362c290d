"""From a recipe to what the training needs: a tokenizer, ids to learn from and ids to be tested on."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from core.config import GPTConfig
from core.data import train_validation_split
from core.tokenizer import Tokenizer, char_tokenizer, load_tokenizer, train_bpe, word_tokenizer
from runs.base import open_base, recipe_from, tokenizer_of_base
from runs.budget import check_budget
from runs.classifying import classifying
from runs.home import Home
from runs.instructing import instructing
from runs.recipe import Recipe
from runs.task import Corpus, Pretraining, Task
from runs.tuning import Classify, Tuning

SHORT_TEXT = 100_000  # characters; its byte pairs are learned in a tenth of a second
NOTHING_TO_LEARN = "the text is one token again and again: there is nothing to learn from it"


@dataclass(frozen=True)
class Prepared:
    """A recipe with its text turned into ids."""

    recipe: Recipe
    tokenizer: Tokenizer
    model: GPTConfig  # with the vocabulary that the tokenizer really has
    train_ids: Tensor  # (N,) of long: nine tenths of the text
    validation_ids: Tensor  # (M,) of long: the last tenth, never trained on
    task: Task  # what is learned: to go on with the text, to sort others, to follow instructions
    warnings: tuple[str, ...] = ()  # sentences: what is allowed and yet worth knowing


def tokenizer_of(recipe: Recipe, home: Home | None = None) -> Tokenizer:
    """The recipe's tokenizer; "bpe" is trained here, about 2 seconds for a megabyte."""
    if recipe.tuning:
        return tokenizer_of_base(home, recipe.tuning.base)
    if recipe.tokenizer == "char":
        return char_tokenizer(recipe.corpus_text)
    if recipe.tokenizer == "word":
        return word_tokenizer(recipe.corpus_text, unknown=True)
    if recipe.tokenizer == "bpe":
        return train_bpe(recipe.corpus_text, recipe.model.vocab_size)
    return load_tokenizer(recipe.tokenizer)


def prepared(
    recipe: Recipe,
    tokenizer: Tokenizer | None = None,
    home: Home | None = None,
    most_flops: float | None = None,
) -> Prepared:
    """Everything to start with. ValueError for too short a text, BudgetError for too large a run.

    A fine-tuning finds the model that it goes on from in this data folder. `most_flops` replaces the limit of
    the settings.
    """
    tokenizer = tokenizer or tokenizer_of(recipe, home)
    ids = torch.tensor(tokenizer.encode(recipe.corpus_text), dtype=torch.long)
    check_parts(len(ids), recipe.model.context_length)
    corpus = Corpus(*train_validation_split(ids))
    model = recipe.model if recipe.tuning else replace(recipe.model, vocab_size=tokenizer.vocab_size)
    task = task_of(recipe, model, tokenizer, corpus, home)
    config = replace(model, context_length=task.length)
    check_budget(config, recipe.train, recipe.batch_size, most_flops=most_flops)
    warnings = (NOTHING_TO_LEARN,) if len(set(recipe.corpus_text)) < 2 or bool((ids == ids[0]).all()) else ()
    return Prepared(recipe, tokenizer, model, *corpus, task, warnings)


def task_of(
    recipe: Recipe, model: GPTConfig, tokenizer: Tokenizer, corpus: Corpus, home: Home | None
) -> Task:
    """What the recipe learns. ValueError if its tokenizer or its labelled texts are no good for that."""
    if recipe.tuning is None:
        return Pretraining(recipe, model, tokenizer, corpus)
    learned = classifying if isinstance(recipe.tuning, Classify) else instructing
    return learned(recipe, model, tokenizer, corpus, lambda: open_base(home, recipe.tuning.base))


def fine_tuning(home: Home, tuning: Tuning, **changes: object) -> Recipe:
    """A recipe that goes on from a model: its text, tokenizer and architecture are those of the model."""
    recipe, base = recipe_from(home, tuning.base)
    return replace(recipe, tuning=replace(tuning, base=base), **changes)


class Checked(NamedTuple):
    """A recipe that can be trained."""

    model: GPTConfig  # with the vocabulary that it will have, at most, and the length of what it learns from
    warnings: tuple[str, ...] = ()


@lru_cache(maxsize=8)  # thirty people press the same button
def check_recipe(recipe: Recipe, home: Home | None = None) -> Checked:
    """Refuse, before it is queued, what `prepared` would refuse.

    The byte-pair vocabulary of a long text takes seconds to train, so that is left to the worker: here a byte
    counts as a token.
    """
    if recipe.tuning or recipe.tokenizer != "bpe" or len(recipe.corpus_text) <= SHORT_TEXT:
        ready = prepared(recipe, home=home)
        return Checked(replace(ready.model, context_length=ready.task.length), ready.warnings)
    if recipe.model.vocab_size < 257:
        raise ValueError(
            f"vocab_size is {recipe.model.vocab_size}: a byte-pair vocabulary needs at least 257"
        )
    check_parts(len(recipe.corpus_text.encode()), recipe.model.context_length)
    check_budget(recipe.model, recipe.train, recipe.batch_size)
    return Checked(recipe.model)


def check_parts(n_tokens: int, context_length: int) -> None:
    """Raise ValueError, with the length needed, if the validation part of the text has not one window."""
    _, validation_part = train_validation_split(range(n_tokens))
    if len(validation_part) <= context_length:
        raise ValueError(
            f"the text has {n_tokens:,} token(s), and a tenth, kept for validation, must be more than the "
            f"context of {context_length}: give at least {10 * context_length + 10:,} tokens, "
            "or choose a shorter context"
        )
