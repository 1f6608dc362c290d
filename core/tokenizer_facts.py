"""A tokenizer as plain facts, to be kept beside the weights that were trained with it, and back."""

from collections.abc import Mapping

from core.numbers import NumberTokenizer
from core.tokenizer import (
    SHIPPED,
    BytePairTokenizer,
    CharTokenizer,
    Tokenizer,
    WordTokenizer,
    from_merges,
    load_tokenizer,
    make_encoding,
)
from core.tokenizer_file import KIND as LIBRARY
from core.tokenizer_file import LibraryTokenizer

KIND = "bytepairs"  # facts of models that were brought before the tokenizers library read their files


def check_ranks(ranks: Mapping[bytes, int], special: Mapping[str, int]) -> None:
    """Raise ValueError for a vocabulary in which a byte is missing or two tokens have one id."""
    if missing := [byte for byte in range(256) if bytes([byte]) not in ranks]:
        raise ValueError(f"{len(missing)} of the 256 bytes are missing in its vocabulary")
    if len({*ranks.values(), *special.values()}) != len(ranks) + len(special):
        raise ValueError("two of its tokens have the same id")


def tokenizer_facts(tokenizer: Tokenizer) -> dict:
    """What JSON needs to hold so that `tokenizer_from` makes the same tokenizer again."""
    if isinstance(tokenizer, CharTokenizer):
        return {"kind": "char", "characters": "".join(tokenizer.characters)}
    if isinstance(tokenizer, WordTokenizer):
        return {"kind": "word", "words": tokenizer.words}
    if isinstance(tokenizer, NumberTokenizer):
        return {"kind": "numbers", "vocab_size": tokenizer.vocab_size}
    if isinstance(tokenizer, LibraryTokenizer):
        return {"kind": LIBRARY, "content": tokenizer.content}
    if tokenizer.name == KIND:
        ranks = {token.hex(): i for token, i in tokenizer.encoding._mergeable_ranks.items()}
        return {"kind": KIND, "ranks": ranks, "special": dict(tokenizer.encoding._special_tokens)}
    if isinstance(tokenizer, BytePairTokenizer) and len(tokenizer.merges) == tokenizer.vocab_size - 257:
        return {"kind": tokenizer.name, "merges": [[a.hex(), b.hex()] for a, b in tokenizer.merges]}
    return {"kind": tokenizer.name}


def tokenizer_from(facts: dict) -> Tokenizer:
    """The tokenizer of such facts."""
    if facts["kind"] == "char":
        return CharTokenizer(facts["characters"])
    if facts["kind"] == "word":
        return WordTokenizer(facts["words"])
    if facts["kind"] == "numbers":
        return NumberTokenizer(facts["vocab_size"])
    if facts["kind"] == LIBRARY:
        return LibraryTokenizer(facts["content"])
    if facts["kind"] == KIND:
        ranks = {bytes.fromhex(token): i for token, i in facts["ranks"].items()}
        pattern = "|".join(SHIPPED["gpt2"]["pattern"])
        return BytePairTokenizer(KIND, make_encoding(KIND, pattern, ranks, facts["special"]))
    if "merges" in facts:
        return from_merges(facts["kind"], [(bytes.fromhex(a), bytes.fromhex(b)) for a, b in facts["merges"]])
    return load_tokenizer(facts["kind"])
