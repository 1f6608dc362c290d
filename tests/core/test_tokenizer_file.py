"""Vocabularies in Hugging Face's files, against Hugging Face's own library (FAULTS 63 in tests/faults)."""

import json
from collections.abc import Callable
from itertools import pairwise

import pytest
import tokenizers
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers, processors, trainers

from core.library import read_text
from core.tokenizer import END_OF_TEXT, load_tokenizer
from core.tokenizer_facts import check_ranks, tokenizer_facts, tokenizer_from
from core.tokenizer_file import (
    LibraryTokenizer,
    byte_of_sign,
    facts_of_tokenizer_json,
    facts_of_vocab_json,
)

TEXT = (
    "Größe 日本 it's 1234  the king\n\n and the daughter's \u00a0 end 👑 "
    + read_text("grimm")[400_000:401_000]
)
SPECIAL = ["<|endoftext|>", "<|begin|>", "<unk>"]


def trained(kind: str) -> tokenizers.Tokenizer:
    """A small tokenizer of one kind, trained by the library."""
    corpus = [read_text("grimm")[:60_000]]
    if kind == "metaspace":
        found = tokenizers.Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
        found.pre_tokenizer, found.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
        alphabet = []
    elif kind == "wordpiece":
        found = tokenizers.Tokenizer(models.WordPiece(unk_token="<unk>"))
        found.normalizer, found.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
        found.decoder = decoders.WordPiece()
        trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=SPECIAL, show_progress=False)
        found.train_from_iterator(corpus, trainer)
        return found
    else:
        found = tokenizers.Tokenizer(models.BPE())
        found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=kind == "prefix")
        found.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    found.train_from_iterator(corpus, trainer)
    if kind == "template":
        begin = found.token_to_id("<|begin|>")
        found.post_processor = processors.TemplateProcessing(
            single="<|begin|> $A", special_tokens=[("<|begin|>", begin)]
        )
    if kind == "added":
        found.add_tokens([AddedToken("the king", special=False), "👑"])
        found.add_special_tokens(["<|extra|>"])
    return found


KINDS = ("plain", "prefix", "template", "added", "metaspace", "wordpiece")


