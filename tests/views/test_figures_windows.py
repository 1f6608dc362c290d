import numpy as np
import pytest

from core.data import target_counts, window_starts
from views.figures.windows import batch_matrix, windows_over_text
from views.theme import DARK, LIGHT, Palette

TOKENS = ["<b>", *(f" t{i}" for i in range(1, 12))]


def drawn(length: int = 4, stride: int = 3, palette: Palette = LIGHT, cut: int = 12):
    starts = [*window_starts(cut, length, stride)]
    counts = np.concatenate([target_counts(n, length, stride).numpy() for n in (cut, 12 - cut)])
    return windows_over_text(starts, length, counts, TOKENS, palette, cut=cut, chosen=1), starts, counts


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_each_window_is_its_inputs_and_one_further_its_targets(palette: Palette) -> None:
    figure, starts, _ = drawn(palette=palette)
    inputs, targets = (trace for trace in figure.data if trace.type == "bar" and trace.base is not None)
    assert list(inputs.base) == [start - 0.5 for start in starts]
    assert list(targets.base) == [start + 0.5 for start in starts]
    assert list(inputs.x) == list(targets.x) == [4] * len(starts)
    assert list(targets.marker.opacity) == [1.0 if row == 1 else 0.45 for row in range(len(starts))]


def test_counts_are_bars_and_a_ring_marks_what_is_never_a_target() -> None:
    figure, _, counts = drawn(length=2, stride=5)
    bars = next(trace for trace in figure.data if trace.type == "bar" and trace.yaxis == "y2")
    rings = next(trace for trace in figure.data if trace.type == "scatter")
    assert list(bars.y) == counts.tolist()
    assert list(rings.x) == np.flatnonzero(counts == 0).tolist()
    assert bars.customdata[0] == "&lt;b&gt;"
    assert figure.layout.xaxis.title.text == "token"
    assert figure.layout.yaxis2.title.text == "times"


def test_the_cut_parts_the_colours() -> None:
    figure, _, _ = drawn(cut=8)
    bars = next(trace for trace in figure.data if trace.type == "bar" and trace.yaxis == "y2")
    assert set(bars.marker.color[:8]) == {LIGHT.train}
    assert set(bars.marker.color[8:]) == {LIGHT.validation}
    assert figure.layout.shapes[0].x0 == 7.5
    assert not drawn(cut=12)[0].layout.shapes


def test_a_text_without_a_window_is_still_drawn() -> None:
    figure = windows_over_text([], 4, np.zeros(1, dtype=int), ["a"], LIGHT, cut=1, chosen=0)
    assert next(trace for trace in figure.data if trace.type == "scatter").x[0] == 0


def test_a_batch_is_inputs_above_targets() -> None:
    names = [["a", "<b>", "c"], ["d", "e", "f" * 99]]
    figure = batch_matrix(names, np.array([[0, 1, 2], [7, 8, 9]]), [0, 5], LIGHT, tokens=10)
    [heat] = figure.data
    assert heat.z[[0, 1]].tolist() == [[0, 1], [7, 8]]
    assert heat.z[[3, 4]].tolist() == [[1, 2], [8, 9]]
    assert np.isnan(heat.z[2]).all()
    assert heat.text[0][1] == "&lt;b&gt;"
    assert heat.text[4][1].endswith("…")
    assert figure.layout.yaxis.ticktext == ("window 0", "window 5") * 2
    assert {note.text for note in figure.layout.annotations} == {
        "<b>inputs</b>, 2 × 2",
        "<b>targets</b>, 2 × 2",
    }
