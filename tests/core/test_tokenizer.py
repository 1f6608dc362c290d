import hashlib
import lzma
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
import tiktoken
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from tiktoken_ext import openai_public

from core.library import read_text
from core.tokenizer import (
    ASSETS,
    END_OF_TEXT,
    SHIPPED,
    UNKNOWN,
    BytePairTokenizer,
    char_tokenizer,
    load_tokenizer,
    read_tokenizer,
    train_bpe,
    word_tokenizer,
)
from tests.core.strategies import ODD, TEXTS

GPT2 = load_tokenizer("gpt2")
TRAINED = train_bpe(read_text("match-seller"), 500)
BOOK_TEXT = "Hello, do you like tea? <|endoftext|> In the sunlit terracesof someunknownPlace."
BOOK_IDS = [
    15496,
    11,
    466,
    345,
    588,
    8887,
    30,
    220,
    50256,
    554,
    262,
    4252,
    18250,
    8812,
    2114,
    1659,
    617,
    34680,
    27271,
    13,
]
ANY_TEXT = st.one_of(TEXTS, st.sampled_from(ODD))


@pytest.mark.parametrize("tokenizer", [GPT2, TRAINED], ids=["gpt2", "trained"])
@given(text=ANY_TEXT)
def test_pieces_are_the_tokens_at_their_place(tokenizer: BytePairTokenizer, text: str) -> None:
    pieces = tokenizer.pieces(text)
    assert [piece.id for piece in pieces] == tokenizer.encode(text)
    assert b"".join(piece.bytes for piece in pieces) == text.encode()
    at = 0
    for piece in pieces:
        assert tokenizer.encoding.decode_single_token_bytes(piece.id) == piece.bytes
        before, through = len(text[: piece.start].encode()), len(text[: piece.end].encode())
        assert before <= at < at + len(piece.bytes) <= through  # inside the characters that it touches
        assert len(text[: piece.start + 1].encode()) > at  # and no character too many
        assert len(text[: piece.end - 1].encode()) < at + len(piece.bytes)
        if "\ufffd" not in piece.text:
            assert text[piece.start : piece.end] == piece.text
        at += len(piece.bytes)


def test_gpt2_ids_are_the_books() -> None:
    assert GPT2.encode(BOOK_TEXT, special=True) == BOOK_IDS
    assert GPT2.decode(BOOK_IDS) == BOOK_TEXT
    assert GPT2.encode("Akwirw ier") == [33901, 86, 343, 86, 220, 959]
    assert GPT2.encode("Hello, I am") == [15496, 11, 314, 716]
    assert GPT2.encode("Every effort moves you") == [6109, 3626, 6100, 345]
    assert GPT2.vocab_size == 50257
    assert GPT2.name == "gpt2"


def test_gpt2_needs_no_network(no_network: None) -> None:
    read_tokenizer.cache_clear()
    assert load_tokenizer("gpt2").encode("tea") == GPT2.encode("tea")
    assert load_tokenizer("gpt2") is load_tokenizer("gpt2")


