"""Names for runs that lie over each other: distinct, complete, and in words that a learner knows."""

import re
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import ACTIVATIONS, NORMS, POSITIONS, GPTConfig
from core.training import TrainConfig
from runs import Recipe
from runs.differences import WORDS, difference, differences
from runs.recipe import TOKENIZERS
from runs.tuning import Classify, Instruct, Lora
from tests.runs.tiny import with_train

BASE = Recipe.preset()
RATES = st.floats(0, 10, allow_subnormal=False)
COUNTS = st.integers(1, 1000)
VALUES = {  # of each field, what it may be changed to
    "corpus": st.sampled_from(["grimm", "match-seller", "grimm+match-seller"]),
    "text": st.text(min_size=1, max_size=20),
    "tokenizer": st.sampled_from(TOKENIZERS),
    "batch_size": COUNTS,
    "eval_every": COUNTS,
    "seed": st.integers(0, 2**63 - 1),
    "rate_changes": st.lists(st.tuples(st.integers(0, 400), RATES), unique_by=lambda change: change[0]).map(
        lambda changes: tuple(sorted(changes))
    ),
    "tuning": st.sampled_from([None, Classify(), Classify(read="first"), Instruct(), Instruct(lora=Lora())]),
    "vocab_size": st.integers(257, 9000),
    "context_length": COUNTS,
    "emb_dim": COUNTS.map(lambda count: 48 * count),
    "n_heads": st.sampled_from([1, 2, 3, 4, 6, 8, 12]),
    "n_layers": COUNTS,
    "drop_rate": st.floats(0, 0.9),
    **dict.fromkeys(["qkv_bias", "tie_weights", "causal", "scale_scores", "residual"], st.booleans()),
    "position": st.sampled_from(POSITIONS),
    "norm": st.sampled_from(NORMS),
    "activation": st.sampled_from(ACTIVATIONS),
    "norm_eps": st.floats(1e-12, 1),
    "ffn_width": st.none() | COUNTS,
    **dict.fromkeys(["learning_rate", "weight_decay", "eps", "min_learning_rate"], RATES),
    "betas": st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)),
    "steps": COUNTS,
    "warmup_steps": st.integers(0, 1000),
    "schedule": st.sampled_from(["constant", "cosine"]),
    "clip_norm": st.none() | st.floats(0.01, 10),
}


def with_model(recipe: Recipe, **changes: object) -> Recipe:
    return replace(recipe, model=replace(recipe.model, **changes))


def changed(recipe: Recipe, name: str, value: object) -> Recipe:
    """The recipe with one field changed, wherever that field is."""
    if name in ("corpus", "text"):
        return replace(recipe, **{"corpus": None, "text": None} | {name: value})
    if name in {field.name for field in fields(Recipe)}:
        return replace(recipe, **{name: value})
    if name in {field.name for field in fields(GPTConfig)}:
        return with_model(recipe, **{name: value})
    return with_train(recipe, **{name: value})


def test_every_field_of_a_recipe_has_words() -> None:
    whole = {field.name for part in (Recipe, GPTConfig, TrainConfig) for field in fields(part)}
    assert set(WORDS) == whole - {"corpus", "model", "train"}
    assert set(VALUES) == whole - {"model", "train"}


@given(st.data())
def test_any_single_change_is_named(data) -> None:
    name = data.draw(st.sampled_from(sorted(VALUES)))
    other = changed(BASE, name, data.draw(VALUES[name]))
    same = other.key() == BASE.key()
    first, second = differences([BASE, other])
    assert first
    assert first != second
    assert (difference(other, BASE) == "same recipe") == same
    assert ((first, second) == ("same recipe (1)", "same recipe (2)")) == same


@given(st.lists(st.sampled_from(sorted(VALUES)), max_size=6), st.data())
def test_labels_of_many_runs_are_distinct_and_name_the_same_fields(names, data) -> None:
    recipes = [BASE]
    for name in names:
        recipes.append(changed(recipes[-1], name, data.draw(VALUES[name])))
    labels = differences(recipes)
    assert len(set(labels)) == len(recipes)
    if all(recipe.text is None for recipe in recipes):  # two texts of one's own may look the same
        without_numbers = {re.sub(r" \(\d\)$", "", label) for label in labels}
        assert len(without_numbers) == len({recipe.key() for recipe in recipes})


