"""Rows 1 to 13 of FAULTS.md: whatever a person writes, pastes or uploads as text."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import TINY
from core.gpt import GPTModel
from core.pieces import without_surrogates
from core.text import decode_text
from core.tokenizer import END_OF_TEXT, BytePairTokenizer, char_tokenizer, train_bpe, word_tokenizer
from core.trace import Trace
from runs.prepare import prepared
from runs.recipe import LONGEST_TEXT, Recipe
from tests.core.test_tokenizer import GPT2, TRAINED
from tests.faults.test_models import start_with
from tests.pages.conftest import open_page, shown_text
from tests.pages.test_controls import TOKENIZER, ids_field
from views.figures.base import visible
from views.prompt import MAX_CHARACTERS, clean_text
from views.text import prose


def test_10_the_end_of_text_is_plain_text_unless_asked_for() -> None:
    for tokenizer in (GPT2, TRAINED):
        end = tokenizer.vocab_size - 1
        assert end not in tokenizer.encode(END_OF_TEXT)
        assert tokenizer.encode(END_OF_TEXT, special=True) == [end]
        assert tokenizer.decode([end]) == END_OF_TEXT
        assert end not in [piece.id for piece in tokenizer.pieces(END_OF_TEXT)]


def test_13_half_a_character_is_shown_as_such() -> None:
    pieces = GPT2.pieces("a🙂")
    assert {character for piece in pieces[1:] for character in piece.text} == {"\ufffd"}
    assert {(piece.start, piece.end) for piece in pieces[1:]} == {(1, 2)}
    assert GPT2.decode([pieces[1].id]) == "\ufffd"


@pytest.mark.parametrize("text", ["a\ud800b", "\udfff", "\udc00\ud800", "x\ud83d\ude00y", "z\ud83d"])
def test_4_lone_surrogates_become_replacement_characters(text: str) -> None:
    whole = without_surrogates(text)
    whole.encode()
    for tokenizer in (GPT2, TRAINED, train_bpe(text, 300), char_tokenizer(text)):
        assert tokenizer.decode(tokenizer.encode(text)) == whole
        assert [piece.id for piece in tokenizer.pieces(text)] == tokenizer.encode(text)
        assert b"".join(piece.bytes for piece in tokenizer.pieces(text)) == whole.encode()
    words = word_tokenizer(text)
    assert words.decode(words.encode(text)) == whole
    assert [piece.text for piece in words.pieces(text)] == [whole]


@pytest.mark.parametrize("bad", [[-1], [50257], [0, 10**9]])
def test_12_ids_outside_the_vocabulary_are_refused(bad: list[int]) -> None:
    for tokenizer in (GPT2, TRAINED, char_tokenizer("abc"), word_tokenizer("a b c")):
        with pytest.raises(
            ValueError, match=rf"token id {bad[-1]} is not in the vocabulary: ids run from 0 to \d+"
        ):
            tokenizer.decode(bad)


def test_1_an_empty_text_has_no_tokens() -> None:
    for tokenizer in (GPT2, TRAINED, char_tokenizer(""), word_tokenizer("")):
        assert tokenizer.encode("") == []
        assert tokenizer.pieces("") == []
        assert tokenizer.decode([]) == ""


def test_1_an_empty_text_has_no_logits(tiny_model: GPTModel) -> None:
    nothing = torch.empty(1, 0, dtype=torch.long)
    assert tiny_model(nothing).shape == (1, 0, TINY.vocab_size)
    assert tiny_model(nothing, Trace()).shape == (1, 0, TINY.vocab_size)


def test_4_a_page_says_that_a_half_character_is_replaced():
    page = open_page("pages/text/tokenizer.py", prompt="half \ufffd of one")
    assert "Half characters cannot be read" in shown_text(page)


def test_1_an_empty_prompt_gets_a_hint():
    assert "Write something" in shown_text(open_page("pages/model/attention.py", prompt=""))


def test_2_and_3_a_very_long_text_on_a_page_is_cut_and_said():
    page = open_page("pages/text/tokenizer.py", prompt="a" * 1_000_000)
    assert "20,000" in shown_text(page)
    assert not page.exception


def test_10_the_end_of_text_is_plain_text_unless_ticked():
    page = open_page(TOKENIZER, prompt="a<|endoftext|>b")
    plain = shown_text(page)
    page.toggle(key="tokenizer_special").set_value(True).run()
    assert "3 tokens" in shown_text(page)
    assert "3 tokens" not in plain


@pytest.mark.parametrize("written", ["50257", "-1", "99999999999", "hello", "1.5", "1e3", "<b>"])
def test_12_an_id_that_no_token_has_gets_a_sentence(written: str):
    page = open_page(TOKENIZER)
    ids_field(page).set_value(written).run()
    assert "50256" in page.warning[0].value
    assert not page.exception


def test_1_an_empty_text_is_refused_by_a_training():
    assert "text" in start_with("").lower()


def test_4_a_lone_surrogate_is_replaced_and_said():
    text, notices = clean_text("a\ud800b")
    assert text == "a\ufffdb"
    assert "U+FFFD" in notices[0]


def test_2_and_3_a_huge_text_is_cut_and_said():
    text, notices = clean_text("x" * 1_000_000)
    assert len(text) == MAX_CHARACTERS
    assert "1,000,000" in notices[0]


HALVES = st.text(
    st.one_of(st.characters(categories=["Cs"]), st.sampled_from("aé🙂\ufeff\ufffe")), max_size=12
)


@given(HALVES)
def test_4_no_half_character_is_left(text: str) -> None:
    whole = without_surrogates(text)
    whole.encode()  # raises for a half character
    assert without_surrogates(whole) == whole


PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffd\ufeff"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@given(text=PLAIN)
def test_9_every_unicode_file_reads_as_it_was_written(encoding: str, text: str):
    assert decode_text(text.encode(encoding)) == (text, "")


def test_9_big_endian_with_its_mark():
    assert decode_text(b"\xfe\xff" + "Grüße".encode("utf-16-be")) == ("Grüße", "")


def test_8_a_few_bad_bytes_are_replaced_and_counted():
    text, notice = decode_text(b"a long enough text with one b\xe4d byte")
    assert text.count("\ufffd") == 1
    assert notice.startswith("1 characters")


@pytest.mark.parametrize("raw", [b"\x7fELF\x02\x01\x00\x00", bytes(range(128, 256)) * 4])
def test_8_and_46_what_is_no_text_is_refused(raw: bytes):
    with pytest.raises(ValueError, match=r"text|UTF-8"):
        decode_text(raw)


SIGNS = "a\x00b\x07c\x1bd\x7f"


def test_5_control_characters_are_kept_in_tokens_and_shown_as_signs() -> None:
    for tokenizer in (GPT2, TRAINED, char_tokenizer(SIGNS)):
        assert tokenizer.decode(tokenizer.encode(SIGNS)) == SIGNS
    assert visible(SIGNS) == r"a\x00b\x07c\x1bd\x7f"
    assert r"\x07" in prose(SIGNS).replace("\\\\", "\\")
    assert not set(SIGNS) & set(map(chr, range(32))) & set(prose(SIGNS))


@pytest.mark.parametrize("text", ["👩‍👩‍👧‍👦", "e\u0301", "🇩🇪", "n\u0303o\u0308", "🏽", "क्षि"])
def test_7_joined_characters_keep_their_bytes_token_by_token(text: str) -> None:
    for tokenizer in (GPT2, TRAINED):
        pieces = tokenizer.pieces(text)
        assert b"".join(piece.bytes for piece in pieces) == text.encode()
        assert tokenizer.decode([piece.id for piece in pieces]) == text
        assert all(0 <= piece.start < piece.end <= len(text) for piece in pieces)
    page = open_page(TOKENIZER, prompt=text)
    assert not page.exception
    assert not page.error


def test_13_half_a_character_becomes_whole_with_its_other_half() -> None:
    ids = GPT2.encode("🙂")
    assert len(ids) > 1
    assert "🙂" not in GPT2.decode(ids[:-1])
    assert GPT2.decode(ids) == "🙂"


def test_2_and_46_a_file_larger_than_allowed_is_refused_by_the_server() -> None:
    """The limit of the widget is the browser's word; who posts past it is told the same by the server."""
    with pytest.raises(ValueError, match="5,242,881 bytes, and 5,242,880 is the most"):
        decode_text(bytes(LONGEST_TEXT + 1), LONGEST_TEXT)
    page = open_page("pages/training/pretraining.py", pretraining_corpus="own", pretraining_text="mine")
    page.file_uploader[0].upload("large.txt", b"x" * (LONGEST_TEXT + 1))
    page.run()
    assert not page.exception
    assert "is the most" in page.warning[0].value
    assert page.text_area(key="pretraining_text").value == "mine"


