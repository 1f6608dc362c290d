"""Classification: before a run, and each view of a run; the numbers on the page are those of the model."""

import sys
from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.classify import class_logits, confusion_matrix, score
from core.labelled import Padded, pad
from core.training import TrainConfig
from core.weight_changes import weight_changes
from runs import EvalEvent
from runs.prepare import fine_tuning
from runs.tuning import Base, Classify, Lora
from tests.pages.conftest import open_page, shown_text
from tests.pages.test_cells import opened as cell_and_page
from tests.pages.test_cells import wrong
from tests.runs.tiny import RECIPE, wait_for_state, with_train
from views import cache
from views.cache.classification import MOST_TEXTS, Tuned, sorted_texts
from views.classification import message, mistakes, sections, texts_map, what_moved
from views.classification.settings import OWN
from views.lessons import furniture

PAGE = "pages/training/classification.py"
OWNER = uuid4().hex
CSV = "text,label\n" + "".join(f"the cat sat on mat {n},cat\na dog ran away {n},dog\n" for n in range(60))
LAST = 12
VIEWS = sections.VIEWS


def begin(tuning: Classify, **changes: object) -> str:
    """A short fine-tuning, trained to its end."""
    train = TrainConfig(learning_rate=1e-3, steps=LAST)
    store = cache.store()
    recipe = fine_tuning(store.home, tuning, train=train, batch_size=4, eval_every=6, **changes)
    run_id = store.start(recipe, OWNER)
    wait_for_state(store, run_id, "done")
    return run_id


@pytest.fixture(scope="module")
def runs() -> dict[str, str]:
    """Fine-tunings of a model of letters with one layer, and of the Storyteller."""
    store = cache.store()
    small = with_train(replace(RECIPE, tokenizer="char", model=replace(RECIPE.model, n_layers=1)), steps=4)
    base_id = store.start(small, OWNER)
    wait_for_state(store, base_id, "done")
    untrained, trained = Base(model=base_id, step=0), Base(model=base_id)
    own = {"data": None, "csv": CSV, "length": 8}
    found = {
        "letters": begin(Classify(base=trained, trained="all", read="last", **own)),
        "untrained": begin(Classify(base=untrained, trained="head", read="mean", **own)),
        "adapters": begin(Classify(base=trained, lora=Lora(rank=2), read="first", **own)),
        "storyteller": begin(Classify(trained="last_block", read="last", length=16)),
    }
    cache.forget_lists()
    return found


def opened(run_id: str, view: str, step: int = LAST, **state: object) -> AppTest:
    return open_page(PAGE, model=run_id, step=step, classification_view=view, owner=OWNER, **state)


def plain(page: AppTest) -> str:
    return shown_text(page).replace("\\", "")


def test_a_first_visit_shows_texts_a_text_as_it_is_read_and_how_much_learns():
    page = open_page(PAGE)
    told = plain(page)
    assert "2,000 rows: Austen 1,000, Melville 1,000. 1,400 are learned from, 200 watched" in told
    assert "The answer is read from" in told
    assert "All 3,059,714 numbers of the classifier are trained; none is frozen." in told
    assert page.button(key="classification_start").label == "Start fine-tuning"


def test_what_is_read_and_what_learns_follow_the_controls():
    page = open_page(PAGE, classification_read="first", classification_trained="head")
    assert "token 0 of the text, framed: it has seen itself alone" in plain(page)
    assert "386 of 3,059,714 numbers are trained" in plain(page)
    page.slider(key="classification_length").set_value(100).run()
    assert "of padding" in plain(page)
    assert "Every text has 100 " in plain(page)


def test_adapters_are_counted_before_the_start_on_the_page_and_in_its_cell(monkeypatch):
    found = cell_and_page(PAGE, monkeypatch, classification_lora=True, classification_trained="head")
    assert found.computed["trained"] == 166_274
    assert not wrong(found, "classification")
    monkeypatch.undo()
    page = open_page(PAGE, classification_lora=True)
    told = plain(page)
    assert (
        "166,274 numbers are trained: 165,888 in adapters of rank 8, and 386 in the new class layer" in told
    )
    assert "The other 3,059,328 of the classifier's 3,059,714 numbers are frozen" in told
    page.select_slider(key="classification_rank").set_value(1).run()
    assert "20,736 in adapters of rank 1" in plain(page)
    page.session_state["classification_layers"] = []
    page.run()
    assert not page.exception
    assert "no layer was chosen" in plain(page)
    assert "numbers are trained" not in plain(page)


def test_uneven_classes_are_made_even_and_it_is_said():
    told = plain(open_page(PAGE, classification_data="spam"))
    assert "ham 1,500, spam 394" in told
    assert "394 of each stay" in told
    assert "CC BY 4.0" in told


