"""What tells runs apart, in a learner's words: names for curves that lie over each other."""

import math
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from core.library import library
from runs.recipe import Recipe
from runs.tuning import in_words

MOST_NAMED = 4  # differences in one sentence; the rest are counted
SAME = "same recipe"
ROUNDED, EXACT = 3, 17  # digits of a number: to be read, and so that no two numbers look the same
# Every field, the most important first: words for some of its values, and for any other ({}).
WORDS: dict[str, tuple[dict, str]] = {
    "causal": ({True: "with mask", False: "no mask"}, ""),
    "position": ({"none": "no positions"}, "position: {}"),
    "norm": ({"none": "no norm", "pre": "norm before each layer", "post": "norm after each layer"}, ""),
    "residual": ({True: "with residual", False: "no residual"}, ""),
    "scale_scores": ({True: "scores divided by √D", False: "scores not divided"}, ""),
    "activation": ({"gelu_tanh": "GELU (tanh)", "gelu": "GELU", "relu": "ReLU", "silu": "SiLU"}, ""),
    "ffn_width": ({None: "feed-forward of 4 widths"}, "feed-forward width {}"),
    "norm_eps": ({}, "LayerNorm eps {}"),
    "tie_weights": ({True: "tied weights", False: "untied weights"}, ""),
    "qkv_bias": ({True: "with query, key, value bias", False: "no query, key, value bias"}, ""),
    "drop_rate": ({0: "no dropout"}, "dropout {}"),
    "n_layers": ({1: "1 layer"}, "{} layers"),
    "n_heads": ({1: "1 head"}, "{} heads"),
    "emb_dim": ({}, "width {}"),
    "context_length": ({1: "context of 1 token"}, "context of {} tokens"),
    "text": ({}, "{}"),
    "tokenizer": (
        {
            "char": "tokens: characters",
            "word": "tokens: words",
            "bpe": "tokens: byte pairs",
            "gpt2": "tokens: GPT-2's",
        },
        "",
    ),
    "vocab_size": ({None: ""}, "vocabulary of {}"),
    "tuning": ({None: "no fine-tuning"}, "{}"),
    "learning_rate": ({}, "learning rate {}"),
    "rate_changes": ({(): "learning rate never changed"}, "{}"),
    "schedule": ({"constant": "constant rate", "cosine": "cosine schedule"}, ""),
    "warmup_steps": ({0: "no warm-up", 1: "1 step of warm-up"}, "{} steps of warm-up"),
    "min_learning_rate": ({}, "lowest learning rate {}"),
    "clip_norm": ({None: "no clipping"}, "gradient clipped at {}"),
    "weight_decay": ({0: "no weight decay"}, "weight decay {}"),
    "betas": ({}, "betas {}"),
    "eps": ({}, "epsilon {}"),
    "steps": ({1: "1 step"}, "{} steps"),
    "batch_size": ({}, "batch of {}"),
    "seed": ({}, "seed {}"),
    "eval_every": ({1: "evaluated every step"}, "evaluated every {} steps"),
}


def differences(recipes: Sequence[Recipe]) -> list[str]:
    """A label for each recipe: all in which the recipes differ, and how it is here; no two are the same."""
    fields = differing(recipes)
    labels = [", ".join(words(fields, recipe)) or SAME for recipe in recipes]
    times, seen = Counter(labels), Counter()
    for index, label in enumerate(labels):
        seen[label] += 1
        if times[label] > 1:
            labels[index] = f"{label} ({seen[label]})"
    return labels


def difference(one: Recipe, base: Recipe) -> str:
    """One recipe as seen from another: "same but: no mask", or "same recipe"."""
    found = words(differing([one, base]), one)
    if not found:
        return SAME
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"same but: {', '.join(found[:MOST_NAMED])}{more}"


def differing(recipes: Sequence[Recipe]) -> dict[str, int]:
    """The fields that are not the same in all recipes, and how many digits their numbers need."""
    fields = {}
    for name in WORDS:
        values = {value_of(recipe, name) for recipe in recipes}
        if name == "vocab_size":
            values.discard(None)  # that of a tokenizer that comes with one of its own
        if len(values) > 1 and not (name == "min_learning_rate" and follows_the_highest(recipes)):
            short = {phrase(recipe, name, ROUNDED) for recipe in recipes}
            fields[name] = ROUNDED if len(short) >= len(values) else EXACT
    return fields


def follows_the_highest(recipes: Sequence[Recipe]) -> bool:
    """Whether the lowest rate is the same part of the highest in all recipes: then it is not worth a word."""
    pairs = {(recipe.train.learning_rate, recipe.train.min_learning_rate) for recipe in recipes}
    shares = [lowest / highest if highest else math.inf for highest, lowest in pairs]
    each_highest_once = len({highest for highest, _ in pairs}) == len(pairs)
    return each_highest_once and max(shares) - min(shares) < 1e-9


def words(fields: dict[str, int], recipe: Recipe) -> list[str]:
    """How a recipe is in these fields, where they say something about it."""
    found = (phrase(recipe, name, digits) for name, digits in fields.items())
    return [words for words in found if words]


def value_of(recipe: Recipe, name: str) -> object:
    """A field of the recipe, of its model or of its training; None for a vocabulary that is not chosen."""
    if name == "text":
        return recipe.corpus_text
    if name == "vocab_size" and recipe.tokenizer != "bpe":
        return None
    owner = next(part for part in (recipe, recipe.model, recipe.train) if hasattr(part, name))
    return getattr(owner, name)


def phrase(recipe: Recipe, name: str, digits: int) -> str:
    """How a recipe is in one field; empty for a vocabulary that is not chosen."""
    value = value_of(recipe, name)
    known, other = WORDS[name]
    return known[value] if value in known else other.format(shown(recipe, name, digits))


def shown(recipe: Recipe, name: str, digits: int) -> str:
    """The value of a field as it is read."""
    value = value_of(recipe, name)
    if name == "text":
        return title(recipe)
    if name == "tuning":
        return in_words(value)
    if name == "rate_changes":
        return " and ".join(f"learning rate {number(rate, digits)} from step {step}" for step, rate in value)
    if name == "betas":
        return " and ".join(number(beta, digits) for beta in value)
    return number(value, digits) if isinstance(value, float) else str(value)


def title(recipe: Recipe) -> str:
    """What the recipe learns from: texts of the library by their titles, or a text of one's own."""
    if recipe.corpus is None:
        return f"own text ({len(recipe.corpus_text):,} characters)"
    return f"text: {' and '.join(library()[key].title for key in recipe.corpus.split('+'))}"


def number(value: float, digits: int) -> str:
    """A number as people write it, 0.00005 and not 5e-05, unless it is tiny."""
    text = f"{value:.{digits}g}" if digits == ROUNDED else repr(float(value))
    return text if 0 < abs(value) < 1e-6 else f"{Decimal(text).normalize():f}"
