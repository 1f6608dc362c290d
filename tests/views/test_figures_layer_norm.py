import numpy as np
import pytest

from views.figures.layer_norm import BINS, before_and_after, sizes_by_depth, three_stacks, value_ridges
from views.theme import DARK, LIGHT, Palette

RNG = np.random.default_rng(1)
VECTOR = RNG.normal(size=40)
AFTER = (VECTOR - VECTOR.mean()) / VECTOR.std()


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_vector_stands_above_and_normalised_below(palette: Palette) -> None:
    figure = before_and_after(100 * VECTOR, AFTER, palette, own_before=VECTOR, own_after=AFTER)
    bars = [trace for trace in figure.data if trace.fill == "tozeroy"]
    assert np.allclose(bars[0].y, 100 * VECTOR)
    assert np.allclose(bars[1].y, AFTER, atol=1e-6)
    [ticks] = [trace for trace in figure.data if trace.mode == "markers"]  # below nothing has moved
    assert np.allclose(ticks.y, VECTOR)
    assert [bar.yaxis for bar in bars] == ["y", "y2"]
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("before", "after")
    below = figure.layout.annotations[1].text
    assert "mean <b>0</b>" in below
    assert "deviation <b>1</b>" in below


def test_a_short_vector_has_its_numbers_on_the_bars() -> None:
    few = np.array([1.0, 2.0, 4.0])
    figure = before_and_after(few, few, LIGHT, own_before=few, own_after=few, unbiased=True)
    assert figure.data[0].text == ("1", "2", "4")
    assert f"{few.std(ddof=1):.4g}" in figure.layout.annotations[0].text


def test_what_is_no_number_has_no_mean() -> None:
    nothing = np.full(3, np.nan)
    figure = before_and_after(np.ones(3), nothing, LIGHT, own_before=np.ones(3), own_after=nothing)
    assert len(figure.layout.annotations) == 1


def test_each_norm_has_two_hills() -> None:
    before, after = [RNG.normal(size=(5, 8)) for _ in range(3)], [np.zeros((5, 8))] * 3
    figure = value_ridges(before, after, ["a", "b", "c"], LIGHT)
    assert [trace.xaxis for trace in figure.data] == ["x", "x2"]
    hills = np.array(figure.data[0].y, dtype=float).reshape(3, -1)
    assert np.isnan(hills[:, -1]).all()  # a gap to the next one
    assert np.nanmax(hills, axis=1) == pytest.approx([0.9, -0.1, -1.1])
    assert np.nanmin(hills, axis=1) == pytest.approx([0, -1, -2])
    counts, _ = np.histogram(before[1], np.linspace(*np.array(figure.layout.xaxis.range), BINS + 1))
    assert np.allclose(hills[1, 1:-2] + 1, 0.9 * counts / counts.max(), atol=1e-5)
    assert figure.data[0].text[0] == "a"
    assert figure.data[0].text[-1] == "c"
    assert figure.layout.yaxis.ticktext == ("a", "b", "c")
    assert value_ridges([np.zeros((1, 1))], [np.zeros((1, 1))], ["a"], LIGHT).data


def test_sizes_and_stacks_show_their_numbers() -> None:
    figure = sizes_by_depth(np.array([1.0, 3.0]), np.ones(2), ["a", "b"], LIGHT)
    assert [list(line.y) for line in figure.data] == [[1, 3], [1, 1]]
    stacks = {"pre": [1.0, 2.0], "post": [1.0, 1.0], "none": [1.0, 9.0]}
    figure = three_stacks(stacks, DARK)
    assert {line.name: list(line.y) for line in figure.data} == stacks
    assert figure.layout.yaxis.type == "log"
    assert len({line.line.color for line in figure.data}) == 3
