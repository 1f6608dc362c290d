"""The model that ships has learned something, and its files belong together."""

import json

import pytest
import torch

from core.embeddings import nearest
from core.gpt import parameter_count
from core.library import read_text
from core.training import next_token_loss
from views import bundled as storyteller
from views.bundled import BUNDLED, MODELS
from views.catalogue import UNTRAINED, open_model


@pytest.fixture(scope="module")
def bundled():
    return open_model(None, BUNDLED, None)


def test_tokenizer_and_model_fit(bundled):
    model, tokenizer = bundled
    assert tokenizer.vocab_size == model.config.vocab_size
    assert sum(p.numel() for p in model.parameters()) == parameter_count(model.config)


def test_it_reads_its_own_text_far_better_than_guessing(bundled):
    model, tokenizer = bundled
    ids = torch.tensor([tokenizer.encode(read_text("grimm")[20_000:22_000])[: model.config.context_length]])
    with torch.inference_mode():
        loss = next_token_loss(model(ids)[:, :-1], ids[:, 1:])
        guessing = next_token_loss(open_model(None, UNTRAINED, None)[0](ids)[:, :-1], ids[:, 1:])
    assert loss < guessing / 2


def test_training_made_neighbours(bundled):
    """The nearest row to a word is much nearer than any row is by chance."""
    model, tokenizer = bundled
    untrained = open_model(None, UNTRAINED, None)[0]
    words = [tokenizer.encode(word)[0] for word in (" king", " she", " three", " forest", " would")]
    for table, low, high in ((untrained.tok_emb.weight, 0.0, 0.45), (model.tok_emb.weight, 0.45, 1.0)):
        for word in words:
            assert low < nearest(table, table[word], 1, leave_out=(word,))[0][1] < high


def test_its_curve_is_the_one_of_its_recipe():
    facts = json.loads((MODELS / f"{BUNDLED}.recipe.json").read_text())
    curve = storyteller.evaluations()
    assert curve[-1].step == facts["recipe"]["train"]["steps"]
    assert curve[-1].val_loss == pytest.approx(facts["result"]["val_loss"], abs=5e-3)
