"""Text to token ids and back: characters, words, byte pairs (book 2.2-2.5)."""

import base64
import json
import lzma
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Protocol

import tiktoken

from core.bpe import SPLIT_PATTERN, learn_merges
from core.pieces import Piece, byte_pieces, without_surrogates
from core.waiting import held
from core.white_space import encode_in_parts

ASSETS = Path(__file__).parent.parent / "assets"
END_OF_TEXT = "<|endoftext|>"
UNKNOWN = "<|unk|>"
OWN = "glassbox"  # the vocabulary of the bundled model
SHIPPED = tomllib.loads((ASSETS / "tokenizers" / "encodings.toml").read_text(encoding="utf-8"))
LOADING = {name: Lock() for name in (*SHIPPED, OWN)}


class Tokenizer(Protocol):
    """What every tokenizer can do."""

    name: str
    vocab_size: int

    def encode(self, text: str, special: bool = False) -> list[int]:
        """Token ids of a text; with `special`, <|endoftext|> in it is one token, not plain text."""

    def decode(self, ids: Iterable[int]) -> str:
        """The text of token ids. ValueError for an id outside the vocabulary."""

    def pieces(self, text: str) -> list[Piece]:
        """The tokens of a text with their bytes and their place in it."""


def checked_ids(ids: Iterable[int], vocab_size: int) -> list[int]:
    """The ids as a list, also those of a generator. ValueError for the first that no token has."""
    ids = [int(token_id) for token_id in ids]
    for token_id in ids:
        if not 0 <= token_id < vocab_size:
            raise ValueError(
                f"token id {token_id} is not in the vocabulary: ids run from 0 to {vocab_size - 1}"
            )
    return ids


class BytePairTokenizer:
    """Byte-pair encoding: any text in any language, in pieces frequent where it was trained (book 2.5)."""

    def __init__(
        self, name: str, encoding: tiktoken.Encoding, merges: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        self.name = name
        self.encoding = encoding
        self.vocab_size = encoding.n_vocab
        self.merges = list(merges)  # in the order learned; empty where only the ranks are known

    def encode(self, text: str, special: bool = False) -> list[int]:
        """Token ids of a text; nothing is ever unknown, at worst a token is one byte.

        Half a character (a lone surrogate) is read as U+FFFD, by tiktoken itself.
        """
        if special:
            return encode_in_parts(lambda part: self.encoding.encode(part, allowed_special="all"), text)
        return encode_in_parts(self.encoding.encode_ordinary, text)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of token ids; bytes that are no whole character become U+FFFD."""
        try:
            return self.encoding.decode(checked_ids(ids, self.vocab_size))
        except KeyError as error:  # cl100k_base and o200k_base have gaps before their special tokens
            raise ValueError(f"{self.name} leaves some ids unused: {error.args[0]}") from None

    def pieces(self, text: str, special: bool = False) -> list[Piece]:
        """The tokens of a text, each with its bytes: one character may be spread over several."""
        ids = self.encode(text, special)
        return byte_pieces(
            without_surrogates(text), ids, [self.encoding.decode_single_token_bytes(i) for i in ids]
        )


class CharTokenizer:
    """One token a character, those of one text: the smallest vocabulary, the longest rows of ids."""

    name = "char"

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = list(characters)
        self.ids = {character: i for i, character in enumerate(self.characters)}
        self.vocab_size = len(self.characters)

    def encode(self, text: str, special: bool = False) -> list[int]:
        """One id a character. ValueError for one that the text of this tokenizer does not have."""
        text = without_surrogates(text)
        strangers = sorted(set(text) - self.ids.keys())
        if strangers:
            raise ValueError(
                f"this tokenizer knows the {self.vocab_size} characters of its own text; "
                f"{', '.join(map(repr, strangers[:5]))} is not among them"
            )
        return [self.ids[character] for character in text]

    def decode(self, ids: Iterable[int]) -> str:
        """The characters of the ids, joined."""
        return "".join(self.characters[i] for i in checked_ids(ids, self.vocab_size))

    def pieces(self, text: str) -> list[Piece]:
        """Each character with its bytes."""
        text = without_surrogates(text)
        return [
            Piece(i, c.encode(), c, at, at + 1)
            for at, (i, c) in enumerate(zip(self.encode(text), text, strict=True))
        ]


class WordTokenizer:
    """The book's first tokenizer: words and punctuation, known only if its text has them (book 2.2-2.4)."""

    name = "word"
    SPLIT = re.compile(r"""([,.:;?_!"()']|--|\s)""")

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self.ids = {word: i for i, word in enumerate(self.words)}
        self.vocab_size = len(self.words)

    def encode(self, text: str, special: bool = False) -> list[int]:
        """One id a word. A new word is <|unk|>, or a ValueError where the vocabulary has no such token."""
        return [self.word_id(word, special) for word in self.split(text)]

    def word_id(self, word: str, special: bool) -> int:
        """The id of one word."""
        has_specials = UNKNOWN in self.ids  # else <|endoftext|> is a word like any other
        if word in self.ids and (special or not has_specials or word not in (END_OF_TEXT, UNKNOWN)):
            return self.ids[word]
        if has_specials:
            return self.ids[UNKNOWN]
        raise ValueError(
            f"the word {word!r} is not among the {self.vocab_size} words of this tokenizer's text"
        )

    def decode(self, ids: Iterable[int]) -> str:
        """The words joined by spaces, without those before punctuation; line breaks are lost."""
        known = checked_ids(ids, self.vocab_size)
        marks = r"""\s+([,.:;?!"()'])""" if UNKNOWN in self.ids else r"""\s+([,.?!"()'])"""  # as in the book
        return re.sub(marks, r"\1", " ".join(self.words[i] for i in known))

    def pieces(self, text: str) -> list[Piece]:
        """Each word with its place in the text; white space belongs to none."""
        text = without_surrogates(text)
        found, end = [], 0
        for word, token_id in zip(self.split(text), self.encode(text), strict=True):
            start = text.index(word, end)
            end = start + len(word)
            found.append(Piece(token_id, word.encode(), word, start, end))
        return found

    def knows(self, text: str) -> bool:
        """Whether every word of the text can be encoded."""
        return UNKNOWN in self.ids or all(word in self.ids for word in self.split(text))

    @classmethod
    def split(cls, text: str) -> list[str]:
        """Words and punctuation marks, in order, without the white space around them."""
        return [word.strip() for word in cls.SPLIT.split(without_surrogates(text)) if word.strip()]


def char_tokenizer(text: str) -> CharTokenizer:
    """A tokenizer of exactly the characters of a text, in sorted order."""
    return CharTokenizer(sorted(set(without_surrogates(text))))


def word_tokenizer(text: str, unknown: bool = False) -> WordTokenizer:
    """A tokenizer of a text's words, sorted; `unknown` adds <|endoftext|> and <|unk|> (book 2.4)."""
    words = set(WordTokenizer.split(text))
    specials = [END_OF_TEXT, UNKNOWN] if unknown else []
    return WordTokenizer(sorted(words.difference(specials)) + specials)


def train_bpe(text: str, vocab_size: int) -> BytePairTokenizer:
    """Learn a byte-level vocabulary from a text (Sennrich et al. 2016): 256 bytes, merges, and <|endoftext|>.

    The vocabulary stays smaller when the text runs out of pairs. ValueError below 257.
    """
    if vocab_size < 257:
        raise ValueError(f"vocab_size is {vocab_size}: 256 bytes and {END_OF_TEXT} alone need 257")
    return from_merges("bpe", learn_merges(without_surrogates(text), vocab_size - 257))


def from_merges(name: str, merges: Sequence[tuple[bytes, bytes]]) -> BytePairTokenizer:
    """The tokenizer of a list of merges: a byte's id is its value, then one a merge, then <|endoftext|>."""
    ranks = {bytes([value]): value for value in range(256)} | {
        a + b: 256 + i for i, (a, b) in enumerate(merges)
    }
    return BytePairTokenizer(name, make_encoding(name, SPLIT_PATTERN, ranks), merges)


def make_encoding(
    name: str, pattern: str, ranks: dict[bytes, int], special: Mapping[str, int] | None = None
) -> tiktoken.Encoding:
    """tiktoken's fast encoder for given ranks; unless said otherwise, <|endoftext|> is the last id."""
    special = {END_OF_TEXT: len(ranks)} if special is None else dict(special)
    return tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens=special)