@pytest.mark.parametrize(
    ("csv", "says"),
    [
        ("", "there is nothing to read"),
        ("hello", "row 1 has one column"),
        ("hello,cat", "all have the label 'cat'"),
        ("\n".join(f"a text {n},cat" for n in range(30)), "all have the label 'cat'"),
        ("\n".join(f"a text {n},{n / 7}" for n in range(30)), "30 classes"),
        ('"', "quotation mark"),
    ],
)
def test_a_faulty_table_gets_a_sentence_and_stays(csv: str, says: str):
    page = open_page(PAGE, classification_data=OWN, classification_csv=csv)
    assert not page.exception
    assert not page.error
    assert says in plain(page)
    assert page.text_area(key="classification_csv").value == csv
    page.button(key="classification_start").click().run()
    assert not page.exception
    assert says in plain(page)
    assert page.session_state["here"].choice.key == "storyteller"


def test_a_table_of_ones_own_is_shown_and_can_be_started():
    page = open_page(PAGE, classification_data=OWN, classification_csv=CSV, classification_length=8)
    assert "120 rows: cat 60, dog 60" in plain(page)
    page.select_slider(key="classification_steps").set_value(25).run()
    page.button(key="classification_start").click().run()
    assert not page.exception
    run_id = page.session_state["model"]
    recipe = cache.store().recipe(run_id)
    assert recipe.tuning.csv == CSV
    assert (recipe.tuning.trained, recipe.tuning.read, recipe.train.steps) == ("all", "last", 25)
    assert page.segmented_control(key="classification_view").value == sections.TRAINING
    cache.store().command(run_id, "stop")
    wait_for_state(cache.store(), run_id, "stopped", "done", "cancelled")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", ["letters", "untrained", "adapters", "storyteller"])
def test_every_view_of_every_kind_at_its_first_and_last_step(kind: str, view: str, runs):
    for step in (0, LAST):
        page = opened(runs[kind], view, step)
        assert not page.exception
        assert not page.error
        assert page.session_state["here"].step == step
        assert page.segmented_control(key="classification_view").value == view


def told_by(module, monkeypatch, name: str) -> list:
    """What a view hands to one of its pictures."""
    calls: list = []
    drawn = getattr(module, name)

    def keep(*given, **more):
        calls.append(SimpleNamespace(given=given, **more))
        return drawn(*given, **more)

    monkeypatch.setattr(module, name, keep)
    return calls


def held_out(run_id: str, part: str):
    parts = cache_parts(run_id)
    one = getattr(parts, part)
    return Padded(*(x[:MOST_TEXTS] for x in one.ids)), one.labels[:MOST_TEXTS], one.texts[:MOST_TEXTS]


def cache_parts(run_id: str):
    from runs.classifying import parts_of

    recipe = cache.store().recipe(run_id)
    return parts_of(recipe.tuning, cache.store().tokenizer(run_id), recipe.seed)


@pytest.mark.parametrize("kind", ["letters", "storyteller"])
def test_the_map_has_each_watched_text_with_its_class_and_what_was_made_of_it(kind, runs, monkeypatch):
    drawn = told_by(texts_map, monkeypatch, "class_cloud")
    page = opened(runs[kind], sections.MAP)
    (cloud,) = drawn
    texts, labels, words = held_out(runs[kind], "watch")
    found = score(cache.store().classifier(runs[kind], LAST), texts, labels)
    points, names = cloud.given
    assert points.shape == (len(words), 2)
    assert list(names) == list(words)
    assert list(cloud.groups) == labels.tolist()
    assert list(cloud.wrong) == (found.predicted != labels).tolist()
    right = int((found.predicted == labels).sum())
    assert f"At step {LAST}, {right} of {len(labels)} texts" in plain(page)
    if kind == "letters":  # its axes and frame are those of the last step, whichever is looked at
        opened(runs[kind], sections.MAP, 0)
        assert np.array_equal(drawn[-1].frame, cloud.frame)
        assert not np.allclose(drawn[-1].given[0], points)


def test_a_click_into_the_map_shows_its_text(runs, monkeypatch):
    drawn = told_by(texts_map, monkeypatch, "class_cloud")
    page = opened(runs["letters"], sections.MAP, note_classification_point=3)
    assert drawn[0].chosen == 3
    assert cache_parts(runs["letters"]).watch.texts[3] in plain(page)
    page = opened(runs["letters"], sections.MAP, note_classification_point=10**9)
    assert drawn[-1].chosen == 0


def test_what_moved_is_what_lies_between_the_two_checkpoints(runs, monkeypatch):
    drawn = told_by(what_moved, monkeypatch, "moved_map")
    opened(runs["storyteller"], sections.MOVED)
    store = cache.store()
    first, last = (store.classifier(runs["storyteller"], step).model for step in (0, LAST))
    blocks, around = weight_changes(first, last)
    assert np.array_equal(drawn[0].given[0], blocks.numpy())
    assert drawn[0].given[2] == {"class layer" if k == "output" else k: v for k, v in around.items()}
    assert not blocks[:-1].any()  # only the last block learned
    assert blocks[-1].all()
    assert "Nothing has moved yet" in plain(opened(runs["storyteller"], sections.MOVED, 0))


