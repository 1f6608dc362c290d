"""The Instructions page: its rows are a run's batches, its answers the model's, and nothing typed is lost."""

import re
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest

from core.answers import answer, is_exact
from core.config import TINY, GPTConfig
from core.gpt import build_model
from core.instruct import IGNORED, collate, encode_item, encode_prompt, end_token
from core.instructions import FAMILIES, make_items, split_items
from core.templates import ALPACA, PLAIN, Template
from core.tokenizer import char_tokenizer, load_tokenizer, word_tokenizer
from runs import EvalEvent
from runs.prepare import fine_tuning
from runs.tuning import Base, Instruct
from tests.pages.conftest import open_page, shown_text
from tests.runs.tiny import RECIPE, TEXT, wait_for_state, with_train
from views import cache, catalogue
from views.cache import instructing
from views.instructions.controls import (
    ANSWERS,
    BATCH,
    CHAT,
    OTHERS,
    SCORES,
    SEQUENCE,
    SHORT,
    TRAINED,
    TRAINING,
)

PAGE = "pages/training/instructions.py"
LEARN, WATCH, JUDGE = split_items(make_items())
OWNER = uuid4().hex
STEPS = 60


def words(page) -> str:
    """What the page says, without the signs that keep it plain."""
    said = shown_text(page).replace("\\", "").replace("\u2060", "")
    return re.sub(r'\[([^\]]*)\]\(#words "[^"]*"\)', r"\1", said)


@pytest.fixture(scope="module")
def run_id() -> str:
    """A small model that has read a little, and has then learned for a second: it stops, and is not right."""
    store = cache.store()
    small = GPTConfig(vocab_size=400, context_length=128, emb_dim=32, n_heads=2, n_layers=1, drop_rate=0.0)
    base = replace(with_train(RECIPE, steps=20), text=TEXT * 9, tokenizer="bpe", model=small)
    base_id = store.start(base, OWNER)
    wait_for_state(store, base_id, "done")
    learned = replace(RECIPE.train, steps=STEPS, learning_rate=1e-2)
    tuning = Instruct(base=Base(model=base_id), mask_prompt=True)
    run_id = store.start(fine_tuning(store.home, tuning, train=learned, eval_every=STEPS), OWNER)
    wait_for_state(store, run_id, "done")
    cache.forget_lists()
    return run_id


def opened(run_id: str, view: str, **state: object):
    page = open_page(PAGE, model=run_id, owner=OWNER, instructions_view=view, **state)
    assert not page.exception
    assert not page.error
    return page


def batch_from(first: int, template: Template = PLAIN, **how: object):
    """The batch that begins with an item, as a run would make it."""
    tokenizer = load_tokenizer("glassbox")
    items = [LEARN[(first + step) % len(LEARN)] for step in range(BATCH)]
    examples = [encode_item(item, template, tokenizer, 128) for item in items]
    prompts = [example.prompt_length for example in examples] if how.pop("mask", True) else None
    return collate([example.ids for example in examples], end_token(tokenizer), prompt_lengths=prompts, **how)


@pytest.mark.parametrize(
    ("state", "how"),
    [
        ({}, {}),
        ({"instructions_prompt_too": True}, {"mask": False}),
        ({"instructions_end": False}, {"end_in_targets": False}),
        (
            {"instructions_template": "alpaca", "instructions_prompt_too": True},
            {"template": ALPACA, "mask": False},
        ),
    ],
    ids=["answers", "prompts too", "no end", "alpaca"],
)
def test_the_rows_are_a_batch_of_the_run_that_would_start(state: dict, how: dict):
    page = open_page(PAGE, **state)
    first = next(place for place, item in enumerate(LEARN) if item.family == "opposite")
    _, targets = batch_from(first, **how)
    counted = int((targets != IGNORED).sum())
    assert f"{counted} of {targets.numel()} targets count" in words(page)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_item_of_each_kind_can_be_looked_at(family: str):
    page = open_page(PAGE, instructions_family=family, instructions_item=105)
    own = [item for item in LEARN if item.family == family]
    assert f"**{own[-1].response}**" in words(page)


def test_a_template_of_ones_own_changes_the_rows_at_once():
    page = open_page(PAGE, instructions_template="own", instructions_own_cue=" =>")
    first = next(place for place, item in enumerate(LEARN) if item.family == "opposite")
    _, targets = batch_from(first, replace(SHORT, cue=" =>"))
    assert f"of {targets.numel()} targets count" in words(page)


