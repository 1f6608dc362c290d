"""What the bundled model reads: stories, old tales, a novel and words that repeat, well shuffled."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from core.stories import stories

STORIES = 3200  # about 2.1 million characters: half of the whole
NOVEL_SHARE = 0.15  # of the length of the stories
REPEATS_SHARE = 0.8  # of the length of the stories
RARER = 1.5  # in every other line the word of rank r is drawn as often as 1 / r ** 1.5
PASSAGE = 1500  # characters of a tale or novel that stay together


def storyteller_mix(tales: Sequence[str], novel: str = "", seed: int = 123) -> str:
    """Stories, all the tales, the beginning of a novel and repeated words: documents between blank lines.

    Everything stands there once, in random order, so the last tenth is like the rest, and yet new.
    """
    dice = random.Random(seed)
    told = list(islice(stories(seed), STORIES))
    length = sum(map(len, told))
    read = [passage for tale in tales for passage in passages(tale)]
    read += passages(novel[: int(NOVEL_SHARE * length)])
    documents = [*told, *read, *repeats(" ".join(told + read), int(REPEATS_SHARE * length), dice)]
    dice.shuffle(documents)
    return "\n\n".join(documents)


def passages(text: str, length: int = PASSAGE) -> list[str]:
    """The text in pieces of whole paragraphs, each of at least `length` characters if there are so many.

    Paragraphs then stand on lines of their own: the blank line is left for the end of a document.
    """
    pieces: list[str] = []
    open_piece = False
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        line = " ".join(paragraph.split())
        if open_piece:
            pieces[-1] += "\n" + line
        else:
            pieces.append(line)
        open_piece = len(pieces[-1]) < length
    return pieces


def repeats(text: str, length: int, dice: random.Random) -> Iterator[str]:
    """Lines of random words of the text, each line several times over: `sea would a sea would a sea would a`.

    Nobody can guess the first time, and everybody can look up the rest: what followed this word last time?
    That is what an induction head does, and from these lines it learns to (Olsson et al. 2022). In half of
    them a few words come again and again, so that there is something to be found soon; in the other half all
    words are alike, so that what was found holds for each. With the second half alone no such head was found
    in the first 650 steps; with 60 words alone there was one, but for these words only.
    """
    words = [word for word, _ in Counter(re.findall(r"\b[a-z]+\b", text)).most_common()]
    by_rank = list(accumulate(1 / rank**RARER for rank in range(1, len(words) + 1)))
    alike = list(range(1, len(words) + 1))
    written = 0
    while written < length:
        weights = dice.choice((by_rank, alike))
        line = " ".join(drawn(words, weights, min(dice.randint(3, 20), len(words)), dice))
        document = " ".join([line] * dice.randint(3, 6))
        written += len(document)
        yield document


def drawn(words: Sequence[str], weights: Sequence[float], count: int, dice: random.Random) -> list[str]:
    """So many different words, in random order: weights are cumulative."""
    found: dict[str, None] = {}
    while len(found) < count:
        found |= dict.fromkeys(dice.choices(words, cum_weights=weights, k=count))
    chosen = list(found)[:count]
    dice.shuffle(chosen)
    return chosen
