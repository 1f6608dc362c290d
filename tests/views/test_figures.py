import json

import numpy as np
import pytest

from views.figures.probabilities import changed_bars, next_token_bars
from views.figures.tokens import token_counts
from views.figures.training import MOST_POINTS, Curves, loss_figure, small_curve, thinned
from views.theme import DARK, LIGHT

MARKS = {"pure guessing": 6.24, "counting pairs": 4.26}
PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK])


def size_of(figure) -> int:
    return len(figure.to_json())


@PALETTES
def test_bars_show_the_probabilities(palette):
    probs = np.array([0.5, 0.25, 0.0])
    figure = next_token_bars([" a", "<b>", "c"], probs, palette, before=np.array([0.4, 0.3, 0.3]))
    assert figure.data[1].x == pytest.approx(100 * probs)
    assert figure.data[1].text[2] == "cut"
    assert figure.layout.yaxis.ticktext[:2] == ("·a", "&lt;b&gt;")  # plotly would read it as HTML
    assert "%" in figure.layout.xaxis.title.text


def test_two_distributions_stand_side_by_side():
    figure = changed_bars(["a", "b"], np.array([0.6, 0.4]), np.array([0.1, 0.9]), LIGHT)
    assert [bar.name for bar in figure.data] == ["as trained", "changed"]
    assert figure.data[1].x == pytest.approx([10, 90])


def test_tokens_are_counted_for_each_character():
    figure = token_counts(["a", "b"], [3, 0], 9, LIGHT)
    assert figure.data[0].text == ("3 · 0.33 per character", "refused: an unknown word")


def curves(n: int) -> Curves:
    steps = np.arange(n)
    return Curves(
        steps, np.ones(n), np.ones(n), np.ones(n), steps[::20], steps[::20], steps[::20], {"ln 65": 4.17}
    )


def test_a_long_run_stays_a_small_message():
    figure = loss_figure(curves(20_000), 20_000, LIGHT)
    assert len(figure.data[0].x) <= MOST_POINTS
    assert size_of(small_curve(np.arange(20_000), np.ones(20_000), LIGHT, name="gradient norm")) < 40_000


def test_a_run_without_events_has_a_figure():
    assert json.loads(loss_figure(curves(0), 100, DARK).to_json())["data"]


def test_thinning_keeps_the_last_point():
    steps, values = thinned(np.arange(1001), np.arange(1001.0))
    assert steps[-1] == 1000
    assert values[-1] == 1000


def test_levels_that_lie_together_are_drawn_once():
    steps = np.arange(4)
    exploded = Curves(
        steps, np.array([6, 50, 99, 150.0]), steps, steps, steps[:1], steps[:1], steps[:1], MARKS
    )
    calm = Curves(steps, np.array([6, 5, 4, 3.0]), steps, steps, steps[:1], steps[:1], steps[:1], MARKS)
    assert len(loss_figure(exploded, 4, LIGHT).layout.shapes) == 1
    assert len(loss_figure(calm, 4, LIGHT).layout.shapes) == 2
