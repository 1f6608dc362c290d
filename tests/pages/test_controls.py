"""What single controls do, on real input, without a browser."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from core.tokenizer import load_tokenizer
from tests.pages.conftest import open_page, shown_text
from views.cache import store

TOKENIZER, PRETRAINING = "pages/text/tokenizer.py", "pages/training/pretraining.py"


def test_the_word_tokenizer_refuses_and_unk_cures_it():
    page = open_page(TOKENIZER, prompt="a blorptastic duckling", tokenizer_encoding="words")
    assert "blorptastic" in page.warning[0].value
    page.toggle(key="tokenizer_unknown").set_value(True).run()
    assert not page.warning


def ids_field(page: AppTest):
    return next(field for field in page.text_input if "ids to text" in field.label)


def test_ids_go_back_to_text():
    page = open_page(TOKENIZER)
    ids = load_tokenizer("gpt2").encode("Hello, world")
    ids_field(page).set_value(", ".join(map(str, ids))).run()
    assert "→ Hello, world" in shown_text(page)


def switched(page: AppTest, key: str) -> AppTest:
    return page.toggle(key=key).set_value(False).run()


def test_the_mask_switch_moves_the_prediction():
    page = open_page("pages/model/attention.py")
    assert "move 0% of" in shown_text(page)
    assert "move 0% of" not in shown_text(switched(page, "attention_causal"))


def test_a_run_that_diverged_can_be_tried_again_at_a_third_of_the_rate():
    page = open_page(
        PRETRAINING, pretraining_rate=10.0, pretraining_steps=50, pretraining_size="tiny (2 × 2 × 32)"
    )
    page.button(key="pretraining_start").click().run()
    run_id = page.session_state["model"]
    end = time.monotonic() + 60
    while not store().status(run_id).ended and time.monotonic() < end:
        time.sleep(0.2)
    assert store().status(run_id).state == "diverged"
    page.run()
    page.button(key="pretraining_slower").click().run()
    assert not page.exception
    again = store().recipe(page.session_state["model"])
    assert again.train_at(again.train.steps - 1)[0].learning_rate == pytest.approx(10 / 3)
    assert page.session_state["model"] != run_id
