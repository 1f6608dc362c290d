"""Which text does each token id stand for? What fits a model that was brought, the likeliest first."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.config import check_whole_number
from core.json_object import read_json
from core.library import library, read_text
from core.nanogpt_meta import INSTEAD, read_meta
from core.tokenizer import OWN, Tokenizer, char_tokenizer, load_tokenizer
from core.tokenizer_facts import KIND, check_ranks, tokenizer_facts, tokenizer_from
from core.tokenizer_file import facts_of_tokenizer_json, facts_of_vocab_json
from runs.offered import refuse_pickles_of_strangers

LARGEST_FILE = 32 * 2**20  # bytes; GPT-2's tokenizer.json has 3 MB
PADDED = 64  # vocabularies are rounded up to a multiple of this, so that matrices multiply faster
KNOWN = {
    "gpt2": "GPT-2's byte pairs",
    "cl100k_base": "GPT-4's byte pairs",
    "o200k_base": "GPT-4o's byte pairs",
}
SIZES = {"gpt2": 50257, "cl100k_base": 100277, "o200k_base": 200019}
MOST_CHARACTERS = 1000  # of a vocabulary of characters


@dataclass(frozen=True)
class Vocabulary:
    """One way to read token ids, as facts that JSON can hold."""

    label: str
    facts: dict
    tokens: int


def fitting(vocab_size: int, beside: Mapping[str, Path]) -> tuple[list[Vocabulary], list[str]]:
    """What fits a token table of this many rows, and a sentence for each file that does not."""
    found, said = brought_along(vocab_size, beside)
    found += [named(name) for name in SIZES if SIZES[name] <= vocab_size <= padded(SIZES[name])]
    if vocab_size == load_tokenizer(OWN).vocab_size:
        found.append(Vocabulary("the Storyteller's byte pairs", {"kind": OWN}, vocab_size))
    found += [of_library(key) for key in library() if characters_of(key) == vocab_size]
    found.append(Vocabulary("numbers: each token as its id", as_numbers(vocab_size), vocab_size))
    return found, said


def padded(tokens: int) -> int:
    """The most rows that a table for this many tokens is given: the next multiple of 64, and its next."""
    return (tokens // PADDED + 1) * PADDED


def as_numbers(vocab_size: int) -> dict:
    """The facts of a vocabulary without texts."""
    return {"kind": "numbers", "vocab_size": vocab_size}


def named(name: str) -> Vocabulary:
    """A vocabulary that ships with Glassbox."""
    return Vocabulary(KNOWN[name], {"kind": name}, SIZES[name])


def of_library(key: str) -> Vocabulary:
    """The characters of a library text, in sorted order, as nanoGPT's example numbers them."""
    tokenizer = char_tokenizer(read_text(key))
    label = f"the {tokenizer.vocab_size} characters of {library()[key].title}"
    return Vocabulary(label, tokenizer_facts(tokenizer), tokenizer.vocab_size)


@cache
def characters_of(key: str) -> int:
    """How many characters a library text has: 0.1 seconds the first time."""
    return len(set(read_text(key)))


def brought_along(vocab_size: int, beside: Mapping[str, Path]) -> tuple[list[Vocabulary], list[str]]:
    """The vocabularies in files beside the weights, and why others do not fit."""
    found, said = [], []
    for name, facts in readers(beside):
        try:
            tokenizer = checked(facts())
            if tokenizer.vocab_size > vocab_size:
                raise ValueError(f"it has {tokenizer.vocab_size:,} tokens, and the model {vocab_size:,} rows")
            found.append(Vocabulary(name, tokenizer_facts(tokenizer), tokenizer.vocab_size))
        except ValueError as error:
            said.append(f"{name} was not used: {error}")
    return found, said


