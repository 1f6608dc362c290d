"""Each view shows its lesson, with numbers put in; an old link that asks for German opens in English."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import FILES, FRAME, ROOT, open_page, shown_text
from views.attention.choice import HEAD
from views.attention.who import BOOK, CROSS, MODEL
from views.lessons import LESSONS, lesson

HOME, TOKENIZER, ATTENTION = "pages/start/home.py", "pages/text/tokenizer.py", "pages/model/attention.py"
WHO = "Who may look where"
VIEWS = {  # a text that a view shows: its page, and how the view is opened
    "home": (HOME, {}),
    "tokenizer/pieces": (TOKENIZER, {"tokenizer_view": "the prompt's tokens"}),
    "tokenizer/languages": (TOKENIZER, {"tokenizer_view": "languages"}),
    "tokenizer/learning": (TOKENIZER, {"tokenizer_view": "learn a vocabulary"}),
    "attention": (ATTENTION, {"attention_view": HEAD}),
    "attention/by_hand": (ATTENTION, {"attention_view": "By hand"}),
    "attention/who": (ATTENTION, {"attention_view": WHO, "attention_who": BOOK}),
    "attention/model_mask": (ATTENTION, {"attention_view": WHO, "attention_who": MODEL}),
    "attention/cross": (ATTENTION, {"attention_view": WHO, "attention_who": CROSS}),
    "attention/far": (ATTENTION, {"attention_view": "Past the trained length"}),
    "attention/cost": (ATTENTION, {"attention_view": "What it costs"}),
}
LEAVES_OUT = ("attention/by_hand", "tokenizer/pieces")  # bullets that have nothing to say at first
LINK = re.compile(r'\[([^\]]*)\]\(#words "[^"]*"\)')


def said(page: AppTest) -> str:
    """All words of a page, without the links of its glossary."""
    assert not page.exception
    assert not page.error
    return LINK.sub(r"\1", shown_text(page))


def filled(template: str) -> re.Pattern:
    """A text with anything at all where numbers are put in."""
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile(".{0,400}?".join(map(re.escape, parts)), re.DOTALL)


@pytest.mark.parametrize("text", VIEWS)
def test_a_view_shows_its_lesson(text: str):
    file, state = VIEWS[text]
    shown, words = said(open_page(file, **state)), lesson(text)
    assert lesson(text.split("/")[0]).question in shown
    found = [bool(filled(line).search(shown)) for line in words.notice.splitlines() if line]
    assert any(found) if text in LEAVES_OUT else all(found)
    assert words.truths in shown


def test_every_text_of_these_pages_is_opened_here():
    found = {
        path.relative_to(LESSONS).with_suffix("").as_posix()
        for page in ("tokenizer", "attention")
        for path in (LESSONS / page).glob("*.md")
    }
    assert found <= set(VIEWS)


@pytest.mark.parametrize("page", [TOKENIZER, ATTENTION, HOME])
def test_an_empty_prompt_gets_its_hint(page: str):
    assert "write something into" in said(open_page(page, prompt="")).lower()


def test_an_old_link_to_a_translation_opens_in_english():
    page = AppTest.from_string(FRAME.format(root=ROOT, wanted=HOME, files=FILES), default_timeout=60)
    page.query_params["lang"] = "de"
    page.run()
    assert lesson("home").question in said(page)
