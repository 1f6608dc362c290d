import json

import numpy as np
import pytest

from core.branches import tree_of
from views.components import mounting
from views.components.branches import tree_data
from views.components.next_tokens import Expected, row_data
from views.figures.draws import divided_bars, draw_bars
from views.figures.savings import short, work_lines
from views.theme import DARK, LIGHT, Palette

RNG = np.random.default_rng(1)
TOKENS = ["a", "<b>", " c"]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_counts_stand_beside_theory_and_those_far_off_have_their_own_colour(palette: Palette) -> None:
    counts, expected, deviations = (
        np.array([50, 9, 1]),
        np.array([48.0, 20.0, 2.0]),
        np.array([5.0, 4.0, 1.4]),
    )
    came, theory = draw_bars(TOKENS, counts, expected, deviations, 1000, palette).data
    assert list(came.x) == [50, 9, 1]
    assert list(came.marker.color) == [palette.query, palette.key, palette.query]
    assert list(theory.x) == list(expected)
    assert list(theory.error_x.array) == list(2 * deviations)
    figure = draw_bars(TOKENS, counts, expected, deviations, 1000, palette)
    assert "1,000" in figure.layout.xaxis.title.text
    assert figure.layout.yaxis.ticktext == ("a", "&lt;b&gt;", "·c")
    assert figure.layout.xaxis.range[1] > 58


def test_both_divisions_have_one_scale_and_the_models_own_behind_them() -> None:
    own, left, right = (RNG.random(3) for _ in range(3))
    figure = divided_bars(TOKENS, own, left, right, ("left (%)", "right (%)"), LIGHT)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [np.allclose(b.x, 100 * v) for b, v in zip(bars, (own, left, own, right), strict=True)] == [
        True
    ] * 4
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range
    assert (figure.layout.xaxis.title.text, figure.layout.xaxis2.title.text) == ("left (%)", "right (%)")


def test_the_lines_are_the_work_and_the_band_is_what_was_written() -> None:
    lengths, many, few = np.arange(1, 20), np.arange(1, 20) * 1e6, np.full(19, 1e6)
    figure = work_lines(lengths, many, few, (5, 9), 16, LIGHT)
    assert [line.name for line in figure.data] == ["without cache", "with cache"]
    assert list(figure.data[0].y) == list(many)
    band = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (band.x0, band.x1) == (5, 9)
    assert figure.layout.yaxis.ticktext == ("1 M", "10 M")


@pytest.mark.parametrize(("value", "said"), [(1.0, "1"), (1e3, "1 k"), (1e7, "10 M"), (1e11, "100 G")])
def test_powers_of_ten_are_said_short(value: float, said: str) -> None:
    assert short(value) == said


def expected_rows(count: int) -> Expected:
    logits = -np.sort(-RNG.normal(size=count))
    probs = np.exp(logits) / np.exp(logits).sum()
    return Expected(
        [f" word{i}" for i in range(count)],
        logits,
        probs,
        probs,
        5,
        0.1,
        0.0,
        0.7,
        float(logits[0]),
        2.0,
        1.0,
    )


def size_of(name: str, data: dict) -> int:
    files = [mounting.ASSETS / f"{part}.{kind}" for part in ("base", name) for kind in ("js", "css")]
    return len(json.dumps(data)) + sum(file.stat().st_size for file in files)


def test_rows_arrive_with_their_numbers_and_fit_their_message() -> None:
    rows = expected_rows(20)
    data = json.loads(json.dumps(row_data(rows)))
    assert np.allclose(data["logits"], rows.logits, atol=1e-3)
    assert np.allclose(data["drawn"], rows.drawn, atol=1e-6)
    temperature, best, total, _ = data["how"]
    assert (temperature, total) == (0.7, 2.0)
    assert best == pytest.approx(rows.best, abs=1e-3)
    assert size_of("next_tokens", data) < 40_000


def test_a_tree_arrives_with_parents_before_children_and_fits_its_message() -> None:
    paths = [tuple(RNG.integers(0, 9, size=20).tolist()) for _ in range(3)]
    nodes = tree_of(paths, rank=lambda path: path[-1])
    data = json.loads(json.dumps(tree_data(nodes, [" daughters"] * len(nodes), [0.123456] * len(nodes))))
    assert data["parents"][0] == -1
    assert all(parent < place for place, parent in enumerate(data["parents"]))
    depths = data["depths"]
    assert all(depths[place] == depths[parent] + 1 for place, parent in enumerate(data["parents"]) if place)
    assert size_of("branches", data) < 40_000


@pytest.mark.parametrize("name", ["next_tokens", "branches", "surprise", "sequence"])
def test_scripts_write_text_only(name: str) -> None:
    source = (mounting.ASSETS / f"{name}.js").read_text()
    assert source.count("export default") == 1
    assert not any(word in source for word in ("innerHTML", "insertAdjacentHTML", "outerHTML", "eval("))
