import numpy as np
import pytest

from views.figures.embeddings import (
    MOST_LABELS,
    input_sum,
    neighbour_bars,
    position_heatmap,
    sides,
    swap_rows,
    token_map,
)
from views.theme import DARK, LIGHT

RNG = np.random.default_rng(1)
NAMES = ["<b>", " king", "a\nb", "é"]
POINTS = RNG.normal(size=(4, 3)).astype(np.float32)
SHARES = [0.5, 0.3, 0.1]


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


@pytest.mark.parametrize("directions", [2, 3])
def test_the_map_holds_every_point_and_lights_up_the_marked(directions: int) -> None:
    points = POINTS[:, :directions]
    figure = token_map(points, NAMES, LIGHT, shares=SHARES, marked={"in the <prompt>": [1, 3]}, chosen=3)
    cloud, marked, chosen = figure.data
    axes = ("x", "y", "z")[:directions]
    for trace, rows in ((cloud, [0, 1, 2, 3]), (marked, [1, 3]), (chosen, [3])):
        assert np.array_equal(np.stack([trace[axis] for axis in axes], 1), points[rows])
    assert cloud.text == ("&lt;b&gt;", "·king", "a↵b", "é")
    assert marked.text == ("·king", "")  # the chosen one has its own label
    assert marked.name == "in the &lt;prompt&gt;"
    assert chosen.text == ("é",)
    axis = figure.layout.xaxis if directions == 2 else figure.layout.scene.xaxis
    assert axis.title.text == "direction 1 (50% of the variance)"


def test_nothing_found_draws_the_cloud_alone() -> None:
    figure = token_map(POINTS[:, :2], NAMES, LIGHT, shares=SHARES, marked={"0 contain “x”": []}, chosen=0)
    assert len(figure.data[1].x) == 0


def test_a_big_map_is_a_small_message_with_few_labels() -> None:
    points = RNG.normal(size=(4000, 2)).astype(np.float32)
    found = list(range(1, 300))
    figure = token_map(points, ["·token"] * 4000, LIGHT, shares=SHARES, marked={"found": found}, chosen=0)
    assert sum(bool(label) for label in figure.data[1].text) == MOST_LABELS
    assert len(figure.to_json()) < 120_000


def test_labels_take_turns_from_left_to_right() -> None:
    assert sides(np.array([3.0, 1.0, 2.0])) == ["middle right", "top center", "bottom center"]


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
