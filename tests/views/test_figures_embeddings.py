import numpy as np
import pytest

from views.figures.embeddings import (
    input_sum,
    look_up,
    neighbour_bars,
    position_heatmap,
    swap_rows,
)
from views.theme import DARK, LIGHT

RNG = np.random.default_rng(1)
NAMES = ["<b>", " king", "a\nb", "é"]


def test_the_sum_shows_its_rows_and_does_the_sum_on_hover() -> None:
    token, position = RNG.normal(size=(2, 5))
    rows = np.stack([token, position, token + position])
    figure = input_sum(rows, ["token <b>", "+ position 3", "= sum"], LIGHT)
    assert np.allclose(figure.data[0].z, rows)
    assert figure.data[0].text[2][4] == f"= {token[4]:+.3f} {position[4]:+.3f}"
    assert figure.layout.yaxis.ticktext == ("token &lt;b&gt;", "+ position 3", "= sum")
    assert figure.layout.xaxis.title.text == "dimension of the embedding"


def test_a_model_without_position_rows_shows_the_token_alone() -> None:
    rows = RNG.normal(size=(1, 5))
    assert np.allclose(input_sum(rows, ["token a"], DARK).data[0].z, rows)


def test_a_look_up_shows_the_one_beside_its_row() -> None:
    rows, one_hot = RNG.normal(size=(4, 5)), np.array([0, 0, 1, 0])
    figure = look_up(one_hot, rows, NAMES, 2, LIGHT)
    left, right = figure.data
    assert np.array_equal(left.z[:, 0], one_hot)
    assert np.allclose(right.z, rows)
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (1.5, 2.5)
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;"


@pytest.mark.parametrize(("by", "title"), [("cosine", "cosine"), ("euclid", "distance")])
def test_neighbours_are_bars_in_their_order(by: str, title: str) -> None:
    figure = neighbour_bars(NAMES, [0.9, 0.5, 0.2, -0.1], LIGHT, by=by)
    assert np.allclose(figure.data[0].x, [0.9, 0.5, 0.2, -0.1])
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;", "·king", "a↵b", "é")
    assert figure.layout.xaxis.title.text == title


def test_no_neighbours_no_bars() -> None:
    assert len(neighbour_bars([], [], LIGHT, by="cosine").data[0].x) == 0


def test_a_swap_shows_before_after_and_difference() -> None:
    rows = RNG.normal(size=(3, 5))
    figure = swap_rows(rows, ["a at 1", "a at 2", "difference"], LIGHT)
    assert np.allclose(figure.data[0].z, rows)
    assert figure.layout.yaxis.ticktext[2] == "difference"


def test_positions_are_sent_in_hundredths() -> None:
    cosines = np.array([[1.0, -0.256], [-0.256, 1.0]])
    figure = position_heatmap([0, 8], cosines, LIGHT)
    assert np.array_equal(figure.data[0].z, [[100, -26], [-26, 100]])
    assert list(figure.data[0].x) == [0, 8]
    assert figure.layout.xaxis.title.text == figure.layout.yaxis.title.text == "position"
    assert len(position_heatmap(list(range(128)), np.ones((128, 128)), LIGHT).to_json()) < 32_000
