"""Which words of a text mattered to a classifier: each is left out once, and the probabilities are compared.

What a word does depends on the others: two words of the same meaning may each be spared. And the text without
a word is a little shorter, so that every word after it stands at another place (Zeiler and Fergus 2014).
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from core.classify import Classifier, class_logits
from core.labelled import Padded

Encode = Callable[[Sequence[str]], Padded]  # texts as the classifier reads them, an empty one too
MOST_WORDS = 120


class Word(NamedTuple):
    """One word of a text: text[start:end], without the white space around it."""

    text: str
    start: int
    end: int


def words_in(text: str) -> list[Word]:
    """The words of a text: what stands between white space."""
    return [Word(found[0], found.start(), found.end()) for found in re.finditer(r"\S+", text)]


def left_out(text: str, word: Word) -> str:
    """The text without a word, and without the white space before it (the first one's: after it)."""
    before, after = text[: word.start].rstrip(), text[word.end :]
    return before + after if before else after.lstrip()


def class_probs(classifier: Classifier, texts: Padded) -> Tensor:
    """The probability of each class for each text: (N, T) -> (N, K)."""
    return class_logits(classifier, texts).softmax(dim=-1)


def occlusion(classifier: Classifier, encode: Encode, text: str) -> tuple[Tensor, Tensor]:
    """The probability of each class, (K,), and what each word adds to it, (W, K), for the first MOST_WORDS.

    What is left of a text of one word is padding alone. A word that the classifier does not get to read adds
    exactly 0; so does any word but the first where the first token is read.
    """
    words = words_in(text)[:MOST_WORDS]
    read = encode([text, *(left_out(text, word) for word in words)])
    rows = torch.cat([read.ids, read.lengths[:, None]], dim=1)  # (1 + W, T + 1)
    different, place = torch.unique(rows, dim=0, return_inverse=True)
    probs = class_probs(classifier, Padded(different[:, :-1], different[:, -1]))[place]  # (1 + W, K)
    return probs[0], probs[0] - probs[1:]