def readers(beside: Mapping[str, Path]) -> Iterator[tuple[str, object]]:
    """For each file that is there: its name, and how its facts are read."""
    if "tokenizer.json" in beside:
        yield "tokenizer.json", lambda: facts_of_json(beside)
    if {"vocab.json", "merges.txt"} <= beside.keys():
        yield (
            "vocab.json with merges.txt",
            lambda: facts_of_vocab_json(
                content(beside["vocab.json"]),
                content(beside["merges.txt"]).decode("utf-8", "replace"),
                added_beside(beside),
                special_beside(beside),
            ),
        )
    for name in ("meta.pkl", "meta.json"):
        if name in beside:
            yield name, lambda name=name: facts_of_meta(beside[name])


def content(path: Path) -> bytes:
    """The bytes of a file that is not too large for what it is."""
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"it has {path.stat().st_size:,} bytes: a vocabulary is far smaller")
    return path.read_bytes()


def facts_of_json(beside: Mapping[str, Path]) -> dict:
    """The facts in a tokenizer.json, ours or Hugging Face's."""
    facts = read_json(content(beside["tokenizer.json"]), "tokenizer.json")
    return facts if "kind" in facts else facts_of_tokenizer_json(facts, added_beside(beside))


def special_beside(beside: Mapping[str, Path]) -> list[str]:
    """The texts of the tokens that a special_tokens_map.json names; [] without one."""
    if "special_tokens_map.json" not in beside:
        return []
    named = read_json(content(beside["special_tokens_map.json"]), "special_tokens_map.json").values()
    flat = [one for value in named for one in (value if isinstance(value, list) else [value])]
    texts = [one.get("content") if isinstance(one, dict) else one for one in flat]
    return [text for text in texts if isinstance(text, str)]


def added_beside(beside: Mapping[str, Path]) -> dict[str, int]:
    """The tokens of an added_tokens.json, with their ids; {} without one."""
    if "added_tokens.json" not in beside:
        return {}
    found = read_json(content(beside["added_tokens.json"]), "added_tokens.json")
    for i in found.values():
        check_whole_number("the id of an added token", i, at_least=0)
    return found


def facts_of_meta(path: Path) -> dict:
    """The characters of nanoGPT's meta.pkl."""
    if path.suffix != ".json":
        refuse_pickles_of_strangers(path, INSTEAD)
    signs = read_meta(path)["itos"]
    if any(len(sign) != 1 for sign in signs) or len(signs) > MOST_CHARACTERS:
        raise ValueError("its tokens are not single characters")
    return {"kind": "char", "characters": "".join(signs)}


def checked(facts: dict) -> Tokenizer:
    """The tokenizer of facts that a stranger may have written. ValueError if they make none."""
    try:
        check_facts(facts)
        return tokenizer_from(json.loads(json.dumps(facts)))
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("it holds no vocabulary that Glassbox knows") from error


def check_tokens(tokens: list[str] | str) -> None:
    """Raise ValueError unless there are tokens, each a text, and each once."""
    if not tokens or len(set(tokens)) != len(tokens):
        raise ValueError("one of its tokens is there twice, or none at all")
    if not all(isinstance(token, str) for token in tokens):
        raise ValueError("its tokens are not texts")


def check_facts(facts: dict) -> None:
    """Raise ValueError for tokens that are there twice, and merges of parts that are not there yet."""
    if facts["kind"] == "numbers":
        check_whole_number("vocab_size", facts["vocab_size"])
    if facts["kind"] == KIND:
        for i in (*facts["ranks"].values(), *facts["special"].values()):
            check_whole_number("a token's id", i, at_least=0)
        check_ranks({bytes.fromhex(token): i for token, i in facts["ranks"].items()}, facts["special"])
    for tokens in (facts[name] for name in ("characters", "words") if name in facts):
        check_tokens(tokens)
    known = {bytes([byte]) for byte in range(256)}
    for first, second in facts.get("merges", ()):
        a, b = bytes.fromhex(first), bytes.fromhex(second)
        if not {a, b} <= known or a + b in known:
            raise ValueError(f"its merge of {first} and {second} is out of order")
        known.add(a + b)
