"""Fine-tunings as runs: recipes, what is refused, resuming bit for bit, and what a checkpoint gives back."""

from dataclasses import replace

import pytest
import torch

from core.class_data import read_class_data
from core.classify import class_logits
from core.config import GPTConfig
from core.gpt import GPTModel, build_model
from core.lora import trainable_count
from core.templates import ALPACA
from core.training import TrainConfig
from runs import NotThereError, Recipe, open_store
from runs.base import fingerprint, keep_tokenizer, open_base
from runs.classifying import classes_of, classifier_from, parts_of
from runs.prepare import check_recipe, fine_tuning, prepared, tokenizer_of
from runs.rail import load_beside, load_from_rail, save_to_rail, thin_out
from runs.resume import load_training, save_training
from runs.training import Training
from runs.tuning import Base, Classify, Instruct, Lora, in_words
from tests.runs.tiny import RECIPE, wait_for_state, weights_of, with_train

STEPS = 6
TRAIN = TrainConfig(learning_rate=1e-3, steps=STEPS, clip_norm=1.0)
CSV = "text,label\n" + "".join(f"the cat sat on mat {n},cat\na dog ran away {n},dog\n" for n in range(20))
SMALL = Recipe(
    corpus="match-seller",
    tokenizer="bpe",
    model=GPTConfig(vocab_size=300, context_length=96, emb_dim=16, n_heads=2, n_layers=2, drop_rate=0.1),
)
KINDS = {
    "class layer": Classify(trained="head", length=12),
    "last block": Classify(length=12),
    "all": Classify(trained="all", read="mean", length=12),
    "adapters under a class layer": Classify(lora=Lora(rank=2), length=12),
    "adapters elsewhere": Classify(lora=Lora(rank=2, layers=("W_query",)), length=12),
    "own table": Classify(data=None, csv=CSV, length=12),
    "instructions": Instruct(each=20),
    "answers alone": Instruct(each=20, mask_prompt=True, end_in_targets=False),
    "instructions with adapters": Instruct(each=20, lora=Lora(rank=2)),
}


