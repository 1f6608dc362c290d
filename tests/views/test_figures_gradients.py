import json
from types import SimpleNamespace

import numpy as np
import pytest

from core.gradients import MOST_LAYERS, DeepNetwork
from views import depth, theme
from views.components import mounting
from views.components.road import PLACES, Stop, road
from views.figures.gradients import SIDES, gradient_lines, relative_to_last, spread
from views.figures.residuals import layer_bars, ratio_squares, short_number, stream_by_depth


def lines(**changed):
    return {side: np.geomspace(1e-3, 1e-1, 6) for side in SIDES} | changed


def drawn(figure, name):
    return [trace for trace in figure.data if trace.name == name]


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK])
def test_the_lines_are_the_gradients(palette):
    figure = gradient_lines(lines(), SIDES[0], palette, what="layer", relative=False)
    for side in SIDES:
        np.testing.assert_allclose(drawn(figure, side)[0].y, lines()[side])
    assert figure.layout.yaxis.type == "log"
    assert "gradient" in figure.layout.yaxis.title.text
    assert "layer" in figure.layout.xaxis.title.text
    assert len(figure.layout.annotations) == 4


def test_relative_lines_end_at_one():
    figure = gradient_lines(lines(), SIDES[3], theme.LIGHT, what="block", relative=True)
    assert all(drawn(figure, side)[0].y[-1] == 1 for side in SIDES)
    np.testing.assert_array_equal(relative_to_last(np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("odd", [[0.0] * 6, [np.nan] * 6, [np.inf, 1e300, 1, 0, 1e-300, 1e-320]])
@pytest.mark.parametrize("relative", [True, False])
def test_what_has_no_logarithm_lies_at_the_edge(odd, relative):
    figure = gradient_lines(
        lines(neither=np.array(odd)), "neither", theme.LIGHT, what="layer", relative=relative
    )
    low, high = figure.layout.yaxis.range
    assert np.isfinite([low, high]).all()
    assert low < high < 60
    first, *signs = drawn(figure, "neither")
    assert len(signs) >= 1
    for sign in signs:
        assert ((np.log10(sign.y) > low) & (np.log10(sign.y) < high)).all()
    text = figure.to_json()
    assert "Infinity" not in text
    assert len(first.y) == 6


@pytest.mark.parametrize("values", [np.zeros(1), np.ones(1), np.full(1, np.nan), np.full(100, 1e-44)])
def test_any_depth_and_any_dead_network_can_be_drawn(values):
    for relative in (True, False):
        figure = gradient_lines(
            dict.fromkeys(SIDES, values), "neither", theme.DARK, what="layer", relative=relative
        )
        assert len(figure.to_json()) < 60_000


def test_labels_do_not_overlap_and_stay_inside():
    for heights in ([0, 0, 0, 0], [1, 1, 1, 1], [0.5, 0.51, 0.2, 0.52]):
        moved = spread(heights, 0.1)
        assert np.diff(sorted(moved)).min() > 0.0999
        assert min(moved) >= 0
        assert max(moved) <= 1
        assert [moved[i] for i in np.argsort(heights, kind="stable")] == sorted(moved)


def test_the_squares_say_vanished_and_overflow():
    figure = ratio_squares(
        np.array([[1, 5.8], [np.nan, 0]]), np.array([[0.04, 0.1], [np.nan, 0]]), (0, 1), theme.LIGHT
    )
    [frame] = figure.layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0.5, 1.5, -0.5, 0.5)
    z = np.array(figure.data[0].z, dtype=float)
    assert z[0, 0] == 0
    assert z[1].tolist() == [8, -8]
    texts = [note.text for note in figure.layout.annotations]
    assert "overflow" in texts[2]
    assert ">0<" in texts[3]
    assert short_number(2e-11) == "2·10<sup>−11</sup>"


def test_the_books_bars_and_the_stream():
    figure = layer_bars([1e-4, 2e-3], [0.2, 1.3], theme.LIGHT)
    assert [list(trace.y) for trace in figure.data] == [[1e-4, 2e-3], [0.2, 1.3]]
    figure = stream_by_depth(np.arange(5.0), np.ones(2), np.full(2, 2.0), theme.LIGHT)
    np.testing.assert_array_equal(figure.data[2].x, [0, 0.5, 1, 1.5, 2])
    np.testing.assert_array_equal(figure.data[2].y, np.arange(5.0))


def test_each_network_has_its_square():
    gradients = {side: np.array([place + 1.0, 1.0]) for place, side in enumerate(SIDES)}
    ratios, _ = depth.first_and_last(gradients)
    assert [ratios[depth.square_of(side)] for side in SIDES] == [1, 2, 3, 4]


def test_four_networks_differ_in_their_switches_only():
    found = depth.four_networks(DeepNetwork(depth=12))
    assert list(found) == list(SIDES)
    ratios, lasts = depth.first_and_last(found)
    assert ratios[1, 1] < 1e-3 < ratios[0, 0]
    assert lasts[1, 0] == found["residual only"][-1]
    assert depth.side_of(True, False) == "residual only"
    dead = depth.four_networks(DeepNetwork(depth=MOST_LAYERS, gain=8.0))
    assert "overflows" in depth.gradient_sentence(dead["residual only"], "residual only", "layer")


def stops():
    return [Stop(place, f"page-{place}", place, "1", "unit", "<b>detail</b>") for place in PLACES]


@pytest.mark.parametrize(("sent", "expected"), [(3, "page-attention"), (99, None), ("3", None), (None, None)])
def test_a_click_on_the_road_is_a_page(monkeypatch, sent, expected):
    messages = []

    def render(*, data, key, on_picked_change):
        messages.append(json.dumps(data))
        on_picked_change()
        return {"picked": sent}

    monkeypatch.setattr(mounting, "renderer", lambda name, html: render)
    monkeypatch.setattr(mounting, "st", SimpleNamespace(session_state={"road": {"picked": sent}}))
    assert road(stops(), layers=4, key="road", label="The road") == expected
    assert len(messages[0]) < 3000


def test_a_place_that_is_not_on_the_road_is_refused():
    with pytest.raises(ValueError, match="no place for moon"):
        road([Stop("moon", "", "", "", "")], layers=1, key="k", label="l")


def test_the_roads_script_is_small_and_writes_text_only():
    source = (mounting.ASSETS / "road.js").read_text()
    assert len(source) < 8_000
    assert not any(word in source for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval("))
