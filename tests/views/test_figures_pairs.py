import json

import numpy as np
import pytest

from views.figures.pairs import MOST_TICKS, paired_bars, paired_lines
from views.table import table_of
from views.theme import DARK, LIGHT

NAMES = ["<b>", " king", "a\nb"]
ONE, OTHER = np.array([1.0, 2.0, 3.0]), np.array([3.0, 0.0, np.nan])


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_both_sides_stand_beside_each_other(palette) -> None:
    figure = paired_bars(NAMES, [ONE, OTHER], ["with", "without"], palette, x="share (%)", tokens=True)
    assert [bar.name for bar in figure.data] == ["with", "without"]
    assert np.array_equal(figure.data[0].x, ONE)
    assert np.array_equal(figure.data[1].x, OTHER, equal_nan=True)
    assert figure.layout.barmode == "group"
    assert figure.layout.xaxis.title.text == "share (%)"
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;", "·king", "a↵b")
    assert figure.layout.yaxis.autorange == "reversed"
    assert len({bar.marker.color for bar in figure.data}) == 2


def test_names_that_are_no_tokens_keep_their_spaces() -> None:
    figure = paired_bars(["layer 0", "<b>"], [ONE[:2], ONE[:2]], ["a", "b"], LIGHT, x="")
    assert figure.layout.yaxis.ticktext == ("layer\u00a00", "&lt;b&gt;")


def test_counts_have_whole_ticks_and_measures_have_not() -> None:
    whole = paired_lines(np.arange(3), [np.array([0, 1, 3])] * 2, ["a", "b"], LIGHT, x="", y="times")
    assert whole.layout.yaxis.dtick == 1
    for values in (np.array([0, 1, 300]), ONE):
        figure = paired_lines(np.arange(3), [values] * 2, ["a", "b"], LIGHT, x="", y="times")
        assert figure.layout.yaxis.dtick is None


def test_lines_lie_over_each_other_and_the_one_below_is_broad() -> None:
    figure = paired_lines(np.arange(3), [ONE, ONE, OTHER], ["a", "b", "c"], LIGHT, x="place", y="loss (nats)")
    assert [line.name for line in figure.data] == ["a", "b", "c"]
    for line, values in zip(figure.data, (ONE, ONE, OTHER), strict=True):
        assert np.array_equal(line.y, values, equal_nan=True)
        assert np.array_equal(line.x, np.arange(3))
    first, *others = figure.data
    assert all(first.line.width > 2 * line.line.width for line in others)
    assert len({line.line.color for line in figure.data}) == 3
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("place", "loss (nats)")
    assert figure.layout.yaxis.type is None


def test_names_stand_below_the_places_as_many_as_fit() -> None:
    names = [f"<{number}>" for number in range(100)]
    figure = paired_lines(np.arange(100), [np.arange(100)] * 2, ["a", "b"], DARK, x="", y="", names=names)
    assert figure.data[0].customdata[7] == "&lt;7&gt;"
    assert len(figure.layout.xaxis.ticktext) <= MOST_TICKS
    assert figure.layout.xaxis.ticktext[1] == f"&lt;{figure.layout.xaxis.tickvals[1]}&gt;"
    assert len(json.dumps(figure.to_plotly_json(), default=list)) < 20_000


def test_what_falls_by_powers_is_drawn_in_powers() -> None:
    figure = paired_lines(np.arange(3), [10.0**-ONE, ONE], ["a", "b"], LIGHT, x="", y="", log=True)
    assert figure.layout.yaxis.type == "log"


def test_every_line_needs_its_label() -> None:
    with pytest.raises(ValueError, match="zip"):
        paired_lines(np.arange(3), [ONE, OTHER], ["a"], LIGHT, x="", y="")


def test_the_numbers_are_in_the_table() -> None:
    bars = table_of(paired_bars(NAMES, [ONE, OTHER], ["with", "without"], LIGHT, x="share (%)"))
    lines = table_of(paired_lines(np.arange(3), [ONE, OTHER], ["a", "b"], LIGHT, x="place", y="loss"))
    for found in (bars, lines):
        numbers = [value for value in found.to_numpy().ravel() if isinstance(value, float)]
        assert {1.0, 2.0, 3.0, 0.0} <= set(numbers)
