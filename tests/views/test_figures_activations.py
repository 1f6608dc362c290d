import numpy as np
import pytest

from views.figures.activations import (
    BINS,
    NAMES,
    REACH,
    colour_of,
    curves_over_values,
    histogram,
)
from views.theme import DARK, LIGHT, Palette

RNG = np.random.default_rng(1)
X = np.linspace(-4, 4, 401)
CURVES = {"gelu": (X, X**2, 2 * X), "relu": (X, X.clip(0), (X > 0).astype(float))}
LOWEST = (-0.75179, -0.16997)


def test_the_histogram_counts_every_value_in_percent() -> None:
    values = np.array([[-99.0, -0.01, 0.0], [0.01, 3.99, 99.0]])
    shares = histogram(values)
    assert shares.shape == (BINS,)
    assert shares.sum() == pytest.approx(100)
    assert shares[0] == pytest.approx(100 / 6)  # all that is smaller
    assert shares[-1] == pytest.approx(200 / 6)
    assert shares[: BINS // 2].sum() == pytest.approx(200 / 6)  # below 0
    assert histogram(np.zeros((0, 4))).sum() == 0


def test_curves_slopes_and_values_stand_over_one_x() -> None:
    values = RNG.normal(size=(5, 8))
    figure = curves_over_values(CURVES, values, LIGHT, at=1.0, lowest=LOWEST, layer=2)
    lines = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines"]
    for (curve, slopes), name in zip(zip(lines[::2], lines[1::2], strict=True), CURVES, strict=True):
        assert np.array_equal(curve.y, CURVES[name][1])
        assert np.array_equal(slopes.y, CURVES[name][2])
        assert (curve.name, slopes.yaxis) == (NAMES[name], "y2")
    dots = [trace for trace in figure.data if trace.name == "at x = 1"]
    assert [list(dot.x) for dot in dots] == [[1, 1], [1, 1]]
    assert [list(dot.y) for dot in dots] == [pytest.approx([1, 1]), pytest.approx([2, 1])]  # values, slopes
    assert [dot.yaxis for dot in dots] == ["y", "y2"]
    [bars] = [trace for trace in figure.data if trace.type == "bar"]
    assert np.allclose(bars.y, histogram(values))
    assert bars.yaxis == "y3"
    titles = [axis.title.text for axis in (figure.layout.yaxis, figure.layout.yaxis2, figure.layout.yaxis3)]
    assert titles == ["f(x)", "slope", "layer 2 (%)"]
    assert figure.layout.xaxis.title.text == "x, the number before the bend"


def test_one_can_point_anywhere_and_read_all_functions() -> None:
    figure = curves_over_values(CURVES, RNG.normal(size=9), LIGHT, at=0, lowest=LOWEST, layer=0)
    targets = figure.data[-1]
    x = np.asarray(targets.x)
    assert np.allclose(x, np.arange(-40, 41) / 10)
    assert np.allclose(targets.customdata, np.stack([x**2, x.clip(0)], axis=1), atol=1e-3)
    assert "GELU %{customdata[0]" in targets.hovertemplate
    assert "ReLU %{customdata[1]" in targets.hovertemplate
    assert targets.marker.opacity == targets.selected.marker.opacity == targets.unselected.marker.opacity == 0
    assert figure.layout.hoverdistance == -1
    assert figure.layout.xaxis.fixedrange


def notes(figure) -> str:
    return " ".join(note.text for note in figure.layout.annotations)


def test_the_lowest_point_is_marked_where_gelu_is_shown() -> None:
    values = RNG.normal(size=9)
    marked = curves_over_values(CURVES, values, LIGHT, at=0, lowest=LOWEST, layer=0)
    [mark] = [note for note in marked.layout.annotations if "lowest" in note.text]
    assert (mark.x, mark.y) == LOWEST
    assert "-0.16997 at x = -0.75179" in mark.text
    assert "ReLU" in notes(marked)
    without = {"relu": CURVES["relu"]}
    assert "lowest" not in notes(curves_over_values(without, values, LIGHT, at=0, lowest=LOWEST, layer=0))
    nothing = curves_over_values({}, values, LIGHT, at=0, lowest=LOWEST, layer=0)
    assert "bar" in [trace.type for trace in nothing.data]
    assert "Infinity" not in nothing.to_json()


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_each_function_has_its_own_colour(palette: Palette) -> None:
    assert len({colour_of(name, palette) for name in NAMES}) == len(NAMES)


def test_the_reach_covers_the_curves() -> None:
    assert X.min() == -REACH
    assert X.max() == REACH