@pytest.mark.parametrize("text", ["the cat", "cat", "a dog ran away from a cat that sat on a mat"])
def test_a_message_gets_the_probabilities_of_the_model(text: str, runs, monkeypatch):
    bars = told_by(message, monkeypatch, "class_bars")
    words = told_by(message, monkeypatch, "weighed_words")
    lengths = told_by(message, monkeypatch, "answer_by_length")
    page = opened(runs["letters"], sections.MESSAGE, classification_message=text, classification_padded=6)
    assert not page.exception
    tokenizer, classifier = (
        cache.store().tokenizer(runs["letters"]),
        cache.store().classifier(runs["letters"], LAST),
    )
    known = "".join(sign for sign in text if sign in tokenizer.ids)
    from runs.classifying import pad_id

    logits = class_logits(classifier, pad([tokenizer.encode(known)], pad_id(tokenizer), 6))[0]
    assert np.allclose(bars[0].given[0], logits.softmax(-1).numpy(), atol=1e-5)
    assert words[0].given[0] == text.split()
    best = int(logits.argmax())
    assert lengths[0].given[0][5] == pytest.approx(float(logits.softmax(-1)[best]), abs=1e-5)


def test_where_the_first_token_is_read_no_other_word_counts(runs, monkeypatch):
    words = told_by(message, monkeypatch, "weighed_words")
    opened(runs["adapters"], sections.MESSAGE, classification_message="the cat sat on a mat")
    assert words[0].given[1][0] != 0
    assert not words[0].given[1][1:].any()


def test_a_message_of_100_000_letters_is_cut_with_a_sentence_and_kept(runs):
    text = "the cat sat. " * 7700
    page = opened(runs["letters"], sections.MESSAGE, classification_message=text)
    assert not page.exception
    assert f"Your message has {len(text):,} characters; the first 4,000 are looked at" in plain(page)
    assert page.text_area(key="classification_message").value == text


@pytest.mark.parametrize("text", ["", "  \n ", "日本語", "\x00\x01", "<b>$x$</b>"])
def test_any_message_is_sorted_or_explained(text: str, runs):
    for kind in ("letters", "storyteller"):
        page = opened(runs[kind], sections.MESSAGE, classification_message=text)
        assert not page.exception
        assert not page.error
        if not text.strip():
            assert "Write something" in plain(page)


def test_mistakes_are_counted_on_texts_that_nothing_was_learned_from(runs, monkeypatch):
    drawn = told_by(mistakes, monkeypatch, "confusion")
    page = opened(runs["storyteller"], sections.MISTAKES)
    texts, labels, words = held_out(runs["storyteller"], "judge")
    found = score(cache.store().classifier(runs["storyteller"], LAST), texts, labels)
    counts = confusion_matrix(labels, found.predicted, 2).numpy()
    assert np.array_equal(drawn[0].given[0], counts)
    right = int(np.trace(counts))
    assert f"sorts {right} of {len(words)} of the 400 held-out texts rightly" in plain(page)
    for option in page.selectbox(key="classification_cell").options:
        assert not page.selectbox(key="classification_cell").select(option).run().exception


def test_a_run_that_waits_says_that_the_picture_will_come(monkeypatch, runs):
    from runs.errors import NotThereError

    def nothing(*given):
        raise NotThereError("this run has no checkpoint yet")

    monkeypatch.setattr("views.cache.classification.classifier", nothing)
    sorted_texts.clear()
    page = opened(runs["untrained"], sections.MISTAKES)
    assert not page.exception
    assert "comes with the first checkpoint" in plain(page)


def test_what_was_computed_for_one_is_there_for_all(runs):
    tuned = Tuned(runs["letters"], LAST)
    assert sorted_texts(tuned, "judge") is sorted_texts(tuned, "judge")
    with torch.inference_mode():
        assert sorted_texts(tuned, "judge").probs.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "file", ["pages/model/attention.py", "pages/model/logits.py", "pages/talking/sampling.py"]
)
def test_other_pages_look_into_a_model_that_sorts(file: str, runs):
    page = open_page(file, model=runs["storyteller"], owner=OWNER)
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("kind", ["letters", "adapters", "storyteller"])
def test_the_cell_of_a_run_comes_to_its_numbers_whatever_the_controls_say(kind, runs, monkeypatch):
    state = {"model": runs[kind], "owner": OWNER, "classification_trained": "head"}
    found = cell_and_page(PAGE, monkeypatch, classification_view=sections.MISTAKES, **state)
    assert found.computed["trained"] == found.told["trained"]
    assert not wrong(found, "classification")


def test_the_card_lays_two_fine_tunings_side_by_side_and_decides(runs, monkeypatch):
    drawn = told_by(sys.modules["views.cards.card"], monkeypatch, "scores_figure")
    played = {"card_which_token": True, "card_which_token_said": 0}
    page = open_page(PAGE, **played, note_card_which_token_runs=[runs["letters"], runs["adapters"]])
    assert not page.exception
    assert not page.error
    assert any(furniture()[word] in plain(page) for word in ("right", "wrong"))
    scores = drawn[-1].given[0]
    assert [score.name for score in scores] == ["last token", "first token"]
    for found, kind in zip(scores, ("letters", "adapters"), strict=True):
        told = [event for event in cache.store().events(runs[kind]) if isinstance(event, EvalEvent)]
        assert list(found.values) == [event.scores["val_accuracy"] for event in told]
    assert drawn[-1].chance == 0.5