def base_run(store, recipe: Recipe) -> Base:
    """A run that has a checkpoint, though nobody has trained it."""
    run_id = store.start(recipe, "somebody")
    folder = store.home.run_dir(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(recipe)
    keep_tokenizer(folder, tokenizer)
    save_to_rail(build_model(replace(recipe.model, vocab_size=tokenizer.vocab_size)), folder, 0)
    return Base(model=run_id)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A store with two small bases: with and without a table of its own for the output layer."""
    store = open_store(tmp_path_factory.mktemp("tuned"), start_dispatcher=False)
    tied = replace(SMALL, model=replace(SMALL.model, tie_weights=True))
    return store, {"untied": base_run(store, SMALL), "tied": base_run(store, tied)}


def begun(small, tuning, kind: str = "untied", **changes) -> Training:
    store, bases = small
    changes = {"train": TRAIN, "batch_size": 4, "eval_every": STEPS} | changes
    recipe = fine_tuning(store.home, replace(tuning, base=bases[kind]), **changes)
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_json(recipe.to_json()).key() == recipe.key()
    return Training.begin(prepared(recipe, home=store.home))


@pytest.mark.parametrize("kind", ["untied", "tied"])
@pytest.mark.parametrize("tuning", KINDS.values(), ids=KINDS)
def test_resume_is_bit_for_bit(small, tuning, kind, tmp_path):
    whole = begun(small, tuning, kind)
    losses = [event.loss for event in whole.events()]
    half = begun(small, tuning, kind)
    events = half.events()
    assert [next(events).loss for _ in range(3)] == losses[:3]
    half.evaluate()
    save_training(half, tmp_path)
    torch.manual_seed(99)  # what another process would have
    resumed = load_training(half.prepared, tmp_path)
    assert resumed.step == 3
    assert [event.loss for event in resumed.events()] == losses[3:]
    weights, others = weights_of(whole), weights_of(resumed)
    assert weights.keys() == others.keys()
    assert all(torch.equal(weights[name], others[name]) for name in weights)


@pytest.mark.parametrize("kind", ["untied", "tied"])
@pytest.mark.parametrize("tuning", KINDS.values(), ids=KINDS)
def test_step_0_shows_the_base_and_only_what_may_learn_moves(small, tuning, kind):
    training = begun(small, tuning, kind)
    store, bases = small
    base = open_base(store.home, bases[kind])
    ids = torch.arange(20)[None]
    assert torch.equal(training.body().eval()(ids), base.eval()(ids))
    frozen = {name for name, weight in training.model.named_parameters() if not weight.requires_grad}
    before = weights_of(training)
    for _ in training.events():
        pass
    after = weights_of(training)
    assert all(torch.equal(before[name], after[name]) for name in frozen)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert not moved & frozen
    assert isinstance(training.body(), GPTModel)
    assert training.body().out_head.out_features == base.config.vocab_size  # it still foretells tokens


def test_what_learns_is_what_was_asked_for(small):
    counts = {name: trainable_count(begun(small, KINDS[name]).model) for name in KINDS}
    assert counts["class layer"] == 2 * 16 + 2
    assert counts["class layer"] < counts["last block"] < counts["all"]
    assert counts["adapters elsewhere"] == 2 * 2 * (16 + 16) + 2 * 16 + 2  # adapters, and the new layer


@pytest.mark.parametrize("name", ["last block", "adapters under a class layer", "own table"])
def test_a_checkpoint_gives_the_classifier_back(small, name, tmp_path):
    training = begun(small, KINDS[name])
    for _ in training.events():
        pass
    task = training.prepared.task
    save_to_rail(training.body(), tmp_path, STEPS, task.beside(training.model))
    found = classifier_from(
        training.prepared.recipe.tuning, load_from_rail(tmp_path, STEPS), load_beside(tmp_path, STEPS)
    )
    texts = task.parts.watch.ids
    assert found.read == task.tuning.read
    torch.testing.assert_close(
        class_logits(found, texts), class_logits(training.model, texts), atol=2e-2, rtol=0
    )  # the rail is kept in half precision


def test_a_checkpoint_goes_as_a_whole(small, tmp_path):
    training = begun(small, KINDS["last block"])
    for step in range(9):
        save_to_rail(training.body(), tmp_path, step, training.prepared.task.beside(training.model))
    thin_out(tmp_path, frozenset({0}))
    names = sorted(path.stem for path in (tmp_path / "rail").glob("*.beside"))
    assert names == sorted(path.stem for path in (tmp_path / "rail").glob("*.safetensors"))
    assert len(names) == 5


def test_a_model_that_sorts_nothing_is_no_classifier(small):
    with pytest.raises(ValueError, match="no class layer"):
        classifier_from(Classify(), build_model(SMALL.model), {})


def test_evaluations_say_how_well_it_does_it(small):
    training = begun(small, KINDS["own table"])
    first = training.evaluate()
    assert set(first.scores) == {"train_accuracy", "val_accuracy", "old_loss"}
    for _ in training.events():
        pass
    last = training.evaluate()
    assert set(last.scores) - set(first.scores) == {"test_accuracy"}
    assert all(0 <= last.scores[name] <= 1 for name in ("train_accuracy", "val_accuracy", "test_accuracy"))
    assert " → " in last.sample
    told = begun(small, KINDS["instructions"], train=replace(TRAIN, steps=1))
    for _ in told.events():
        pass
    scores = told.evaluate().scores
    assert {"exact", "stopped", "old_loss", "surprise", "exact:plural", "stopped:sum"} <= set(scores)


def test_the_old_loss_is_that_of_the_old_text(small):
    """Before the first step it is the base's own validation loss."""
    store, bases = small
    training = begun(small, KINDS["class layer"])
    base = begun_base(store, bases["untied"])
    assert training.evaluate().scores["old_loss"] == pytest.approx(base.evaluate().val_loss, rel=1e-5)


def begun_base(store, base: Base) -> Training:
    training = Training.begin(prepared(store.recipe(base.model)))
    training.model.load_state_dict(open_base(store.home, base).state_dict())
    return training


def test_the_three_parts_share_no_text():
    parts = parts_of(Classify(length=16), tokenizer_of(SMALL))
    texts = [set(part.texts) for part in parts[:3]]
    assert not texts[0] & texts[1]
    assert not texts[0] & texts[2]
    assert parts.classes == classes_of(Classify()) == read_class_data("novels").classes
    for part in parts[:3]:
        assert part.ids.ids.shape == (len(part.texts), 16)
        assert len(part.labels) == len(part.texts)


@pytest.mark.parametrize(
    ("tuning", "sentence"),
    [
        (Classify(length=97), "reads at most 96: choose a shorter length"),
        (Classify(data=None, csv="text,label\none,cat\ntwo,dog\n"), "at least 10: add rows"),
        (Classify(data=None, csv=CSV.replace("dog\n", "cat\n")), "at least two classes"),
        (Instruct(template=ALPACA), "reads at most 96"),
    ],
)
def test_what_cannot_be_learned_is_refused_before_it_is_queued(small, tuning, sentence):
    store, bases = small
    recipe = fine_tuning(store.home, replace(tuning, base=bases["untied"]), train=TRAIN)
    with pytest.raises(ValueError, match=sentence):
        check_recipe(recipe, store.home)


def test_letters_have_no_end_token(small):
    store, _ = small
    letters = base_run(store, replace(RECIPE, seed=9, model=replace(RECIPE.model, context_length=96)))
    recipe = fine_tuning(store.home, Instruct(base=letters), train=TRAIN)
    with pytest.raises(ValueError, match="needs it to stop"):
        check_recipe(recipe, store.home)
    sorts = fine_tuning(store.home, Classify(base=letters, length=16), train=TRAIN)
    assert check_recipe(sorts, store.home).model.context_length == 16


def test_a_base_that_is_gone_or_another_is_refused(small):
    store, bases = small
    with pytest.raises(NotThereError, match="no longer on this server"):
        fine_tuning(store.home, Classify(base=Base(model="f" * 32)))
    base = replace(bases["tied"], step=0, fingerprint="0" * 64)
    with pytest.raises(NotThereError, match="has changed"):
        open_base(store.home, base)


def test_a_recipe_names_its_base_for_good(small):
    store, bases = small
    recipe = fine_tuning(store.home, Classify(base=bases["tied"]))
    model = open_base(store.home, bases["tied"])
    assert recipe.tuning.base.step == 0
    assert recipe.tuning.base.fingerprint == fingerprint(model.parameters())
    assert recipe.key() != fine_tuning(store.home, Classify(base=bases["untied"])).key()
    assert recipe.model == model.config


def test_words_tell_what_is_learned():
    assert in_words(Classify(read="first")) == "sorts novels by the first token, the last block learns"
    assert in_words(Classify(lora=Lora(rank=4))) == "sorts novels by the last token, LoRA of rank 4"
    assert in_words(Instruct(end_in_targets=False)).endswith("without the end token")


@pytest.mark.parametrize(
    "tuning",
    [
        pytest.param(Classify(length=16), id="classify"),
        pytest.param(Instruct(each=20), id="instruct", marks=pytest.mark.slow),
    ],
)
def test_a_worker_trains_it_and_the_next_run_goes_on_from_it(live, tuning):
    base = live.start(replace(SMALL, seed=1, train=TRAIN), "me")
    wait_for_state(live, base, "done")
    recipe = fine_tuning(live.home, replace(tuning, base=Base(model=base)), train=TRAIN, batch_size=4)
    run_id = live.start(recipe, "me")
    assert wait_for_state(live, run_id, "done", "failed").state == "done"
    assert live.checkpoints(run_id)[0] == 0
    assert live.events(run_id)[-1].scores["old_loss"] > 0
    torch.testing.assert_close(
        live.model(run_id, 0).tok_emb.weight, live.model(base, STEPS).tok_emb.weight, atol=1e-3, rtol=0
    )
    assert len(live.facts(run_id)) == len(live.checkpoints(run_id))
    again = live.start(fine_tuning(live.home, Instruct(each=20, base=Base(model=run_id)), train=TRAIN), "me")
    assert wait_for_state(live, again, "done", "failed").state == "done"
    if isinstance(tuning, Classify):
        assert live.classifier(run_id, STEPS).model.out_head.out_features == 2


def test_a_run_whose_base_is_gone_says_so(live):
    base = Base(model="e" * 32, step=3, fingerprint="0" * 64)
    recipe = with_train(replace(SMALL, tuning=Classify(base=base, length=16)), steps=2)
    with pytest.raises(NotThereError, match="no longer"):
        live.start(recipe, "me")
