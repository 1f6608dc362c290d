"""Learn a byte-pair vocabulary: again and again, glue the most frequent pair of neighbours (book 2.5).

The naive loop recounts the whole text for every merge. Here each distinct word is kept once with its count,
and after a merge only the words that hold the pair are touched; the result is the same (a test checks it).
"""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

Pair = tuple[bytes, bytes]
Word = list[bytes]

# Explicit characters, so that Python's and tiktoken's regular expressions agree on every text.
SPACE = "\t\n\x0b\x0c\r \x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
DIGIT = "0-9"
MARK = (
    "!-/:-@\\[-`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf"
    "\u2010-\u2027\u2030-\u205e\u3001-\u3003\u3008-\u3011"
)
SPLIT_PATTERN = "|".join(
    (
        "'(?:[sdmt]|ll|ve|re)",  # the ending of a contraction
        f" ?[^{SPACE}{DIGIT}{MARK}]+",  # a word, with the space before it
        f" ?[{DIGIT}]+",  # a number
        f" ?[{MARK}]+",  # a run of marks
        f"[{SPACE}]+(?![^{SPACE}])",  # white space, but for the last one, which is left to the next word
        f"[{SPACE}]+",
    )
)


def split_words(text: str) -> list[str]:
    """Cut a text into the stretches that no token crosses; joined, they are the text again."""
    return re.findall(SPLIT_PATTERN, text)


def learn_merges(text: str, n_merges: int) -> list[Pair]:
    """The first n merges, most frequent pair first, of equal ones the smaller; fewer if no pair is left."""
    return [pair for pair, _ in merge_steps(text, n_merges)]


def merge_steps(text: str, n_merges: int) -> Iterator[tuple[Pair, int]]:
    """Yield each merge with the number of times its pair stood in the text at that moment."""
    pairs = count_pairs(text)
    for _ in range(n_merges):
        pair, count = pairs.most_frequent()
        if count < 1:
            return
        yield pair, count
        pairs.merge(pair)


class Race(NamedTuple):
    """How things stand before a merge: the most frequent pairs with their counts, and the text's length."""

    pairs: list[tuple[Pair, int]]  # the first is merged next
    tokens: int


def merge_races(text: str, n_merges: int, k: int) -> Iterator[Race]:
    """Yield the race of the k most frequent pairs before each merge, and once more after the last.

    The race that nobody runs, for want of pairs, is the last.
    """
    counts = count_pairs(text)
    for merge in range(n_merges + 1):
        race = Race(counts.leaders(k), counts.tokens)
        yield race
        if not race.pairs or merge == n_merges:
            return
        counts.merge(race.pairs[0][0])


def count_pairs(text: str) -> "PairCounts":
    """The text's pairs of neighbouring bytes, before any merge."""
    counts = Counter(split_words(text))
    words = [[bytes([byte]) for byte in word.encode()] for word in counts]
    return PairCounts(words, list(counts.values()))


class PairCounts:
    """How often each pair of neighbours stands in the words, kept up to date merge by merge."""

    def __init__(self, words: list[Word], word_counts: list[int]) -> None:
        self.words = words
        self.word_counts = word_counts
        self.tokens = 0  # in all words together
        self.counts: Counter[Pair] = Counter()
        self.where: defaultdict[Pair, set[int]] = defaultdict(set)  # words that hold the pair, or once did
        for index, (word, count) in enumerate(zip(words, word_counts, strict=True)):
            self.tokens += count * len(word)
            for pair in pairwise(word):
                self.counts[pair] += count
                self.where[pair].add(index)
        self.heap = [(-count, pair) for pair, count in self.counts.items()]
        heapq.heapify(self.heap)

    def most_frequent(self) -> tuple[Pair, int]:
        """The pair with the highest count; entries of the heap that are out of date are thrown away."""
        while self.heap:
            count, pair = self.heap[0]
            if self.counts[pair] == -count:
                return pair, -count
            heapq.heappop(self.heap)
        return (b"", b""), 0

    def leaders(self, k: int) -> list[tuple[Pair, int]]:
        """The k most frequent pairs, the first as `most_frequent` has it; fewer if there are no more."""
        found: dict[Pair, int] = {}
        while len(found) < k:
            pair, count = self.most_frequent()
            if count < 1:
                break
            found[pair] = count  # a pair may stand in the heap twice with the same count
            heapq.heappop(self.heap)
        for pair, count in found.items():
            heapq.heappush(self.heap, (-count, pair))
        return list(found.items())

    def merge(self, pair: Pair) -> None:
        """Glue the pair wherever it stands."""
        changes: defaultdict[Pair, int] = defaultdict(int)
        for index in self.where.pop(pair):
            before, count = self.words[index], self.word_counts[index]
            after = self.words[index] = apply_merge(before, pair)
            self.tokens -= count * (len(before) - len(after))
            for gone in pairwise(before):
                changes[gone] -= count
            for here in pairwise(after):
                changes[here] += count
                self.where[here].add(index)
        self.where.pop(pair, None)
        for changed, change in changes.items():
            if change:  # most pairs of a word are no neighbours of the glued one
                self.counts[changed] += change
                heapq.heappush(self.heap, (-self.counts[changed], changed))


def apply_merge(word: Sequence[bytes], pair: Pair) -> Word:
    """The word with every occurrence of the pair glued, from left to right."""
    (first, second), merged, at = pair, [], 0
    while at < len(word):
        if word[at] == first and word[at + 1 : at + 2] == [second]:
            merged.append(first + second)
            at += 2
        else:
            merged.append(word[at])
            at += 1
    return merged


def apply_merges(word: bytes, merges: Iterable[Pair]) -> Word:
    """Byte-pair encoding read aloud: start from bytes and apply the merges in the order they were learned."""
    parts = [bytes([byte]) for byte in word]
    for pair in merges:
        parts = apply_merge(parts, pair)
    return parts
