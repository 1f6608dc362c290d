import pytest
import torch

from core.word_table import FILE, WordTable, load_word_table

TABLE = load_word_table()
SMALL = WordTable(("a", "b", "c", "d"), torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 0.1], [-1.0, 0.0]]))


def test_the_table_has_5000_different_words_and_a_vector_for_each() -> None:
    assert len(TABLE.words) == len(set(TABLE.words)) == 5000
    assert TABLE.vectors.shape == (5000, 256)
    assert TABLE.vectors.dtype == torch.float32
    assert TABLE.vectors.isfinite().all()
    assert (TABLE.vectors.norm(dim=1) > 0).all()
    assert all(word.isalpha() and word.isascii() for word in TABLE.words)
    assert FILE.stat().st_size < 1_300_000


def test_rows_lie_around_their_mean_in_directions_of_falling_variance() -> None:
    assert TABLE.vectors.mean(dim=0).abs().max() < 0.01 * TABLE.vectors.std()
    variances = TABLE.vectors.var(dim=0)
    assert (variances[1:] <= 1.01 * variances[:-1]).all()


@pytest.mark.parametrize("by", ["cosine", "euclid"])
@pytest.mark.parametrize(
    ("a", "b", "c", "answer"),
    [
        ("king", "man", "woman", "queen"),
        ("walked", "walk", "jump", "jumped"),
        ("bigger", "big", "small", "smaller"),
        ("dogs", "dog", "cat", "cats"),
        ("uncle", "man", "woman", "aunt"),
        ("better", "good", "bad", "worse"),
    ],
)
def test_directions_mean_something(a: str, b: str, c: str, answer: str, by: str) -> None:
    assert answer in [word for word, _ in TABLE.analogy(a, b, c, 3, by=by)]


def test_neighbours_make_sense() -> None:
    assert "queen" in [word for word, _ in TABLE.nearest("king", 5)]
    assert {"eight", "six"} <= {word for word, _ in TABLE.nearest("seven", 4)}
    assert all(word in "Tuesday Wednesday Thursday" for word, _ in TABLE.nearest("Monday", 2))


@pytest.mark.parametrize("by", ["cosine", "euclid"])
def test_the_nearest_come_first_and_the_asked_for_not_at_all(by: str) -> None:
    found = TABLE.nearest("king", 20, by=by)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert "king" not in dict(found)
    assert not {"king", "man", "woman"} & dict(TABLE.analogy("king", "man", "woman", 50, by=by)).keys()


def test_the_sum_is_done_on_the_vectors() -> None:
    assert SMALL.nearest("a", 1) == [("c", pytest.approx(0.99875, abs=1e-4))]
    assert [word for word, _ in SMALL.nearest("a", 9, by="euclid")] == ["c", "b", "d"]
    (word, score), *_ = SMALL.analogy("a", "b", "d", by="euclid")  # (1, 0) - (0, 1) + (-1, 0) = (0, -1)
    assert word == "c"
    assert score == pytest.approx(-((2.0**2 + 1.1**2) ** 0.5))
    assert dict(SMALL.analogy("a", "b", "b")).keys() == {"c", "d"}  # a word may stand in two places


def test_direction_1_is_mostly_frequency_and_can_be_left_out() -> None:
    assert TABLE.first_is_frequency > 0.8
    rest = TABLE.without_first
    assert torch.equal(rest.vectors, TABLE.vectors[:, 1:])
    assert rest.words is TABLE.words
    assert rest.first_is_frequency < 0.3
    little = {"and", "of", "a", "in", "to", "or", "I", "that"}
    assert little & dict(TABLE.nearest("war")).keys()
    assert not little & dict(rest.nearest("war")).keys()
    assert rest.analogy("king", "man", "woman", 1)[0][0] == "queen"


def test_case_and_spaces_are_forgiven() -> None:
    assert TABLE.row(" King ") == TABLE.row("king") == TABLE.rows["king"]
    assert TABLE.row("paris") == TABLE.rows["Paris"]


@pytest.mark.parametrize("word", ["blorptastic", "", "two words", "<b>", "\ud800"])
def test_a_word_that_is_not_there_is_refused_by_name(word: str) -> None:
    with pytest.raises(ValueError, match="is not among the 5,000 words"):
        TABLE.nearest(word)
