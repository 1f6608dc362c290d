"""From a recipe to what the training needs: a tokenizer, ids to learn from and ids to be tested on."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from core import budget
from core.config import GPTConfig
from core.data import train_validation_split
from core.tokenizer import Tokenizer, char_tokenizer, load_tokenizer, train_bpe, word_tokenizer
from runs.recipe import Recipe

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
    warnings: tuple[str, ...] = ()  # sentences: what is allowed and yet worth knowing


def tokenizer_of(recipe: Recipe) -> Tokenizer:
    """The recipe's tokenizer; "bpe" is trained here, about 2 seconds for a megabyte."""
    if recipe.tokenizer == "char":
        return char_tokenizer(recipe.corpus_text)
    if recipe.tokenizer == "word":
        return word_tokenizer(recipe.corpus_text, unknown=True)
    if recipe.tokenizer == "bpe":
        return train_bpe(recipe.corpus_text, recipe.model.vocab_size)
    return load_tokenizer(recipe.tokenizer)


def prepared(recipe: Recipe, tokenizer: Tokenizer | None = None) -> Prepared:
    """Everything to start with. ValueError for too short a text, BudgetError for too large a run."""
    tokenizer = tokenizer or tokenizer_of(recipe)
    ids = torch.tensor(tokenizer.encode(recipe.corpus_text), dtype=torch.long)
    check_parts(len(ids), recipe.model.context_length)
    train_ids, validation_ids = train_validation_split(ids)
    model = replace(recipe.model, vocab_size=tokenizer.vocab_size)
    budget.check(model, recipe.train, recipe.batch_size)
    warnings = (NOTHING_TO_LEARN,) if len(set(recipe.corpus_text)) < 2 or bool((ids == ids[0]).all()) else ()
    return Prepared(recipe, tokenizer, model, train_ids, validation_ids, warnings)


class Checked(NamedTuple):
    """A recipe that can be trained."""

    model: GPTConfig  # with the vocabulary that it will have, or for a long text at most
    warnings: tuple[str, ...] = ()


@lru_cache(maxsize=8)  # thirty people press the same button
def check_recipe(recipe: Recipe) -> Checked:
    """Refuse, before it is queued, what `prepared` would refuse.

    The byte-pair vocabulary of a long text takes seconds to train, so that is left to the worker: here a byte
    counts as a token.
    """
    if recipe.tokenizer != "bpe" or len(recipe.corpus_text) <= SHORT_TEXT:
        ready = prepared(recipe)
        return Checked(ready.model, ready.warnings)
    if recipe.model.vocab_size < 257:
        raise ValueError(
            f"vocab_size is {recipe.model.vocab_size}: a byte-pair vocabulary needs at least 257"
        )
    check_parts(len(recipe.corpus_text.encode()), recipe.model.context_length)
    budget.check(recipe.model, recipe.train, recipe.batch_size)
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
