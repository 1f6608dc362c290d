import itertools
import re
from collections import Counter

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from strategies import ODD, TEXTS

from core.bpe import (
    SPLIT_PATTERN,
    apply_merge,
    apply_merges,
    learn_merges,
    merge_races,
    merge_steps,
    split_words,
)
from core.library import read_text
from core.tokenizer import train_bpe

# Few letters, so that pairs repeat, overlap and tie; and any text at all.
BUSY = st.text("aab \n'1.,é", max_size=60)
ANY_TEXT = st.one_of(BUSY, TEXTS, st.sampled_from(ODD))


def glue(word: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    out, i = [], 0
    while i < len(word):
        if i + 1 < len(word) and (word[i], word[i + 1]) == pair:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return out


def naive_merges(text: str, n_merges: int) -> list[tuple[tuple[bytes, bytes], int]]:
    """Recount the whole text before every merge, as one would by hand."""
    words = [[bytes([b]) for b in word.encode()] for word in re.findall(SPLIT_PATTERN, text)]
    found = []
    for _ in range(n_merges):
        counts = Counter(pair for word in words for pair in itertools.pairwise(word))
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        found.append((best, counts[best]))
        words = [glue(word, best) for word in words]
    return found


@given(ANY_TEXT, st.integers(0, 60))
def test_merges_are_those_of_the_naive_recount(text: str, n_merges: int) -> None:
    assert list(merge_steps(text, n_merges)) == naive_merges(text, n_merges)


def test_merges_of_a_real_text_are_those_of_the_naive_recount() -> None:
    text = read_text("match-seller")[:3000]
    assert list(merge_steps(text, 150)) == naive_merges(text, 150)


@given(ANY_TEXT, ANY_TEXT)
def test_the_fast_encoder_reads_the_merges_in_order(training_text: str, text: str) -> None:
    tokenizer = train_bpe(training_text, 330)
    for sample in (text, training_text, text + training_text):
        tokens = [tokenizer.encoding.decode_single_token_bytes(i) for i in tokenizer.encode(sample)]
        aloud = [
            part for word in split_words(sample) for part in apply_merges(word.encode(), tokenizer.merges)
        ]
        assert tokens == aloud


def test_the_fast_encoder_reads_a_real_text_the_same() -> None:
    text = read_text("match-seller")
    tokenizer = train_bpe(text, 600)
    tokens = [tokenizer.encoding.decode_single_token_bytes(i) for i in tokenizer.encode(text)]
    assert tokens == [p for word in split_words(text) for p in apply_merges(word.encode(), tokenizer.merges)]
    assert len(tokens) < len(text) / 2
    assert tokenizer.vocab_size == 600


@given(ANY_TEXT)
def test_splitting_loses_nothing_and_agrees_with_tiktoken(text: str) -> None:
    words = split_words(text)
    assert "".join(words) == text
    # With no merges but all bytes, tiktoken's tokens cannot show its words; whole words as tokens do.
    ranks = {bytes([b]): b for b in range(256)}
    for word in words:
        ranks.setdefault(word.encode(), len(ranks))
    encoding = tiktoken.Encoding("words", pat_str=SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens={})
    assert [encoding.decode_single_token_bytes(i) for i in encoding.encode_ordinary(text)] == [
        w.encode() for w in words
    ]


@given(
    st.lists(st.sampled_from((b"a", b"b", b"ab")), max_size=20),
    st.tuples(*[st.sampled_from((b"a", b"b", b"ab"))] * 2),
)
def test_gluing_goes_from_left_to_right(word: list[bytes], pair: tuple[bytes, bytes]) -> None:
    assert apply_merge(word, pair) == glue(word, pair)


def test_a_known_text() -> None:
    assert learn_merges("hug pug hugs bun", 3) == [(b"u", b"g"), (b"h", b"ug"), (b" ", b"b")]
    assert apply_merges(b"hugs", [(b"u", b"g"), (b"h", b"ug")]) == [b"hug", b"s"]
    assert apply_merges(b"aaa", [(b"a", b"a")]) == [b"aa", b"a"]


@pytest.mark.parametrize("text", ["", "a", "a b", "xy"])
def test_the_vocabulary_stays_smaller_when_the_text_runs_out_of_pairs(text: str) -> None:
    tokenizer = train_bpe(text, 1000)
    assert tokenizer.vocab_size == 257 + len(tokenizer.merges) <= 259
    assert tokenizer.decode(tokenizer.encode("any text")) == "any text"


@pytest.mark.parametrize("vocab_size", [256, 0, -5])
def test_a_vocabulary_too_small_for_the_bytes_is_refused(vocab_size: int) -> None:
    with pytest.raises(ValueError, match="need 257"):
        train_bpe("text", vocab_size)


@given(ANY_TEXT, st.integers(0, 40), st.integers(1, 5))
def test_the_leaders_are_the_most_frequent_pairs_of_a_recount(text: str, n_merges: int, k: int) -> None:
    words = [[bytes([b]) for b in word.encode()] for word in split_words(text)]
    races = list(merge_races(text, n_merges, k))
    merges = naive_merges(text, n_merges)
    assert [race.pairs[0] for race in races[: len(merges)]] == merges
    assert len(races) == len(merges) + 1
    for race, merge in itertools.zip_longest(races, merges):
        counts = Counter(pair for word in words for pair in itertools.pairwise(word))
        assert race.pairs == sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:k]
        assert race.tokens == sum(map(len, words))
        words = [glue(word, merge[0]) for word in words] if merge else words
