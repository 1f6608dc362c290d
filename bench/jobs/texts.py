"""Learning a vocabulary and cutting a text into tokens: a megabyte of the bundled books."""

import itertools
from collections.abc import Callable
from functools import partial

from core.library import read_text
from core.tokenizer import load_tokenizer, train_bpe

Work = Callable[[], object]
MEGABYTE = 1_000_000
VOCABULARY = 2000


def a_megabyte() -> str:
    """English prose: two of the bundled novels, and again from the start."""
    text = read_text("pride-and-prejudice") + read_text("moby-dick")
    return "".join(itertools.islice(itertools.cycle(text), MEGABYTE))


def learn(text: str) -> Work:
    """Our readable byte-pair training."""
    return lambda: train_bpe(text, VOCABULARY)


def learn_in_rust(text: str) -> Work:
    """Hugging Face tokenizers, byte-level as GPT-2's."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    def run() -> None:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        letters = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=VOCABULARY, initial_alphabet=letters, show_progress=False, special_tokens=[]
        )
        tokenizer.train_from_iterator([text], trainer)

    return run


def cut(text: str) -> Work:
    """Our tokenizer for GPT-2."""
    tokenizer = load_tokenizer("gpt2")
    return lambda: tokenizer.encode(text)


def cut_plainly(text: str) -> Work:
    """tiktoken itself."""
    encoding = load_tokenizer("gpt2").encoding
    return lambda: encoding.encode_ordinary(text)


def pieces(text: str) -> Work:
    """The pieces that the page shows, of 2,000 characters, a hundred times."""
    tokenizer, short = load_tokenizer("gpt2"), text[:2000]
    return lambda: [tokenizer.pieces(short) for _ in range(100)]


READY = {
    "learn 2,000 byte pairs of 1 MB": lambda: {
        "Glassbox": partial(learn, a_megabyte()),
        "tokenizers (Rust)": partial(learn_in_rust, a_megabyte()),
    },
    "tokenize 1 MB": lambda: {
        "Glassbox": partial(cut, a_megabyte()),
        "tiktoken": partial(cut_plainly, a_megabyte()),
    },
    "pieces of 2,000 characters": lambda: {"Glassbox": partial(pieces, a_megabyte())},
}
UNITS = {
    "learn 2,000 byte pairs of 1 MB": ("s", None),
    "tokenize 1 MB": ("MB/s", 1),
    "pieces of 2,000 characters": ("texts/s", 100),
}
