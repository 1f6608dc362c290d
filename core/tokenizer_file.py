"""Tokenizers in Hugging Face's files, run by Hugging Face's own library (Rust), under our interface.

The library is imported here alone, and only once such a file is read.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from core.json_object import read_json
from core.pieces import Piece, byte_pieces, without_surrogates
from core.tokenizer import END_OF_TEXT, checked_ids, load_tokenizer

if TYPE_CHECKING:
    import tokenizers

KIND = "library"  # of the facts that are made here
MOST_TOKENS = 2**20
PROBE = "Nobody's unbelievable 1,024 colours:  the quickest way to tell GPT-2's merges — 日本."
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}


def byte_of_sign() -> dict[str, int]:
    """The byte that each sign of a byte-level vocabulary stands for (Radford et al. 2019)."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(256 + n): byte for n, byte in enumerate(others)}


def opened(content: Mapping) -> "tokenizers.Tokenizer":
    """The library's tokenizer of a tokenizer.json. ValueError if it is none, or claims too much."""
    from tokenizers import Tokenizer

    try:
        found = Tokenizer.from_str(json.dumps(content))
        ids = found.get_vocab(with_added_tokens=True).values()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # its panics are no Exception
        raise ValueError(f"the tokenizers library cannot read it: {str(error)[:200]}") from error
    if not ids or max(ids) >= MOST_TOKENS:
        raise ValueError(f"its ids are not whole numbers below {MOST_TOKENS:,}")
    if len(set(ids)) != len(ids):
        raise ValueError("two of its tokens have the same id")
    return found


