import json
import math

import numpy as np
import pytest

from views.components.lens import Answers, answer_data
from views.components.mounting import ASSETS
from views.figures.cross_entropy import LEAST, loss_curve
from views.figures.logits import Addition, dot_product, head_squares, logit_bars, logit_steps
from views.theme import DARK, LIGHT, Palette

PARTS = [
    Addition("token", "embedding", 0.5),
    Addition("attn 0", "attention", -1.5),
    Addition("ffn 0", "feed-forward", 3.0),
    Addition("final shift", "final norm", 0.25),
]
RNG = np.random.default_rng(1)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_logits_and_probabilities_stand_side_by_side(palette: Palette) -> None:
    figure = logit_bars(["a", "<b>"], np.array([2.0, -1.0]), np.array([0.9, 0.1]), 1, palette)
    assert figure.data[0].x == pytest.approx([2, -1])
    assert figure.data[1].x == pytest.approx([90, 10])
    assert list(figure.data[0].marker.color) == [palette.residual, palette.query]
    assert figure.layout.yaxis.ticktext == ("a", "&lt;b&gt;")
    assert (figure.layout.xaxis.title.text, figure.layout.xaxis2.title.text) == ("logit", "probability (%)")
    assert figure.layout.xaxis.range[0] < -1


def test_the_strips_are_vector_row_and_products() -> None:
    vector, row = RNG.normal(size=8), RNG.normal(size=8)
    [strips] = dot_product(vector, row, "<b>", LIGHT).data
    assert np.allclose(strips.customdata, [vector, row, vector * row])
    assert np.abs(strips.z).max(axis=1) == pytest.approx([1, 1, 1])  # each on its own scale
    assert np.isfinite(dot_product(np.zeros(4), row[:4], "a", LIGHT).data[0].z).all()


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_each_part_begins_where_the_one_before_ended(palette: Palette) -> None:
    figure = logit_steps(PARTS, palette)
    bars = {bar.name: bar for bar in figure.data}
    starts = [bars[part.kind].base[0] for part in PARTS]
    assert starts == pytest.approx([0, 0.5, -1.0, 2.0])
    assert [bars[part.kind].y[0] for part in PARTS] == [part.value for part in PARTS]
    assert bars["logit"].y[0] == pytest.approx(2.25)
    assert bars["attention"].marker.color == palette.query
    assert {part.kind for part in PARTS} | {"logit"} == set(bars)


def test_many_parts_keep_few_labels() -> None:
    figure = logit_steps([Addition(f"attn {i}", "attention", 1.0) for i in range(100)], LIGHT)
    assert len(figure.layout.xaxis.ticktext) < 20
    assert figure.layout.xaxis.ticktext[-1] == "<b>logit</b>"


def test_the_squares_are_the_heads_and_the_chosen_one_is_framed() -> None:
    values = RNG.normal(size=(2, 3))
    figure = head_squares(values, (1, 2), LIGHT)
    assert np.allclose(figure.data[0].z, values)
    assert figure.data[0].zmax == -figure.data[0].zmin == pytest.approx(np.abs(values).max())
    [frame] = figure.layout.shapes
    assert (frame.x0, frame.y0) == (1.5, 0.5)
    assert head_squares(np.zeros((12, 12)), (0, 0), LIGHT).data[0].texttemplate is None


def test_the_curve_is_minus_ln_p_and_guessing_is_ln_v() -> None:
    losses = np.array([0.0, 2.0, 99.0])
    curve, real, chosen = loss_curve(0.1, losses, ["a", "b", "c"], 50257, LIGHT).data
    assert np.allclose(curve.y, -np.log(curve.x))
    assert real.y == pytest.approx([0, 2, -math.log(LEAST)])  # too rare for the axis: at its end
    assert real.x == pytest.approx(np.exp(-real.y))
    assert chosen.y[0] == pytest.approx(math.log(10))
    figure = loss_curve(1.0, np.empty(0), [], 50257, LIGHT)
    assert "10.825" in figure.layout.annotations[0].text
    assert figure.layout.shapes[0].y0 == pytest.approx(math.log(50257))
    assert "nats" in figure.layout.yaxis.title.text


def answers(rows: int, columns: int) -> Answers:
    best = RNG.integers(0, 50257, size=(rows, columns, 3))
    following = (*range(columns - 1), None)
    return Answers(best, RNG.random(best.shape), following, RNG.random((rows, columns)))


def test_each_answer_is_named_once_and_found_again() -> None:
    given = answers(3, 4)
    data = json.loads(json.dumps(answer_data(given, lambda ids: [f"t{token}" for token in ids])))
    texts = data["words"]["texts"]
    assert len(set(texts)) == len(texts)
    named = [[[texts[i] for i in cell] for cell in row] for row in data["best"]]
    assert named == [[[f"t{token}" for token in cell] for cell in row] for row in given.best.tolist()]
    assert [None if i is None else texts[i] for i in data["next"]] == ["t0", "t1", "t2", None]
    assert np.allclose(data["probs"], given.probs, atol=1e-4)


def test_the_largest_lens_fits_its_message() -> None:
    data = answer_data(answers(26, 24), lambda ids: [" daughters"] * len(ids))
    files = [ASSETS / f"{part}.{kind}" for part in ("base", "lens") for kind in ("js", "css")]
    assert len(json.dumps(data)) + sum(file.stat().st_size for file in files) < 120_000
