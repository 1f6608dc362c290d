"""Sums of words, corners of tensors and scores by distance, as figures."""

import numpy as np
import pytest

from core.word_table import load_word_table
from views.embeddings.sums import SUMS, spots_of, sum_numbers, words_of
from views.figures.places import distance_curves
from views.figures.primer import corner
from views.figures.word_sums import Spot, sides, word_sum
from views.theme import DARK, LIGHT

TABLE = load_word_table()
RNG = np.random.default_rng(5)


def traces(figure) -> dict:
    return {trace.name: trace for trace in figure.data}


@pytest.mark.parametrize("written", SUMS)
def test_the_arrow_of_a_sum_is_laid_at_the_start_again(written: str):
    start, minus, plus = words_of(written)
    near = [word for word, _ in TABLE.analogy(start, minus, plus, 8)]
    spots = spots_of(TABLE, (start, minus, plus), near)
    place = {spot.role: np.array([spot.x, spot.y]) for spot in spots if spot.role != "near"}
    assert np.allclose(place["plus"] - place["minus"], place["sum"] - place["start"], atol=1e-4)
    vectors = [TABLE.vectors[TABLE.row(word)] for word in (start, minus, plus)]
    assert np.linalg.norm(place["plus"] - place["minus"]) == pytest.approx(
        float((vectors[2] - vectors[1]).norm()), abs=1e-3
    )
    assert np.linalg.norm(place["start"] - place["minus"]) == pytest.approx(
        float((vectors[0] - vectors[1]).norm()), abs=1e-3
    )
    figure = word_sum(spots, LIGHT)
    assert list(traces(figure)["best"].text) == [near[0]]
    assert len(figure.layout.annotations) == 3


def test_a_sum_of_one_word_three_times_can_be_drawn():
    spots = spots_of(TABLE, ("king", "king", "king"), ["queen"])
    assert len(word_sum(spots, DARK).layout.annotations) == 3
    found = sum_numbers(TABLE, ("king", "king", "king"), "queen")
    assert found["start_cosine"] == pytest.approx(1.0, abs=1e-5)
    assert found["step_cosine"] == 0.0


def test_the_numbers_of_a_sum_are_its_cosines():
    found = sum_numbers(TABLE, ("king", "man", "woman"), "queen")
    best, score = TABLE.analogy("king", "man", "woman", 1)[0]
    assert best == "queen"
    assert found["best_cosine"] == pytest.approx(score, abs=1e-5)


def test_words_stay_words():
    figure = word_sum([Spot("<b>", role, 0, 0) for role in ("minus", "plus", "start", "sum")], LIGHT)
    assert all(trace.text == ("&lt;b&gt;",) for trace in figure.data if len(trace.x))


def test_labels_take_turns_from_left_to_right() -> None:
    assert sides(np.array([3.0, 1.0, 2.0])) == ["middle right", "top center", "bottom center"]


def test_a_corner_shows_its_numbers():
    numbers = RNG.normal(size=(3, 4))
    figure = corner(numbers, ["a", "b", "c"], LIGHT, x="keys", y="queries", whole=False)
    assert np.allclose(figure.data[0].z, numbers)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("keys", "queries")
    assert figure.layout.yaxis.ticktext == ("a", "b", "c")


def test_the_chosen_head_is_drawn_last_and_its_peak_marked():
    curves = RNG.normal(size=(3, 20))
    figure = distance_curves(curves, 1, LIGHT)
    assert [trace.name for trace in figure.data[:3]] == ["head 0", "head 2", "head 1"]
    assert np.allclose(figure.data[2].y, curves[1])
    assert figure.data[3].x[0] == curves[1].argmax()
    assert figure.layout.xaxis.title.text == "distance (tokens back)"