@pytest.fixture(scope="module")
def make() -> Callable[[str], tokenizers.Tokenizer]:
    made: dict[str, tokenizers.Tokenizer] = {}
    return lambda kind: made.setdefault(kind, None) or made.update({kind: trained(kind)}) or made[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_ids_and_texts_are_the_librarys(make, kind: str) -> None:
    theirs = make(kind)
    ours = tokenizer_from(json.loads(json.dumps(facts_of_tokenizer_json(json.loads(theirs.to_str())))))
    assert isinstance(ours, LibraryTokenizer)
    text = TEXT + "<|extra|> end<|endoftext|>"
    assert ours.encode(text, special=True) == theirs.encode(text).ids
    assert ours.encode(TEXT) == theirs.encode(TEXT).ids
    assert ours.decode(ours.encode(TEXT)) == theirs.decode(theirs.encode(TEXT).ids, skip_special_tokens=False)
    assert theirs.token_to_id(END_OF_TEXT) not in ours.encode(text)
    assert ours.vocab_size == theirs.get_vocab_size()
    assert tokenizer_facts(ours)["kind"] == "library"
    assert ours.encode("half \ud800 a sign") == theirs.encode("half \ufffd a sign").ids
    with pytest.raises(ValueError, match="not in the vocabulary"):
        ours.decode([ours.vocab_size])


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_stand_where_their_characters_stand(make, kind: str) -> None:
    ours = LibraryTokenizer(json.loads(make(kind).to_str()))
    pieces = ours.pieces(TEXT)
    assert [piece.id for piece in pieces] == ours.encode(TEXT)
    ends = [piece.end for piece in pieces]
    assert all(0 <= piece.start <= piece.end <= len(TEXT) for piece in pieces)
    assert ends == sorted(ends)
    if kind in ("plain", "template", "added"):
        assert b"".join(piece.bytes for piece in pieces) == TEXT.encode()


def test_a_first_token_that_a_template_adds_is_shown_as_what_it_is(make) -> None:
    ours = LibraryTokenizer(json.loads(make("template").to_str()))
    first, second, *_ = ours.pieces("the king")
    assert (first.text, first.bytes, first.start, first.end) == ("<|begin|>", b"", 0, 0)
    assert second.start == 0


def test_vocab_json_and_merges_txt_give_the_same_tokens(make) -> None:
    theirs = make("plain")
    model = json.loads(theirs.to_str())["model"]
    merges = "#version: 0.2\n" + "\n".join(m if isinstance(m, str) else " ".join(m) for m in model["merges"])
    vocab = json.dumps(model["vocab"]).encode()
    ours = tokenizer_from(facts_of_vocab_json(vocab, merges))
    assert ours.encode(TEXT) == theirs.encode(TEXT).ids
    added = tokenizer_from(facts_of_vocab_json(vocab, merges, {"<pad>": 400, "<sep>": 401}, ["<|begin|>"]))
    assert added.encode("a<pad><sep>", special=True)[-2:] == [400, 401]
    assert added.encode("<|begin|>", special=True) == [theirs.token_to_id("<|begin|>")]
    assert added.vocab_size == 402
    with pytest.raises(ValueError, match="does not follow"):
        facts_of_vocab_json(vocab, merges, {"<pad>": 405})
    with pytest.raises(ValueError, match="of the 256 bytes are missing"):
        facts_of_vocab_json(b'{"a": 0}', "")


def last_two(token: bytes, ranks: dict[bytes, int]) -> list[bytes]:
    """The two parts that the last merge of a token joins."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        pairs = [ranks.get(a + b, 10**9) for a, b in pairwise(parts)]
        at = pairs.index(min(pairs))
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


def test_gpt2s_own_vocabulary_is_only_named() -> None:
    signs = {byte: sign for sign, byte in byte_of_sign().items()}
    ranks = load_tokenizer("gpt2").encoding._mergeable_ranks
    written = {token: "".join(signs[byte] for byte in token) for token in ranks}
    merges = []
    for token in sorted((token for token in ranks if len(token) > 1), key=ranks.__getitem__):
        merges.append(" ".join(written[part] for part in last_two(token, ranks)))
    vocab = {written[token]: i for token, i in ranks.items()} | {END_OF_TEXT: 50256}
    facts = facts_of_vocab_json(json.dumps(vocab).encode(), "\n".join(merges))
    assert facts == {"kind": "gpt2"}
    more = facts_of_vocab_json(json.dumps(vocab).encode(), "\n".join(merges), {"<pad>": 50257})
    assert more["kind"] == "library"
    text = "Hello, I am half-broken.  日本"
    assert tokenizer_from(more).encode(text) == load_tokenizer("gpt2").encode(text)


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}},
        {"model": {"type": "BPE", "vocab": {"a": 2**31}, "merges": []}},
        {"model": {"type": "BPE", "vocab": {}, "merges": []}, "added_tokens": []},
        {"model": {"type": "nothing"}},
        {"model": None},
        {"added_tokens": [{"id": "x"}]},
        {
            "pre_tokenizer": {
                "type": "Split",
                "pattern": {"Regex": "("},
                "behavior": "Isolated",
                "invert": False,
            }
        },
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(make, change: dict) -> None:
    with pytest.raises(ValueError, match=r"cannot read it|whole numbers"):
        facts_of_tokenizer_json(json.loads(make("plain").to_str()) | change)


def test_facts_of_before_the_library_still_make_their_tokenizer() -> None:
    ranks = {bytes([byte]).hex(): byte for byte in range(256)} | {b"th".hex(): 256}
    old = tokenizer_from({"kind": "bytepairs", "ranks": ranks, "special": {END_OF_TEXT: 257}})
    assert old.encode("the") == [256, ord("e")]
    with pytest.raises(ValueError, match="same id"):
        check_ranks({bytes([byte]): byte for byte in range(256)}, {END_OF_TEXT: 7})
