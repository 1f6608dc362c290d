import json
from dataclasses import replace

import numpy as np
import pytest

from core.config import GPTConfig
from core.library import library, read_text
from runs import Recipe
from runs.budget import BudgetError
from runs.prepare import NOTHING_TO_LEARN, check_recipe, prepared, tokenizer_of
from tests.runs.tiny import with_train


def test_default_preset_is_ready_to_train():
    ready = prepared(Recipe.preset())
    assert ready.model.vocab_size == ready.tokenizer.vocab_size == Recipe.preset().model.vocab_size
    assert not ready.warnings
    assert ready.model.drop_rate == 0


def test_presets_are_named_in_the_error():
    with pytest.raises(ValueError, match="default"):
        Recipe.preset("nonsense")


def test_corpora_can_be_joined():
    both = Recipe(corpus="ugly-duckling+match-seller").corpus_text
    assert both.startswith(Recipe(corpus="ugly-duckling").corpus_text)
    assert both.endswith(Recipe(corpus="match-seller").corpus_text)


def test_json_round_trip(recipe):
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_json(Recipe.preset().to_json()) == Recipe.preset()


def test_fields_that_came_later_leave_old_recipes_their_keys():
    """A key written down before norm_eps and ffn_width were there."""
    old = Recipe.preset()
    assert old.key() == "512db816112611a57f5f2fd0e009dc0e49239e4537601ddabc9fbac8ec32ca4e"
    stated = replace(old, model=replace(old.model, ffn_width=4 * old.model.emb_dim))
    assert stated.key() == old.key()
    facts = json.loads(old.to_json())
    del facts["model"]["norm_eps"], facts["model"]["ffn_width"]
    assert Recipe.from_json(json.dumps(facts)) == old


def test_key_is_the_content(recipe):
    by_name = Recipe.preset()
    by_text = replace(by_name, corpus=None, text=by_name.corpus_text)
    assert by_name.key() == by_text.key()
    assert replace(recipe, model=replace(recipe.model, vocab_size=7)).key() == recipe.key()
    others = [
        replace(recipe, seed=124),
        replace(recipe, text=recipe.text + "!"),
        replace(recipe, model=replace(recipe.model, causal=False)),
        replace(recipe, model=replace(recipe.model, norm_eps=1e-6)),
        replace(recipe, model=replace(recipe.model, ffn_width=7)),
        with_train(recipe, learning_rate=1e-3),
        replace(recipe, batch_size=5),
        replace(recipe, tokenizer="word"),
    ]
    assert len({recipe.key(), *(other.key() for other in others)}) == len(others) + 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"corpus": "grimm"}, "not both"),
        ({"text": None}, "not both"),
        ({"text": None, "corpus": "nonsense"}, "ugly-duckling"),
        ({"tokenizer": "bytes"}, "char, word, bpe, gpt2"),
        ({"batch_size": 0}, "at least 1"),
        ({"eval_every": 0}, "at least 1"),
        ({"seed": -1}, "at least 0"),
        ({"seed": 2**63}, "at most"),
        ({"seed": 1.5}, "whole number"),
        ({"text": "x" * (5 * 2**20 + 1)}, "is the most"),
    ],
)
def test_bad_recipes_are_refused(recipe, changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        replace(recipe, **changes)


@pytest.mark.parametrize("name", ["char", "word", "bpe", "gpt2"])
def test_every_tokenizer_reads_its_text(recipe, name):
    recipe = replace(recipe, tokenizer=name, model=replace(recipe.model, vocab_size=300))
    assert check_recipe(recipe).warnings == ()
    ready = prepared(recipe)
    assert ready.model.vocab_size == tokenizer_of(recipe).vocab_size
    assert max(ready.train_ids.max(), ready.validation_ids.max()) < ready.model.vocab_size
    assert ready.tokenizer.decode(ready.train_ids[:8].tolist())[:3] == "the"


@pytest.mark.parametrize("key", library())
def test_every_library_text_can_be_trained_on(key):
    checked = check_recipe(replace(Recipe.preset(), corpus=key, tokenizer="char"))
    assert checked.model.vocab_size == len(set(read_text(key)))
    assert checked.warnings == ()


@pytest.mark.parametrize("tokenizer", ["char", "bpe"])
@pytest.mark.parametrize("text", ["", "too short", "long enough to train? " * 6])
def test_short_texts_are_refused_with_the_length_needed(recipe, tokenizer, text):
    with pytest.raises(ValueError, match="give at least 170 tokens"):
        check_recipe(replace(recipe, text=text, tokenizer=tokenizer))


def test_too_large_a_run_is_refused_with_the_sum(recipe):
    with pytest.raises(BudgetError, match="MiB"):
        check_recipe(replace(recipe, model=GPTConfig(emb_dim=8192, n_layers=96, context_length=16)))


def test_one_token_again_and_again_is_allowed_with_a_warning(recipe):
    assert check_recipe(replace(recipe, text="a" * 1000)).warnings == (NOTHING_TO_LEARN,)


def test_a_lone_surrogate_does_no_harm(recipe):
    assert "\ufffd" in replace(recipe, text=recipe.text + "\ud800").corpus_text


def test_numpys_integers_make_the_same_recipe(recipe):
    same = replace(
        recipe, batch_size=np.int64(recipe.batch_size), train=replace(recipe.train, steps=np.int64(7))
    )
    assert Recipe.from_json(same.to_json()) == same
    assert same.key() == replace(recipe, train=replace(recipe.train, steps=7)).key()