def test_a_bad_template_gets_its_sentence_and_stays():
    page = open_page(PAGE, instructions_template="own", instructions_own_input="about that")
    assert "has no {input}" in words(page)
    assert page.text_area(key="instructions_own_input").value == "about that"
    page.text_area(key="instructions_own_input").set_value("about {input}").run()
    assert "targets count" in words(page)


def test_the_run_that_is_started_is_the_one_that_is_shown():
    page = open_page(PAGE, owner=uuid4().hex, instructions_end=False, instructions_steps=25)
    page.button(key="instructions_start").click().run()
    recipe = cache.store().recipe(page.session_state["model"])
    cache.store().command(page.session_state["model"], "stop")
    assert not page.exception
    assert recipe.tuning.mask_prompt
    assert not recipe.tuning.end_in_targets
    assert recipe.tuning.template == PLAIN
    assert recipe.train.steps == 25
    assert page.session_state["instructions_view"] == TRAINING


def test_a_bad_template_starts_nothing_and_says_why():
    page = open_page(PAGE, instructions_template="own", instructions_own_cue="  ")
    page.button(key="instructions_start").click().run()
    assert page.session_state["model"] == catalogue.BUNDLED
    assert words(page).count("cue is empty") == 2  # where it is written, and where it was pressed


def forget() -> None:
    """No model and no answer is remembered."""
    cache.models.MODELS.clear()
    instructing.answered.clear()


@pytest.mark.parametrize("kind", ["letters", "words", "short context", "one layer"])
@pytest.mark.parametrize("view", OTHERS)
def test_models_that_cannot_learn_it_are_told_so(kind: str, view: str, monkeypatch: pytest.MonkeyPatch):
    text = "the old king and the duck"
    tokenizer = {"letters": char_tokenizer(text), "words": word_tokenizer(text, unknown=True)}.get(
        kind, load_tokenizer("glassbox")
    )
    length = 8 if kind == "short context" else 64
    model = build_model(replace(TINY, vocab_size=tokenizer.vocab_size, context_length=length, n_layers=1))
    monkeypatch.setattr(catalogue, "open_model", lambda *given: (model, tokenizer))
    forget()
    page = open_page(PAGE, instructions_view=view)
    forget()
    assert not page.exception
    assert not page.error
    if kind in ("one layer", "words"):  # words have an end token
        assert not page.warning
    else:
        expected = "reads at most 8" if kind == "short context" else "has no <|endoftext|>"
        assert expected in words(page)


def test_the_storyteller_is_asked_before_it_has_learned():
    page = open_page(PAGE, instructions_view=ANSWERS)
    assert "**0 of 8** right, 0 stopped" in words(page)
    assert page.session_state["instructions_view"] == ANSWERS


def test_a_run_has_all_views_and_a_new_one_opens_with_its_training(run_id: str):
    page = open_page(PAGE, model=run_id, owner=OWNER)
    [views] = [group.options for group in page.get("button_group") if group.key == "instructions_view"]
    assert tuple(views) == TRAINED
    assert page.session_state["instructions_view"] == TRAINING
    assert f"At step {STEPS} it answers" in words(page)


def test_a_view_that_a_model_does_not_have_gives_way(run_id: str):
    page = opened(run_id, SCORES)
    page.session_state["model"] = catalogue.BUNDLED
    page.run()
    assert not page.exception
    assert page.session_state["instructions_view"] == SEQUENCE


def test_before_is_the_base_and_after_is_the_run(run_id: str):
    page, store = opened(run_id, ANSWERS, instructions_held_out=2), cache.store()
    tokenizer, base = store.tokenizer(run_id), store.recipe(run_id).tuning.base
    items = [[item for item in JUDGE if item.family == name][2] for name in FAMILIES]
    prompts = [encode_prompt(item.instruction, item.input, PLAIN, tokenizer) for item in items]
    most = max(len(tokenizer.encode(PLAIN.answer(item.response))) for item in items) + 2
    models = {
        "Before": store.model(base.model, base.step),
        f"After {STEPS} steps": store.model(run_id, STEPS),
    }
    for name, model in models.items():
        found = [answer(model, prompt, tokenizer, end_token(tokenizer), most) for prompt in prompts]
        exact = sum(map(is_exact, items, found))
        assert f"{name}: **{exact} of 8** right, {sum(one.stopped for one in found)} stopped" in words(page)
        assert all(" ".join(one.text.split()) in words(page) for one in found)