def test_every_id_decodes() -> None:
    for tokenizer in (TRAINED, char_tokenizer("abc"), word_tokenizer("a b", unknown=True)):
        assert all(isinstance(tokenizer.decode([i]), str) for i in range(tokenizer.vocab_size))
    assert all(GPT2.decode([i]) for i in range(GPT2.vocab_size))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("char", r"char_tokenizer\(text\)"),
        ("word", r"word_tokenizer\(text\)"),
        ("gpt3", "choose gpt2, cl100k_base, o200k_base, glassbox"),
    ],
)
def test_a_tokenizer_that_is_not_there_is_refused_with_what_to_do(name: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        load_tokenizer(name)


def test_a_character_that_the_text_lacks_is_named() -> None:
    with pytest.raises(ValueError, match="'z' is not among them"):
        char_tokenizer("abc").encode("abcz")
    assert char_tokenizer("").vocab_size == 0
    assert char_tokenizer("cab").encode("abc") == [0, 1, 2]


class BookTokenizer:
    """The book's listings 2.3 and 2.4, from their description: split, look up, join, close up the marks."""

    def __init__(self, text: str, unknown: bool) -> None:
        words = sorted(set(self.split(text))) + ([END_OF_TEXT, UNKNOWN] if unknown else [])
        self.to_id = {word: i for i, word in enumerate(words)}
        self.to_word = dict(enumerate(words))
        self.marks = r"\s+([,.:;?!\"()'])" if unknown else r"\s+([,.?!\"()'])"

    def split(self, text: str) -> list[str]:
        return [part.strip() for part in re.split(r"([,.:;?_!\"()']|--|\s)", text) if part.strip()]

    def encode(self, text: str) -> list[int]:
        words = self.split(text)
        if UNKNOWN in self.to_id:
            words = [word if word in self.to_id else UNKNOWN for word in words]
        return [self.to_id[word] for word in words]

    def decode(self, ids: list[int]) -> str:
        return re.sub(self.marks, r"\1", " ".join(self.to_word[i] for i in ids))


@pytest.mark.parametrize("unknown", [False, True])
def test_words_are_the_books(unknown: bool) -> None:
    text = read_text("ugly-duckling")
    ours, book = word_tokenizer(text, unknown), BookTokenizer(text, unknown)
    assert ours.vocab_size == len(book.to_id)
    assert ours.words == list(book.to_id)
    assert ours.encode(text) == book.encode(text)
    assert ours.decode(ours.encode(text)) == book.decode(book.encode(text))


def test_words_with_and_without_unknown() -> None:
    text = 'He said--"tea; and: cake!"'
    with_unknown, without = word_tokenizer(text, unknown=True), word_tokenizer(text)
    assert with_unknown.vocab_size == without.vocab_size + 2
    assert with_unknown.words[-2:] == [END_OF_TEXT, UNKNOWN]
    sentence = f"tea {END_OF_TEXT} coffee"
    end, new = with_unknown.vocab_size - 2, with_unknown.vocab_size - 1
    tea = with_unknown.ids["tea"]
    assert with_unknown.encode(sentence, special=True) == [tea, end, new]
    assert with_unknown.encode(sentence) == [tea, new, new]
    with pytest.raises(ValueError, match="the word 'coffee' is not among the"):
        without.encode("tea coffee")
    with pytest.raises(ValueError, match="not among"):
        without.encode(END_OF_TEXT)


@given(ANY_TEXT, st.booleans())
@example(f"a {END_OF_TEXT} b", False)
@example(f"a {END_OF_TEXT} b {UNKNOWN}", True)
def test_a_text_is_made_of_its_own_words(text: str, unknown: bool) -> None:
    tokenizer = word_tokenizer(text, unknown)
    ids = tokenizer.encode(text, special=True)
    assert [tokenizer.words[i] for i in ids] == tokenizer.split(text)
    assert len(set(tokenizer.words)) == tokenizer.vocab_size
    if UNKNOWN not in tokenizer.words:
        assert tokenizer.encode(text) == ids


@given(ANY_TEXT)
def test_words_stand_where_their_pieces_say(text: str) -> None:
    end = 0
    for piece in word_tokenizer(text).pieces(text):
        assert text[piece.start : piece.end] == piece.text == piece.bytes.decode()
        assert text[end : piece.start].strip() == ""  # only white space between
        end = piece.end
    assert text[end:].strip() == ""


@cache
def authority(name: str) -> tuple[tiktoken.Encoding, str]:
    """tiktoken's own encoding over the ranks that ship, and the sha256 that it expects of their file."""
    hashes = []

    def ranks_that_ship(_: str, expected_hash: str) -> dict[bytes, int]:
        hashes.append(expected_hash)
        return load_tokenizer(name).encoding._mergeable_ranks

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openai_public, "load_tiktoken_bpe", ranks_that_ship)
        constructor = {"gpt2": openai_public.r50k_base}.get(name) or getattr(openai_public, name)
        return tiktoken.Encoding(**constructor() | {"name": f"tiktoken's {name}"}), hashes[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_ranks_that_ship_are_those_that_tiktoken_downloads(name: str) -> None:
    raw = (ASSETS / "tokenizers" / SHIPPED[name]["file"]).read_bytes()
    ranks = lzma.decompress(raw) if SHIPPED[name]["file"].endswith(".xz") else raw
    assert hashlib.sha256(ranks).hexdigest() == authority(name)[1]


@pytest.mark.parametrize("name", SHIPPED)
@given(text=st.one_of(ANY_TEXT, st.text("aZ'sLL 12345\r\n\t/.é中\u0301🙂", max_size=60)))
@example(text="She'LL say\r\n\r\n 12345 camelCase//\n  x = y;\n\n  ")
def test_shipped_encodings_do_what_tiktoken_does(name: str, text: str) -> None:
    ours, theirs = load_tokenizer(name), authority(name)[0]
    ids = ours.encode(text)
    assert ids == theirs.encode_ordinary(text)
    assert ours.decode(ids) == theirs.decode(ids) == text
    assert [(piece.id, piece.bytes) for piece in ours.pieces(text)] == [
        (i, theirs.decode_single_token_bytes(i)) for i in ids
    ]
    framed = text.join(theirs.special_tokens_set)
    assert ours.encode(framed, special=True) == theirs.encode(framed, allowed_special="all")


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_encodings_do_so_on_a_whole_story(name: str) -> None:
    for text in [*ODD, read_text("match-seller")]:
        assert load_tokenizer(name).encode(text) == authority(name)[0].encode_ordinary(text)


@pytest.mark.parametrize(
    ("name", "size", "end", "unused"),
    [("cl100k_base", 100277, 100257, 100256), ("o200k_base", 200019, 199999, 199998)],
)
def test_larger_vocabularies_have_gaps_that_are_refused(name: str, size: int, end: int, unused: int) -> None:
    tokenizer = load_tokenizer(name)
    assert (tokenizer.name, tokenizer.vocab_size) == (name, size)
    assert tokenizer.encode(END_OF_TEXT, special=True) == [end]
    assert tokenizer.decode([end]) == END_OF_TEXT
    assert end not in tokenizer.encode(END_OF_TEXT)
    with pytest.raises(ValueError, match=f"{name} leaves some ids unused.*{unused}"):
        tokenizer.decode([unused])
    with pytest.raises(ValueError, match=f"token id {size} is not in the vocabulary"):
        tokenizer.decode([size])


def test_a_tokenizer_is_built_once_however_many_ask() -> None:
    read_tokenizer.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(load_tokenizer, ["gpt2"] * 8))
    assert all(tokenizer is found[0] for tokenizer in found)
    assert read_tokenizer.cache_info().misses == 1


def test_glassbox_is_the_vocabulary_of_the_bundled_model() -> None:
    tokenizer = load_tokenizer("glassbox")
    assert tokenizer.name == "glassbox"
    assert len(tokenizer.merges) == tokenizer.vocab_size - 257
    assert tokenizer.decode(tokenizer.encode("The king, 王!")) == "The king, 王!"


@pytest.mark.parametrize("kind", [iter, tuple, torch.tensor, np.array])
def test_ids_may_come_from_a_generator_or_a_tensor(kind: Callable) -> None:
    for tokenizer in (load_tokenizer("gpt2"), char_tokenizer("the duck"), word_tokenizer("the duck")):
        assert tokenizer.decode(kind(tokenizer.encode("the duck"))) == "the duck"