def load_tokenizer(name: str) -> BytePairTokenizer:
    """A tokenizer that needs no text, from the files that ship with Glassbox; the network is never asked.

    gpt2, cl100k_base (GPT-4), o200k_base (GPT-4o) and glassbox (the bundled model's) are built at first use.
    """
    if name in ("char", "word"):
        raise ValueError(f"a {name} tokenizer is made of a text: call {name}_tokenizer(text)")
    if name not in LOADING:
        raise ValueError(
            f"there is no tokenizer {name!r}: choose {', '.join(LOADING)}, or make one with "
            "train_bpe(text, vocab_size)"
        )
    with held(LOADING[name]):  # whoever asks while it is being built waits for the same one
        return read_tokenizer(name)


@cache
def read_tokenizer(name: str) -> BytePairTokenizer:
    """Build a tokenizer from its file: 0.2 to 1.4 seconds."""
    if name == OWN:
        facts = json.loads((ASSETS / "models" / "storyteller.tokenizer.json").read_text(encoding="utf-8"))
        return from_merges(OWN, [(bytes.fromhex(a), bytes.fromhex(b)) for a, b in facts["merges"]])
    facts = SHIPPED[name]
    ranks = read_ranks(ASSETS / "tokenizers" / facts["file"])
    return BytePairTokenizer(name, make_encoding(name, "|".join(facts["pattern"]), ranks, facts["special"]))


def read_ranks(path: Path) -> dict[bytes, int]:
    """Token bytes to id, from a file in tiktoken's format: base64 and id on each line; .xz is unpacked."""
    raw = path.read_bytes()
    lines = (lzma.decompress(raw) if path.suffix == ".xz" else raw).splitlines()
    return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}
