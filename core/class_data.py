"""Texts with labels that ship with Glassbox: sentences of two novelists, and messages, spam or ham."""

import lzma
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.config import check_choice
from core.labelled import Labelled, labelled
from core.library import read_text
from core.tokenizer import ASSETS

EACH = 1000  # sentences of each novelist
SHORTEST, LONGEST = 16, 40  # words: fewer say too little of who wrote them
NOVELS = {"Austen": "emma", "Melville": "moby-dick"}  # a text of the library for each
# Words of those times that have no place in a classroom, and names before what is said on a stage.
UNFIT = re.compile(
    r"nigg|negro|cannibal|savage|heathen|pagan|slave|gips|gyps|\bjew|white man|black man|hindoo"
    r"|whore|damn|abort|albino|murder",
    re.IGNORECASE,
)
SPOKEN = re.compile(r"[A-Z]{4,}|\(")
# Each book is printed in its own way, and the words alone shall tell who wrote them.
PRINTED = str.maketrans({"“": "", "”": "", '"': "", "‘": "'", "’": "'", "_": "", "*": "", "—": " - "})
SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\b[A-Z]\.) (?:- )?(?=[A-Z])"
)


@dataclass(frozen=True, slots=True)
class ClassData:
    """A set of texts with labels, and what is known of it."""

    title: str
    about: str  # what a text is, in one line
    source: str
    licence: str
    read: Callable[[], Labelled]


def sentences(text: str) -> list[str]:
    """The sentences of a text in their order; headings and what is in verse are not among them."""
    found = []
    for paragraph in text.translate(PRINTED).replace("--", " - ").splitlines():
        if paragraph.endswith((".", "!", "?")) and not paragraph.startswith(("CHAPTER", "VOLUME")):
            found += SENTENCE_END.split(" ".join(paragraph.split()))
    return found


def fits(sentence: str) -> bool:
    """Whether a sentence says enough, not too much, and nothing that hurts."""
    words = len(sentence.split())
    return SHORTEST <= words <= LONGEST and not UNFIT.search(sentence) and not SPOKEN.search(sentence)


def by_first_word(texts: Iterable[str]) -> dict[str, list[str]]:
    """The sentences that begin with each word."""
    found: dict[str, list[str]] = {}
    for text in texts:
        found.setdefault(text.split()[0], []).append(text)
    return found


def novel_sentences(seed: int = 123) -> Labelled:
    """EACH sentences of Austen and EACH of Melville, of SHORTEST to LONGEST words, drawn at random.

    To each of the one there is one of the other that begins with the same word: the first word tells nothing.
    """
    dice = random.Random(seed)
    sides = [by_first_word(filter(fits, dict.fromkeys(sentences(read_text(key))))) for key in NOVELS.values()]
    pairs: list[tuple[str, ...]] = []
    for word in sorted(set.intersection(*map(set, sides))):
        pairs += zip(*(dice.sample(side[word], len(side[word])) for side in sides), strict=False)
    rows = [row for pair in dice.sample(pairs, EACH) for row in zip(pair, NOVELS, strict=True)]
    dice.shuffle(rows)
    return labelled(*zip(*rows, strict=True))


def spam_messages() -> Labelled:
    """Text messages of 2003 to 2006; there is four times as much ham as spam."""
    raw = lzma.decompress((ASSETS / "classes" / "spam.tsv.xz").read_bytes()).decode()
    labels, texts = zip(*(line.split("\t") for line in raw.splitlines()), strict=True)
    return labelled(texts, labels)


CLASS_DATA = {
    "novels": ClassData(
        title="Austen or Melville",
        about="one sentence of Emma (1815) or of Moby-Dick (1851)",
        source="the library's texts, without each book's own quotation marks and dashes; to each sentence of "
        "the one there is one of the other that begins with the same word",
        licence="public domain",
        read=novel_sentences,
    ),
    "spam": ClassData(
        title="Spam or ham",
        about="one text message, wanted (ham) or not (spam)",
        source="SMS Spam Collection, Almeida and Gómez Hidalgo 2011; crude and private messages are left out",
        licence="CC BY 4.0",
        read=spam_messages,
    ),
}


def read_class_data(key: str) -> Labelled:
    """All texts of a set. ValueError, with the keys, for one that there is not."""
    check_choice("data", key, tuple(CLASS_DATA))
    return CLASS_DATA[key].read()
