"""The pages in a second language: what is translated is said in it, numbers and all; the rest in English."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import FILES, FRAME, ROOT, open_page, shown_text
from views.attention.choice import HEAD
from views.attention.who import BOOK, CROSS, MODEL
from views.cards import CARDS
from views.cards.card import Card, words_of
from views.lessons import LESSONS, furniture, lesson
from views.phrases import phrases

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
TRANSLATED = ("home", "tokenizer", "attention")
LINK = re.compile(r'\[([^\]]*)\]\(#words "[^"]*"\)')
CARD_TEXTS = {path.stem for path in (LESSONS / "de" / "cards").glob("*.md")}


def said(page: AppTest) -> str:
    """All words of a page, without the links of its glossary."""
    assert not page.exception
    assert not page.error
    headings = "\n".join(one.value for one in page.header)
    return LINK.sub(r"\1", f"{headings}\n{shown_text(page)}")


def filled(template: str) -> re.Pattern:
    """A text with anything at all where numbers are put in."""
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile(".{1,400}?".join(map(re.escape, parts)), re.DOTALL)


def longest(template: str) -> str:
    """The longest part of a phrase that is the same for all numbers."""
    return max(re.split(r"\{[^}]*\}", template), key=len)


@pytest.mark.parametrize("text", VIEWS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_view_speaks_the_chosen_language(text: str, language: str):
    file, state = VIEWS[text]
    shown, page = said(open_page(file, lang=language, **state)), text.split("/")[0]
    words = lesson(text, language)
    assert lesson(page, language).question in shown
    assert filled(words.notice).search(shown)
    assert words.truths in shown
    assert furniture(language)["untranslated"] not in shown
    other = "en" if language == "de" else "de"
    assert lesson(page, other).question not in shown
    foreign = {longest(one) for one in phrases(page, other).values()} - {
        longest(one) for one in phrases(page, language).values()
    }
    assert not [one for one in foreign if len(one) > 12 and one in shown]


def test_every_view_that_is_translated_is_opened_here():
    found = (
        path.relative_to(LESSONS / "de").with_suffix("").as_posix() for path in (LESSONS / "de").rglob("*.md")
    )
    texts = {one for one in found if not one.startswith("cards/")} - {"glossary", "tokenizer"}
    assert texts == set(VIEWS)


@pytest.mark.parametrize("step", [1, 7, 14])
def test_a_step_by_hand_is_told(step: int):
    page = open_page(ATTENTION, lang="de", attention_view="By hand", attention_step=step)
    assert f"**{step}. {lesson('attention/by_hand', 'de').tries[step - 1].label}** (Buch 3." in said(page)


@pytest.mark.parametrize(("page", "prompt"), [(TOKENIZER, ""), (ATTENTION, ""), (HOME, "")])
def test_an_empty_prompt_gets_its_hint(page: str, prompt: str):
    assert "Schreiben Sie links etwas in" in said(open_page(page, lang="de", prompt=prompt))


def test_a_try_says_what_to_watch():
    page = open_page(TOKENIZER, lang="de")
    assert page.button(key="tokenizer_try_3").label == "Ein Wort bauen"
    page.button(key="tokenizer_try_3").click().run()
    assert lesson("tokenizer", "de").tries[3].watch in said(page)


@pytest.mark.parametrize("name", TRANSLATED)
def test_cards_ask_and_explain(name: str):
    cards = [card for card in CARDS[name] if isinstance(card, Card) and card.key in CARD_TEXTS]
    state = {f"card_{card.key}": True for card in cards} | {
        f"card_{card.key}_said": card.lesson for card in cards
    }
    page = open_page(VIEWS.get(name, VIEWS["tokenizer/pieces"])[0], lang="de", **state)
    shown = said(page)
    for card in cards:
        words = words_of(card.key, "de")
        assert words.setting in shown
        assert page.radio(key=f"card_{card.key}_said").options == list(words.predictions)
        assert filled(words.explanation).search(shown) or filled(words.otherwise).search(shown)


@pytest.mark.parametrize("file", ["pages/text/embeddings.py", "pages/training/runs.py"])
def test_another_page_says_its_english_text_and_that_it_does(file: str):
    name = file.split("/")[-1].removesuffix(".py")
    shown = said(open_page(file, lang="de"))
    assert lesson(name, "en").question in shown
    assert furniture("de")["untranslated"] in shown
    assert furniture("en")["untranslated"] not in said(open_page(file))


def test_a_language_that_is_not_there_is_the_first_one():
    assert lesson("home", "en").question in said(open_page(HOME, lang="xx"))


def test_the_language_is_in_the_address_and_can_be_picked():
    page = open_page(HOME)
    picker = page.selectbox(key="lang_picked")
    assert picker.options == ["English", "Deutsch"]
    picker.set_value("de").run()
    assert lesson("home", "de").question in said(page)
    assert page.session_state["lang"] == "de"
    assert page.query_params["lang"] == "de"


def test_an_address_opens_in_its_language():
    page = AppTest.from_string(FRAME.format(root=ROOT, wanted=HOME, files=FILES), default_timeout=60)
    page.query_params["lang"] = "de"
    page.run()
    assert lesson("home", "de").question in said(page)
    assert page.selectbox(key="lang_picked").value == "de"