A_MILLION_SPACES = f"one{' ' * 1_000_001}two"


@pytest.mark.parametrize("tokenizer", [GPT2, TRAINED], ids=["gpt2", "trained"])
@pytest.mark.parametrize("special", [False, True])
def test_65_a_million_spaces_are_tokens(tokenizer: BytePairTokenizer, special: bool) -> None:
    text = A_MILLION_SPACES + END_OF_TEXT
    ids = tokenizer.encode(text, special)
    assert tokenizer.decode(ids) == text
    assert (ids[-1] == tokenizer.vocab_size - 1) is special


def test_65_a_worker_prepares_a_million_spaces(recipe: Recipe) -> None:
    ready = prepared(replace(recipe, text=A_MILLION_SPACES, tokenizer="gpt2"))
    ids = torch.cat([ready.train_ids, ready.validation_ids])
    assert ready.tokenizer.decode(ids.tolist()) == A_MILLION_SPACES


def test_65_a_page_reads_a_million_spaces() -> None:
    assert "in the queue" in start_with(A_MILLION_SPACES, pretraining_tokenizer="gpt2", pretraining_steps=50)


def test_3_a_text_of_one_letter_and_a_megabyte_makes_no_tokenizer_wait() -> None:
    text = "a" * 1_000_000
    assert b"".join(piece.bytes for piece in GPT2.pieces(text)) == text.encode()
    cut, notices = clean_text(text)
    assert (len(cut), len(notices)) == (MAX_CHARACTERS, 1)


def test_2_a_corpus_of_more_than_five_megabytes_is_refused_with_the_number() -> None:
    with pytest.raises(ValueError, match=r"the text has 5,242,881 bytes, and 5,242,880 is the most"):
        Recipe(text="x" * (LONGEST_TEXT + 1))
