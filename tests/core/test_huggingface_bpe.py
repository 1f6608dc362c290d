"""Vocabularies in Hugging Face's files, against Hugging Face's own tokenizers."""

import json

import pytest

from core.huggingface_bpe import byte_of_sign, facts_of_tokenizer_json, facts_of_vocab_json
from core.library import read_text
from core.tokenizer import load_tokenizer
from core.tokenizer_facts import tokenizer_facts, tokenizer_from

authority = pytest.importorskip("tokenizers")
TEXT = (
    "Größe 日本 it's 1234  the king\n\n and the daughter's \u00a0 end " + read_text("grimm")[400_000:402_000]
)


@pytest.fixture(scope="module")
def theirs():
    """A byte-pair vocabulary of GPT-2's kind, trained by the authority."""
    found = authority.Tokenizer(authority.models.BPE())
    found.pre_tokenizer = authority.pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = authority.decoders.ByteLevel()
    alphabet = authority.pre_tokenizers.ByteLevel.alphabet()
    trainer = authority.trainers.BpeTrainer(
        vocab_size=500, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
    )
    found.train_from_iterator([read_text("grimm")[:100_000]], trainer)
    return found


def content(theirs) -> dict:
    return json.loads(theirs.to_str())


def test_tokenizer_json_gives_the_same_tokens(theirs):
    facts = facts_of_tokenizer_json(content(theirs))
    ours = tokenizer_from(json.loads(json.dumps(facts)))
    assert ours.encode(TEXT) == theirs.encode(TEXT).ids
    assert ours.decode(ours.encode(TEXT)) == TEXT
    assert ours.encode("a<|endoftext|>", special=True)[-1] == theirs.token_to_id("<|endoftext|>")
    assert tokenizer_facts(ours) == facts
    assert ours.vocab_size == theirs.get_vocab_size() == 500


def test_vocab_json_and_merges_txt_give_the_same_tokens(theirs):
    model = content(theirs)["model"]
    merges = "#version: 0.2\n" + "\n".join(m if isinstance(m, str) else " ".join(m) for m in model["merges"])
    ours = tokenizer_from(facts_of_vocab_json(json.dumps(model["vocab"]).encode(), merges))
    assert ours.encode(TEXT) == theirs.encode(TEXT).ids


def test_gpt2s_own_vocabulary_is_only_named():
    signs = {byte: sign for sign, byte in byte_of_sign().items()}
    ranks = load_tokenizer("gpt2").encoding._mergeable_ranks
    written = {token: "".join(signs[byte] for byte in token) for token in ranks}
    merges = []
    for token in sorted((token for token in ranks if len(token) > 1), key=ranks.__getitem__):
        cut = next(
            n
            for n in range(1, len(token))
            if max(ranks.get(token[:n], 10**9), ranks.get(token[n:], 10**9)) < ranks[token]
        )
        merges.append(f"{written[token[:cut]]} {written[token[cut:]]}")
    vocab = {written[token]: i for token, i in ranks.items()} | {"<|endoftext|>": 50256}
    assert facts_of_vocab_json(json.dumps(vocab).encode(), "\n".join(merges)) == {"kind": "gpt2"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": {"type": "WordPiece"}}, "not of byte pairs"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "in another way than GPT-2"),
        ({"normalizer": {"type": "NFKC"}}, "in another way than GPT-2"),
        ({"model": {"type": "BPE", "vocab": {"a": 0}}}, "of the 256 bytes are missing"),
        ({"model": {"type": "BPE", "vocab": {"a": -1}}}, "whole numbers"),
        ({"model": {"type": "BPE", "vocab": {"a": "0"}}}, "whole numbers"),
        ({"model": None}, "not of byte pairs"),
    ],
)
def test_another_kind_is_refused_with_the_reason(theirs, change, said):
    with pytest.raises(ValueError, match=said):
        facts_of_tokenizer_json(content(theirs) | change)


@pytest.mark.parametrize("damage", ["twice", "order", "missing"])
def test_a_damaged_vocabulary_is_refused(theirs, damage):
    model = content(theirs)["model"]
    if damage == "twice":
        model["vocab"]["a"] = model["vocab"]["b"]
    elif damage == "order":
        model["merges"].reverse()
    else:
        model["merges"].pop()
    with pytest.raises(ValueError, match=r"same id|order of their ids"):
        facts_of_tokenizer_json(content(theirs) | {"model": model})
