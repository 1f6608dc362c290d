"""Byte-pair vocabularies of Hugging Face, tokenizer.json or vocab.json with merges.txt, as plain facts.

Only GPT-2's own kind is read: bytes written as visible signs, its way to cut a text into words, and merges in
the order of their ids. Then tiktoken makes the same tokens of a text.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from core.json_object import read_json
from core.tokenizer import load_tokenizer

Ranks = dict[bytes, int]
KIND = "bytepairs"  # of the facts that are made here
MOST_TOKENS = 2**20


@cache
def byte_of_sign() -> dict[str, int]:
    """The byte that each sign of such a vocabulary stands for (Radford et al. 2019)."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(256 + n): byte for n, byte in enumerate(others)}


def as_bytes(token: str) -> bytes:
    """A token as vocab.json writes it, in bytes. ValueError for a sign that stands for none."""
    signs = byte_of_sign()
    if not token or not set(token) <= signs.keys():
        raise ValueError(f"its token {token[:20]!r} is not written as GPT-2 writes bytes")
    return bytes(signs[sign] for sign in token)


def facts_of_tokenizer_json(content: Mapping) -> dict:
    """The facts of a tokenizer.json. ValueError says what in it is not as in GPT-2."""
    model = dict_in(content, "model")
    if model.get("type") != "BPE":
        raise ValueError(f"it is a tokenizer of the type {model.get('type')!r}, not of byte pairs (BPE)")
    cutting = dict_in(content, "pre_tokenizer")
    is_gpt2s = cutting.get("type") == "ByteLevel" and cutting.get("use_regex", True)
    if not is_gpt2s or cutting.get("add_prefix_space") or content.get("normalizer"):
        raise ValueError("it prepares a text in another way than GPT-2 does")
    changes = ("dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges")
    if used := [name for name in changes if model.get(name)]:
        raise ValueError(f"it uses {used[0]}, which GPT-2 does not")
    added = content.get("added_tokens") or []
    special = {one["content"]: one["id"] for one in added if isinstance(one, dict) and "content" in one}
    return facts_of(dict_in(model, "vocab"), model.get("merges") or [], special)


def facts_of_vocab_json(vocab: bytes, merges: str) -> dict:
    """The facts of a vocab.json and the merges.txt beside it."""
    lines = [line for line in merges.splitlines() if line and not line.startswith("#version")]
    return facts_of(read_json(vocab, "vocab.json"), lines, {})


def facts_of(vocab: Mapping[str, int], merges: Sequence, special: Mapping[str, int]) -> dict:
    """What JSON needs to hold so that the tokenizer can be made again; GPT-2's own is only named."""
    ids = [*vocab.values(), *special.values()]
    if len(ids) > MOST_TOKENS or not all(type(i) is int and 0 <= i < MOST_TOKENS for i in ids):
        raise ValueError(f"its ids are not whole numbers below {MOST_TOKENS:,}")
    signs = byte_of_sign()
    special = special | {
        token: i for token, i in vocab.items() if not token or not set(token) <= signs.keys()
    }
    special |= {"<|endoftext|>": vocab["<|endoftext|>"]} if "<|endoftext|>" in vocab else {}
    ranks = {as_bytes(token): i for token, i in vocab.items() if token not in special}
    check_ranks(ranks, special)
    check_order(ranks, merges)
    if ranks == load_tokenizer("gpt2").encoding._mergeable_ranks:
        return {"kind": "gpt2"}
    return {"kind": KIND, "ranks": {token.hex(): i for token, i in ranks.items()}, "special": special}


def check_ranks(ranks: Ranks, special: Mapping[str, int]) -> None:
    """Raise ValueError for a vocabulary in which a byte is missing or two tokens have one id."""
    if missing := [byte for byte in range(256) if bytes([byte]) not in ranks]:
        raise ValueError(f"{len(missing)} of the 256 bytes are missing in its vocabulary")
    if len({*ranks.values(), *special.values()}) != len(ranks) + len(special):
        raise ValueError("two of its tokens have the same id")


def check_order(ranks: Ranks, merges: Sequence) -> None:
    """Raise ValueError unless merges make all tokens of several bytes, in the order of their ids."""
    pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in merges]
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise ValueError("its merges are not pairs")
    made = [as_bytes(str(a)) + as_bytes(str(b)) for a, b in pairs]
    order = sorted((token for token in ranks if len(token) > 1), key=ranks.__getitem__)
    if made != order:
        raise ValueError("its merges are not in the order of their ids")


def dict_in(content: Mapping, name: str) -> dict:
    """A dict within a dict; {} if there is none."""
    found = content.get(name)
    return found if isinstance(found, dict) else {}
