"""The model that ships has learned something, and its files belong together."""

import json
import re
from dataclasses import asdict

import pytest
import torch

from bench.card import card
from core.embeddings import nearest
from core.gpt import parameter_count
from core.library import read_text
from core.roles import STANDS_OUT, head_scores
from core.sampling import generate
from core.training import next_token_loss
from runs import storyteller
from runs.second_phase import TRAIN
from runs.storyteller import BUNDLED, models_folder
from views.catalogue import UNTRAINED, ModelChoice, open_model, with_steps
from views.state.linked import FIRST_HEAD, FIRST_LAYER


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
    facts = json.loads((models_folder() / f"{BUNDLED}.recipe.json").read_text())
    curve = storyteller.evaluations()
    assert curve[-1].step == facts["recipe"]["train"]["steps"] + facts["second_phase"]["steps"]
    assert facts["second_phase"] == json.loads(json.dumps(asdict(TRAIN)))  # what `make model` would do
    assert curve[-1].val_loss == pytest.approx(facts["result"]["val_loss"], abs=5e-3)


@pytest.mark.parametrize("repeat", [16, 48])
def test_it_has_an_induction_head_at_both_lengths_of_repeat(bundled, repeat):
    """The gate of the bundled model: more than 0.40 beyond chance, by more than three standard errors."""
    scores = head_scores(bundled[0], repeat=repeat)
    at = (FIRST_LAYER, FIRST_HEAD)  # where pages open
    assert scores.repeat == repeat
    assert scores.beyond(*at)["induction"] - 3 * scores.error("induction", *at) / (1 - 0.05) > STANDS_OUT
    assert scores.roles[FIRST_LAYER][FIRST_HEAD][0] == "induction"
    assert not scores.undecided(*at)
    assert scores.roles[3][3][0] == "previous token"  # the head of the README's link


@pytest.mark.slow
@pytest.mark.parametrize("repeat", [16, 48])
def test_what_the_card_says_of_its_induction_head_is_measured_again_on_other_texts(bundled, repeat):
    told = next(one for one in storyteller.facts("card")["induction"] if one["repeat"] == repeat)
    scores = head_scores(bundled[0], seed=900_001, repeat=repeat, texts=300)
    assert scores.texts >= 300
    found = scores.at(told["layer"], told["head"])["induction"]
    assert found == pytest.approx(told["score"], abs=5 * told["error"])
    assert scores.beyond(told["layer"], told["head"])["induction"] > STANDS_OUT


def test_its_rail_leads_from_noise_to_stories(bundled):
    ids = torch.tensor([bundled[1].encode("Once upon a time there was a king who had a daughter. ")])
    losses = []
    for step in storyteller.steps():
        model = storyteller.open_step(step)
        assert model.config == bundled[0].config
        with torch.inference_mode():
            losses.append(next_token_loss(model(ids)[:, :-1], ids[:, 1:]).item())
    assert storyteller.steps()[:4] == (0, 10, 100, 1000)
    assert losses[0] > losses[1] > losses[2] > losses[3]
    assert losses[-1] < 0.5 * losses[2]
    with pytest.raises(ValueError, match="not kept at step 7"):
        storyteller.open_step(7)


def test_early_steps_say_that_they_are_rounded(bundled):
    choice = with_steps(None, ModelChoice(BUNDLED, "Storyteller"))
    assert choice.rounded == storyteller.steps()[1:-1]


def test_its_card_is_written_from_what_was_measured():
    assert (models_folder() / "CARD.md").read_text(encoding="utf-8") == card()


def test_it_writes_simple_sentences(bundled):
    """No judge of stories: but its words are words, and its sentences end."""
    model, tokenizer = bundled
    ids = tokenizer.encode("Once upon a time")
    new = generate(model, ids, 120, temperature=0.8, generator=torch.Generator().manual_seed(1))
    text = tokenizer.decode([*ids, *new])
    words = re.findall(r"[a-z]+", text.lower())
    known = set(re.findall(r"[a-z]+", read_text("storyteller-mix").lower()))
    assert len(words) > 60
    assert sum(word in known for word in words) > 0.97 * len(words)
    assert len(re.findall(r'[.!?]["\s]', text)) >= 4
