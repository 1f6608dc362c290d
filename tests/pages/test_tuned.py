"""Models that were fine-tuned, on every page: they are models like any other."""

from dataclasses import replace

import pytest

from core.config import GPTConfig
from runs import Recipe, storyteller
from runs.prepare import fine_tuning
from runs.presets import with_train
from runs.tuning import Base, Classify, Instruct, Lora
from tests.pages.conftest import FILES, open_page, shown_text
from tests.runs.tiny import wait_for_state
from views import cache
from views.catalogue import open_model

ME = "c" * 32
SMALL = Recipe(
    corpus="match-seller",
    tokenizer="bpe",
    model=GPTConfig(vocab_size=300, context_length=96, emb_dim=16, n_heads=2, n_layers=2),
    seed=4,
)
TUNINGS = {
    "classify": Classify(length=16),
    "instruct": Instruct(each=20, lora=Lora(rank=2)),
}


@pytest.fixture(scope="module")
def tuned() -> dict[str, str]:
    """Runs that went on from one small run, by what they learned."""
    store = cache.store()
    base = store.start(with_train(SMALL, steps=2), ME)
    wait_for_state(store, base, "done")
    found = {}
    for name, tuning in TUNINGS.items():
        recipe = fine_tuning(store.home, replace(tuning, base=Base(model=base)))
        found[name] = store.start(with_train(recipe, steps=2), ME)
    for run_id in found.values():
        assert wait_for_state(store, run_id, "done", "failed").state == "done"
    cache.forget_lists()
    return found


@pytest.mark.parametrize("name", TUNINGS)
@pytest.mark.parametrize("file", FILES)
def test_every_page_shows_it(file: str, name: str, tuned: dict[str, str]):
    page = open_page(file, owner=ME, model=tuned[name])
    assert not page.exception
    assert not page.error
    assert shown_text(page)


@pytest.mark.parametrize("file", ["pages/model/logits.py", "pages/talking/sampling.py"])
def test_where_next_tokens_are_read_it_says_what_it_was_trained_for(file: str, tuned: dict[str, str]):
    told = shown_text(open_page(file, owner=ME, model=tuned["classify"])).replace("\\", "")
    assert "is a fine-tuning: it sorts novels by the last token" in told
    assert "what is left of its next-token predictions" in told
    assert "Its classes are on *Classification*" in told
    told = shown_text(open_page(file, owner=ME, model=tuned["instruct"])).replace("\\", "")
    assert "is a fine-tuning: it follows instructions" in told
    assert "is a fine-tuning" not in shown_text(open_page(file))


def test_the_picker_says_what_it_has_learned(tuned: dict[str, str]):
    page = open_page("pages/start/home.py", owner=ME)
    names = [option for box in page.selectbox for option in box.options]
    assert any("sorts novels by the last token, the last block learns" in name for name in names)
    assert any("follows instructions, plain template" in name for name in names)


def test_one_that_waits_shows_the_model_that_it_goes_on_from():
    store = cache.store()
    recipe = fine_tuning(store.home, Classify(base=Base(step=storyteller.steps()[1]), length=16))

    class Waiting:
        """A store in which the run has not begun."""

        home = store.home
        brought = staticmethod(store.brought)

        def checkpoints(self, key):
            return []

        def recipe(self, key):
            return recipe

    model, tokenizer = open_model(Waiting(), "d" * 32, 0)
    assert tokenizer.vocab_size == storyteller.tokenizer().vocab_size
    assert model.config == storyteller.open_step(storyteller.steps()[1]).config