class LibraryTokenizer:
    """Any tokenizer.json: ids, added tokens and a template's tokens, as the library gives them."""

    name = "tokenizer.json"

    def __init__(self, content: Mapping) -> None:
        self.content = dict(content)
        self.with_special = opened(self.content)
        vocab = self.with_special.get_vocab(with_added_tokens=True)
        self.vocab_size = max(vocab.values()) + 1

    @cached_property
    def plain(self) -> "tokenizers.Tokenizer":
        """The same, to which a special token in a text is plain text."""
        found = opened(self.content)
        found.encode_special_tokens = True
        return found

    @cached_property
    def added(self) -> dict[int, str]:
        """The texts of tokens that were added to the vocabulary: they are no bytes in disguise."""
        found = self.with_special.get_added_tokens_decoder()
        return {i: token.content for i, token in found.items()}

    @cached_property
    def signs(self) -> dict[str, int]:
        """The bytes behind the signs of a byte-level vocabulary; {} for one of another kind."""
        return byte_of_sign() if mentions(self.content.get("decoder"), "ByteLevel") else {}

    def encode(self, text: str, special: bool = False) -> list[int]:
        """Token ids, with the first or last ones that the file's template adds.

        With `special`, a special token that is written out in the text is one token.
        """
        return self.encoding(text, special).ids

    def encoding(self, text: str, special: bool) -> "tokenizers.Encoding":
        """What the library makes of a text."""
        return (self.with_special if special else self.plain).encode(without_surrogates(text))

    def decode(self, ids: Iterable[int]) -> str:
        """The text of token ids, special tokens written out. ValueError for an id without a token."""
        ids = checked_ids(ids, self.vocab_size)
        if unused := [i for i in ids if self.with_special.id_to_token(i) is None]:
            raise ValueError(f"{self.name} leaves some ids unused: {unused[0]}")
        return self.with_special.decode(ids, skip_special_tokens=False)

    def pieces(self, text: str, special: bool = False) -> list[Piece]:
        """The tokens of a text at their place; one that a template added touches no character."""
        text = without_surrogates(text)
        found = self.encoding(text, special)
        typed = [start < end for start, end in found.offsets]
        if self.signs:
            ids = [i for i, is_typed in zip(found.ids, typed, strict=True) if is_typed]
            tokens = [self.token_bytes(i) for i in ids]
            if b"".join(tokens) == text.encode():
                exact = iter(byte_pieces(text, ids, tokens))
                return self.with_template(found, typed, exact, len(text))
        parts = (
            Piece(i, text[start:end].encode(), text[start:end], start, end)
            for i, (start, end), is_typed in zip(found.ids, found.offsets, typed, strict=True)
            if is_typed
        )
        return self.with_template(found, typed, parts, len(text))

    def with_template(
        self, found: "tokenizers.Encoding", typed: Sequence[bool], pieces: Iterable[Piece], length: int
    ) -> list[Piece]:
        """The pieces of a text, and between them the tokens that nobody has typed."""
        pieces, placed, at = iter(pieces), [], 0
        for token_id, is_typed in zip(found.ids, typed, strict=True):
            if is_typed:
                placed.append(next(pieces))
                at = placed[-1].end
            else:
                written = self.with_special.id_to_token(token_id) or ""
                placed.append(Piece(token_id, b"", written, min(at, length), min(at, length)))
        return placed

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes that a token stands for. ValueError for an id without a token."""
        if token_id in self.added:
            return self.added[token_id].encode()
        token = self.with_special.id_to_token(token_id)
        if token is None:
            raise ValueError(f"{self.name} leaves some ids unused: {token_id}")
        if self.signs and set(token) <= self.signs.keys():
            return bytes(self.signs[sign] for sign in token)
        return self.with_special.decode([token_id], skip_special_tokens=False).encode()


def mentions(part: object, kind: str) -> bool:
    """Whether a part of a tokenizer.json, or one inside it, is of this type."""
    if isinstance(part, Mapping):
        return part.get("type") == kind or any(mentions(one, kind) for one in part.values())
    return isinstance(part, list) and any(mentions(one, kind) for one in part)


def facts_of_tokenizer_json(content: Mapping, added: Mapping[str, int] | None = None) -> dict:
    """The facts of a tokenizer.json; `added` are the tokens of an added_tokens.json beside it.

    GPT-2's own vocabulary is only named: tiktoken has it. ValueError says what is wrong with it.
    """
    content = with_added(content, added or {})
    found = opened(content)
    if is_gpt2s(found, content):
        return {"kind": "gpt2"}
    return {"kind": KIND, "content": json.loads(found.to_str())}


def facts_of_vocab_json(
    vocab: bytes, merges: str, added: Mapping[str, int] | None = None, special: Sequence[str] = ()
) -> dict:
    """The facts of a vocab.json and the merges.txt beside it, as GPT-2 has them: bytes as visible signs.

    `special` are tokens of the vocabulary that a special_tokens_map.json names.
    """
    tokens = read_json(vocab, "vocab.json")
    lines = [line for line in merges.splitlines() if line and not line.startswith("#version")]
    model = {"type": "BPE", "vocab": tokens, "merges": lines}
    ends = {name: tokens[name] for name in (END_OF_TEXT, *special) if name in tokens}
    if missing := byte_of_sign().keys() - tokens.keys():
        raise ValueError(f"{len(missing)} of the 256 bytes are missing in its vocabulary")
    content = {"version": "1.0", "added_tokens": [], "normalizer": None, "model": model}
    content |= {"pre_tokenizer": BYTE_LEVEL, "post_processor": None, "decoder": BYTE_LEVEL}
    return facts_of_tokenizer_json(content, ends | dict(added or {}))


def with_added(content: Mapping, added: Mapping[str, int]) -> dict:
    """A tokenizer.json with more added tokens. ValueError for an id that its library would change."""
    known = content.get("added_tokens") or []
    known = known if isinstance(known, list) else []
    names = {one.get("content") for one in known if isinstance(one, dict)}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    ordered = sorted(added.items(), key=lambda item: item[1])
    more = [{"id": i, "content": text} | flags for text, i in ordered if text not in names]
    content = dict(content) | {"added_tokens": [*known, *more]}
    if more:
        found = opened(content)
        if wrong := [one["content"] for one in more if found.token_to_id(one["content"]) != one["id"]]:
            raise ValueError(f"the added token {wrong[0][:40]!r} has an id that does not follow the others")
    return content


def is_gpt2s(found: "tokenizers.Tokenizer", content: Mapping) -> bool:
    """Whether this is GPT-2's own vocabulary, used in GPT-2's way."""
    vocab = found.get_vocab(with_added_tokens=True)
    gpt2 = load_tokenizer("gpt2")
    if len(vocab) != gpt2.vocab_size or vocab.get(END_OF_TEXT) != gpt2.vocab_size - 1:
        return False
    cutting, template = content.get("pre_tokenizer") or {}, content.get("post_processor") or {}
    plain = (
        not content.get("normalizer")
        and cutting.get("type") == "ByteLevel"
        and cutting.get("use_regex", True)
        and not cutting.get("add_prefix_space")
        and template.get("type", "ByteLevel") == "ByteLevel"
    )
    signs = byte_of_sign()
    ranks = gpt2.encoding._mergeable_ranks
    written = {
        bytes(signs[sign] for sign in token): i for token, i in vocab.items() if set(token) <= signs.keys()
    }
    written.pop(END_OF_TEXT.encode(), None)
    same = bool(plain) and written == ranks
    return same and found.encode(PROBE).ids == gpt2.encode(PROBE)  # the merges have the same order