CASES = [
    (with_model(BASE, causal=False), ("with mask", "no mask")),
    (with_model(BASE, position="rotary"), ("position: learned", "position: rotary")),
    (with_model(BASE, position="none"), ("position: learned", "no positions")),
    (with_model(BASE, residual=False), ("with residual", "no residual")),
    (with_model(BASE, n_layers=12), ("2 layers", "12 layers")),
    (with_model(BASE, n_layers=1), ("2 layers", "1 layer")),
    (with_model(BASE, drop_rate=0.25), ("no dropout", "dropout 0.25")),
    (with_model(BASE, vocab_size=300), ("vocabulary of 512", "vocabulary of 300")),
    (with_train(BASE, learning_rate=0.01), ("learning rate 0.005", "learning rate 0.01")),
    (with_train(BASE, clip_norm=None), ("gradient clipped at 1", "no clipping")),
    (with_train(BASE, eps=1e-10), ("epsilon 1e-08", "epsilon 1e-10")),
    (with_train(BASE, steps=2000), ("400 steps", "2000 steps")),
    (replace(BASE, seed=7), ("seed 123", "seed 7")),
    (BASE.with_rate(120, 1e-3), ("learning rate never changed", "learning rate 0.001 from step 120")),
    (replace(BASE, corpus="grimm"), ("text: The Ugly Duckling", "text: Grimm's Fairy Tales")),
    (
        replace(BASE, corpus=None, text="ab" * 617),
        ("text: The Ugly Duckling", "own text (1,234 characters)"),
    ),
    (replace(BASE, tokenizer="char"), ("tokens: byte pairs", "tokens: characters")),
]


@pytest.mark.parametrize(
    ("other", "labels"), CASES, ids=lambda case: case[1] if isinstance(case, tuple) else ""
)
def test_one_difference_is_said_in_words(other, labels) -> None:
    assert tuple(differences([BASE, other])) == labels
    assert difference(other, BASE) == f"same but: {labels[1]}"
    assert difference(BASE, other) == f"same but: {labels[0]}"


def test_a_sweep_is_named_by_what_is_swept() -> None:
    rates = (1e-5, 1e-3, 0.01, 0.1, 1.0)
    swept = [with_train(BASE, learning_rate=rate, min_learning_rate=rate / 30) for rate in rates]
    shown = ["0.00001", "0.001", "0.01", "0.1", "1"]
    assert differences(swept) == [f"learning rate {rate}" for rate in shown]


def test_the_lowest_rate_is_named_where_it_does_not_just_follow() -> None:
    other = with_train(BASE, min_learning_rate=2e-4)
    assert differences([BASE, other]) == ["lowest learning rate 0.0001", "lowest learning rate 0.0002"]


def test_two_lowest_rates_of_one_highest_are_told_apart_however_near_they_are() -> None:
    other = with_train(BASE, min_learning_rate=BASE.train.min_learning_rate * (1 + 1e-15))
    assert difference(other, BASE) == "same but: lowest learning rate 0.00010000000000000011"


def test_a_third_of_a_rate_is_rounded_and_its_neighbour_is_not() -> None:
    third = with_train(BASE, learning_rate=0.005 / 3, min_learning_rate=1e-4 / 3)
    assert difference(third, BASE) == "same but: learning rate 0.00167"
    near = with_train(BASE, learning_rate=0.0050001, min_learning_rate=BASE.train.min_learning_rate * 1.00002)
    assert difference(near, BASE) == "same but: learning rate 0.0050001"


def test_each_label_names_every_field_in_which_the_set_differs() -> None:
    no_mask = with_model(BASE, causal=False)
    assert differences([BASE, no_mask, replace(no_mask, seed=7)]) == [
        "with mask, seed 123",
        "no mask, seed 123",
        "no mask, seed 7",
    ]


def test_a_vocabulary_is_named_only_where_it_was_chosen() -> None:
    recipes = [BASE, with_model(BASE, vocab_size=300), replace(BASE, tokenizer="word")]
    assert differences(recipes) == [
        "tokens: byte pairs, vocabulary of 512",
        "tokens: byte pairs, vocabulary of 300",
        "tokens: words",
    ]


def test_identical_runs_are_numbered() -> None:
    other = replace(BASE, seed=7)
    assert differences([BASE, other, BASE]) == ["seed 123 (1)", "seed 7", "seed 123 (2)"]
    assert differences([BASE] * 6) == [f"same recipe ({number})" for number in range(1, 7)]
    assert differences([BASE]) == ["same recipe"]
    assert differences([]) == []
    ab, ba = (replace(BASE, corpus=None, text=text) for text in ("abab", "baba"))
    assert differences([ab, ba]) == ["own text (4 characters) (1)", "own text (4 characters) (2)"]


def test_the_same_text_is_the_same_however_it_came() -> None:
    assert difference(replace(BASE, corpus=None, text=BASE.corpus_text), BASE) == "same recipe"


def test_the_most_important_differences_come_first_and_the_rest_are_counted() -> None:
    other = replace(
        with_train(with_model(BASE, causal=False, n_layers=3), learning_rate=0.01, steps=50, clip_norm=None),
        corpus="grimm",
        seed=7,
    )
    assert difference(other, BASE) == (
        "same but: no mask, 3 layers, text: Grimm's Fairy Tales, learning rate 0.01 and 3 more"
    )
