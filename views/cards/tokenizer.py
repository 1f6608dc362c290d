"""The tokenizer's questions: why these pieces, and whose is the space."""

import numpy as np

from core.bpe import split_words
from core.cuts import in_common, inner_cuts, pieces_by_word
from core.library import library
from core.tokenizer import from_merges
from views import cache, next_token
from views.cards.card import Card, Outcome, need
from views.figures.base import visible
from views.figures.pairs import paired_bars
from views.here import Here
from views.picture import palette
from views.prompt import read_prompt
from views.text import percent
from views.vocabulary import token_texts

MERGES = 512  # learned from each text: two vocabularies of one size
TEXTS = ("ugly-duckling", "hamlet")
SHORT = 500  # characters of the prompt that are cut; the bars have room for a few words
MOST_WORDS = 14
ALIKE = 0.95  # share of the cuts within words that both make: more is the same way of cutting
FELT = 0.02  # a share of 1: less is nothing to be seen


def pieces(here: Here) -> Outcome:
    """The prompt cut by two vocabularies of one size, learned from two texts."""
    need(here, 1, "so that there is something to cut")
    text = here.prompt.text[:SHORT]
    cuts = [cuts_of(text, corpus) for corpus in TEXTS]
    if not cuts[0] | cuts[1]:
        raise ValueError("Neither vocabulary cuts a word of this prompt: write a longer word into it.")
    counts = [pieces_by_word(text, one) for one in cuts]
    both = in_common(*cuts)
    chosen = [place for place, word in enumerate(counts[0]) if word[0].strip()][:MOST_WORDS]
    return Outcome(
        held=0 if both >= ALIKE else 1,
        figure=paired_bars(
            [counts[0][place][0].strip() for place in chosen],
            [np.array([one[place][1] for place in chosen]) for one in counts],
            [library()[corpus].title for corpus in TEXTS],
            palette(),
            x="pieces of the word",
        ),
        seen=f"The two vocabularies have {both:.0%} of their cuts within words in common",
        numbers={
            "both": percent(both),
            "merges": MERGES,
            "one": sum(count for _, count in counts[0]),
            "other": sum(count for _, count in counts[1]),
            "words": len(split_words(text)),
            **example(*counts),
        },
    )


def cuts_of(text: str, corpus: str) -> set[int]:
    """Where the vocabulary of a library text cuts within words."""
    tokenizer = from_merges(corpus, [pair for pair, _ in cache.merges_of(corpus, MERGES)])
    return inner_cuts(text, tokenizer.pieces(text))


def example(one: list[tuple[str, int]], other: list[tuple[str, int]]) -> dict[str, object]:
    """The word in whose number of pieces the two differ most."""
    pairs = zip(one, other, strict=True)
    (word, first), (_, second) = max(pairs, key=lambda pair: abs(pair[0][1] - pair[1][1]))
    return {"word": word.strip(), "first": first, "second": second}


def space(here: Here) -> Outcome:
    """What is expected after the prompt, and after the prompt with a space at its end."""
    text = here.prompt.text.rstrip()
    if not text:
        raise ValueError("The prompt is empty: write something into it, on the left.")
    without, with_space = (ids_of(here, one) for one in (text, text + " "))
    probs = [next_token.probabilities(here.look, ids) for ids in (without, with_space)]
    moved = float(np.abs(probs[0] - probs[1]).sum() / 2)
    best = np.unique(np.concatenate([next_token.likeliest(here.tokenizer, one, 5)[0] for one in probs]))
    best = best[np.argsort(-(probs[0] + probs[1])[best])]
    names = token_texts(here.tokenizer, best.tolist())
    return Outcome(
        held=1 if moved > FELT else 0,
        figure=paired_bars(
            names,
            [100 * one[best] for one in probs],
            ["as written", "with a space at the end"],
            palette(),
            x="probability of being next (%)",
            tokens=True,
        ),
        seen=f"A space at the end moves {moved:.0%} of the next token's probability",
        numbers={
            "moved": percent(moved),
            "tokens": len(without),
            "more": len(with_space),
            "before": favourite(here, probs[0]),
            "after": favourite(here, probs[1]),
        },
    )


def ids_of(here: Here, text: str) -> tuple[int, ...]:
    """The last tokens of a text that the model has room for."""
    ids = read_prompt(text, here.tokenizer, here.config.context_length).ids
    if not ids:
        raise ValueError("The prompt has no token that this model knows: write something else into it.")
    return ids


def favourite(here: Here, probs: np.ndarray) -> str:
    """The likeliest token with its probability."""
    best, names = next_token.likeliest(here.tokenizer, probs, 1)
    return f"“{visible(names[0])}” ({percent(float(probs[best[0]]))})"


CARDS = (Card("pieces", 22, 1, pieces), Card("space", 22, 1, space))
