"""Runs over each other: data in, data out; names at the ends that nothing can turn into markup."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training import TrainEvent
from runs import EvalEvent
from views.course import Course, course_from
from views.figures.overlay import HEADROOM, SIGNS, SYMBOLS, Line, overlay_figure, roof, room, spread, wrapped
from views.theme import DARK, LIGHT

SEEN_BY = {  # linear RGB as it reaches the eye: Machado et al. 2009, severity 1
    "all cones": np.eye(3),
    "no red": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "no green": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "no blue": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1, 1.0888])


def course(last: float, updates: int = 41, every: int = 10, first: float = 4.0) -> Course:
    events = [TrainEvent(step, 64 * step, first - 0.01 * step, 1.0, 1e-3) for step in range(updates)]
    losses = np.linspace(first, last, (updates - 1) // every + 1)
    evaluations = [
        EvalEvent(every * i, loss - 0.1, loss, f"sample {i}", float(i)) for i, loss in enumerate(losses)
    ]
    return course_from([*evaluations, *events])


def lines(*lasts: float) -> list[Line]:
    return [Line(f"run {number}", course(last), 40) for number, last in enumerate(lasts)]


def linear(colour: str) -> np.ndarray:
    part = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(colour) @ TO_XYZ[1]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    part = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    root = np.where(part > 0.008856, np.cbrt(part), 7.787 * part + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_six_runs_are_told_apart_by_every_eye(palette, eyes: str):
    seen = [lab(SEEN_BY[eyes] @ linear(colour)) for colour in palette.runs]
    assert len(seen) == len(SIGNS) == len(SYMBOLS) == 6
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 11
    assert min(contrast(colour, palette.background) for colour in palette.runs) > 3


def test_a_course_is_what_the_events_say():
    found = course(2.0)
    assert found.eval_steps.tolist() == [0, 10, 20, 30, 40]
    assert found.validation.tolist() == [4, 3.5, 3, 2.5, 2]
    assert found.last == (pytest.approx(1.9), 2.0)
    assert found.best == 2.0
    assert found.sample == "sample 4"
    assert course_from([]).last is None
    assert course_from([]).best is None


@pytest.mark.parametrize(("which", "shift"), [("validation", 0.0), ("training", -0.1)])
def test_curves_are_the_courses(which: str, shift: float):
    figure = overlay_figure(lines(2.0, 0.1), LIGHT, which=which)
    batches, strong = figure.data[2], figure.data[3]
    np.testing.assert_allclose(strong.y, np.linspace(4, 0.1, 5) + shift)
    np.testing.assert_allclose(batches.y, 4 - 0.01 * np.arange(41), rtol=1e-6)
    assert strong.line.color == batches.line.color == LIGHT.runs[1]
    assert strong.line.width > 2 * batches.line.width
    assert "nats" in figure.layout.yaxis.title.text
    assert "step" in figure.layout.xaxis.title.text
    assert figure.layout.xaxis.range == (0, 40)


def test_each_run_is_named_at_its_end():
    figure = overlay_figure(lines(2.0, 0.5), LIGHT)
    for number, note in enumerate(sorted(figure.layout.annotations, key=lambda note: -note.y)):
        assert f"run {number}" in note.text
        assert LIGHT.runs[number] in note.text
        assert note.x == 40
        assert note.y == pytest.approx([2.0, 0.5][number], abs=0.2)


def test_a_run_alone_needs_no_name():
    figure = overlay_figure([Line("", course(2.0), 40)], LIGHT)
    assert not figure.layout.annotations
    assert figure.layout.margin.r == room([]) < 30


def test_names_stay_text():
    hostile = "<img src=x onerror=alert(1)> $x^2$ :material/home: <b>b</b>"
    drawn = overlay_figure([Line(hostile, course(2.0), 40), *lines(1.0)], LIGHT).to_json()
    assert "<img" not in drawn
    assert "\\u003cimg" not in drawn
    assert "<b>" not in wrapped(hostile)


def test_a_run_without_anything_yet_and_one_that_exploded_do_no_harm():
    wild = Course(
        steps=np.arange(4),
        losses=np.array([4.0, 900.0, np.inf, np.nan]),
        eval_steps=np.array([0, 10, 20]),
        train=np.array([4.0, 800.0, np.nan]),
        validation=np.array([4.0, 900.0, np.nan]),
        sample="",
    )
    runs = [Line("waits", course_from([]), 40), Line("wild", wild, 40), *lines(2.0)]
    figure = overlay_figure(runs, DARK)
    assert figure.layout.yaxis.range == (0, pytest.approx(HEADROOM * 4))
    assert len(figure.layout.annotations) == 2
    assert all(0 <= note.y <= figure.layout.yaxis.range[1] for note in figure.layout.annotations)
    assert roof([], "validation") > 0
    assert overlay_figure([Line("waits", course_from([]), 0)], DARK).layout.yaxis.range[1] > 0


@given(st.lists(st.floats(0, 5), min_size=1, max_size=6))
def test_names_never_lie_over_each_other(ends: list[float]):
    heights, tall = dict(enumerate(ends)), dict.fromkeys(range(len(ends)), 0.4)
    placed = spread(heights, tall, 5.0)
    order = sorted(placed.values())
    assert all(upper - lower > 0.399 for lower, upper in itertools.pairwise(order))
    assert order[0] >= 0.199
    assert order[-1] <= 4.801


def test_six_long_runs_are_a_small_message():
    long = [Line(f"learning rate {n}", course(2.0, updates=20_001, every=20), 20_000) for n in range(6)]
    assert len(overlay_figure(long, LIGHT).to_json()) < 400_000