def test_the_rail_goes_back_to_before(run_id: str):
    page = opened(run_id, ANSWERS, step=0)
    sentences = re.findall(r"\*\*(\d of 8)\*\* right, (\d) stopped", words(page))
    assert len(sentences) == 2
    assert sentences[0] == sentences[1]


def test_a_task_of_ones_own_is_answered_and_an_empty_one_is_left_out(run_id: str):
    assert "| Say the opposite. **old** |" in words(
        opened(run_id, ANSWERS, instructions_asked="Say the opposite.", instructions_given="old")
    )
    page = opened(run_id, ANSWERS, instructions_asked=" | `a` $b$ <i> | ", instructions_given="")
    assert r"\| \`a\` \$b\$ \<i\> \|" in shown_text(page)
    empty = opened(run_id, ANSWERS, instructions_asked="  ")
    assert words(empty).count("\n| ") == words(page).count("\n| ") - 1


def test_the_scores_are_those_of_the_last_evaluation(run_id: str):
    page = opened(run_id, SCORES)
    scores = [e.scores for e in cache.store().events(run_id) if isinstance(e, EvalEvent)][-1]
    for name, said in (("exact", "Right"), ("stopped", "stopped")):
        mean = sum(scores[f"{name}:{family}"] for family in FAMILIES) / len(FAMILIES)
        assert f"{said}: {100 * mean:.0f} %" in words(page)
    assert words(page).count("| – |") == len(FAMILIES)  # no judge was asked


class Judge(BaseHTTPRequestHandler):
    """A chat server that likes everything a little."""

    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"choices": [{"message": {"content": "73"}}]}')

    def log_message(self, *_: object) -> None:
        pass


def test_a_judge_is_asked_when_told_to_and_not_before(run_id: str, monkeypatch: pytest.MonkeyPatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Judge)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("GLASSBOX_JUDGES", f"{address}, http://localhost:1")
    page = opened(run_id, SCORES)
    assert page.selectbox(key="instructions_judge").options == [address, "http://localhost:1"]
    assert not Judge.asked
    page.button(key="instructions_judge_ask").click().run()
    assert Judge.asked == len(FAMILIES)
    assert words(page).count("| 73 |") == len(FAMILIES)
    server.shutdown()
    server.server_close()
    page.button(key="instructions_judge_ask").click().run()
    assert "cannot be reached" in words(page)
    assert page.selectbox(key="instructions_judge").value == address
    assert not page.exception


def test_strangers_are_offered_no_judge(run_id: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GLASSBOX_STRANGERS", "1")
    page = opened(run_id, SCORES)
    assert "asks no other model" in words(page)
    assert not [button for button in page.button if button.key == "instructions_judge_ask"]


def test_a_chat_begins_with_an_example_and_keeps_what_was_said(run_id: str):
    page = opened(run_id, CHAT)
    assert "Say the opposite." in words(page)
    page.text_area(key="instructions_say").set_value("Say it for many.")
    page.text_input(key="instructions_about").set_value("duck")
    page.button(key="instructions_send").click().run()
    said = words(page)
    assert "**duck**" in said
    assert "Say the opposite." in said
    assert page.text_area(key="instructions_say").value == ""
    model, tokenizer = cache.store().model(run_id, STEPS), cache.store().tokenizer(run_id)
    prompt = encode_prompt("Say it for many.", "duck", PLAIN, tokenizer)
    found = answer(model, prompt, tokenizer, end_token(tokenizer), 24)
    assert found.text in said
    assert ("stopped by itself" in said) == found.stopped
    assert f"The last prompt has {len(prompt)} tokens" in said
    page.button(key="instructions_clear").click().run()
    assert "**duck**" not in words(page)


def test_who_does_not_stop_is_cut_and_that_is_said():
    page = open_page(PAGE, instructions_view=CHAT, instructions_most=8)
    assert "did not stop, and was cut after 8 tokens" in words(page)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "The instruction is empty"),
        ("a " * 50_000, "has 100,000 characters"),
        ("word " * 300, "reads at most 128"),
    ],
    ids=["empty", "endless", "too long for it"],
)
def test_what_cannot_be_answered_is_said_and_stays(written: str, sentence: str):
    page = open_page(PAGE, instructions_view=CHAT)
    page.text_area(key="instructions_say").set_value(written)
    page.button(key="instructions_send").click().run()
    assert sentence in words(page)
    assert page.text_area(key="instructions_say").value == written
    assert not page.exception
    assert "Say the opposite." in words(page)  # what was said before
    page.run()
    assert page.text_area(key="instructions_say").value == written
