import numpy as np
import pytest

from views.figures.progress import block_gradients, heads_born, last_norms, part_norms, shade
from views.figures.training import Curves, loss_figure
from views.theme import DARK, LIGHT

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK])


def texts(figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


@PALETTES
def test_each_checkpoint_is_a_line_and_three_are_named(palette):
    lines = {step: np.array([1e-3, 1e-4]) * (1 + step) for step in (0, 5, 10, 20)}
    figure = block_gradients(lines, [0, 10, 20], palette)
    assert len(figure.data) == 4
    assert figure.data[2].y == pytest.approx([1.1e-2, 1.1e-3])
    assert texts(figure) == ["step 0", "step 10", "<b>step 20</b>"]
    assert figure.layout.yaxis.type == "log"


@pytest.mark.parametrize("values", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1e-3], [0.5]])
def test_gradients_that_are_no_numbers_have_a_figure(values):
    assert block_gradients({0: np.array(values)}, [0], LIGHT).to_json()


@PALETTES
def test_heads_are_named_at_the_end_of_their_curves(palette):
    curves = {
        "previous token": (np.array([0.1, 0.9]), "layer 0, head 1"),
        "induction": (np.array([0.0, 0.8]), "layer 1, head 3"),
    }
    figure = heads_born([0, 100], curves, 100, palette)
    assert figure.data[1].y == pytest.approx([0.0, 0.8])
    assert ["head 1" in text or "head 3" in text for text in texts(figure)] == [True, True]
    assert figure.layout.yaxis.range == (0, 1.05)


def test_bars_are_the_lengths_and_nan_is_none():
    figure = part_norms({"tok_emb": 1.5, "out_head": np.nan}, LIGHT)
    assert figure.data[0].x[0] == 1.5
    assert figure.data[0].text == ("1.5", "nan")


def test_the_last_norms_end_in_a_cross():
    figure = last_norms([7, 8, 9], np.array([1.0, 300.0, np.nan]), LIGHT)
    assert list(figure.data[1].x) == [9]
    assert figure.layout.yaxis.range[0] <= 0 <= 2.5 <= figure.layout.yaxis.range[1]
    assert last_norms([0], np.array([np.nan]), LIGHT).to_json()


def test_a_shade_lies_between_its_neighbours():
    scale = [(0.0, "#000000"), (1.0, "#64c8ff")]
    assert shade(scale, 0) == "#000000"
    assert shade(scale, 0.5) == "#326480"
    assert shade(scale, 2.0) == "#64c8ff"


def curves(losses, validation=()) -> Curves:
    steps, evals = np.arange(len(losses)), np.arange(len(validation)) * 10
    values = np.array(validation, dtype=float)
    return Curves(steps, np.array(losses, dtype=float), steps, steps, evals, values, values, {"guess": 6.0})


def test_the_best_evaluation_the_checkpoint_and_new_rates_are_marked():
    figure = loss_figure(curves([6, 5], [5, 3, 4]), 20, LIGHT, chosen=10, changes=[(5, 1e-3)])
    best = figure.data[-1]
    assert (best.x[0], best.y[0], best.text[0]) == (10, 3, "best: 3.00")
    assert {"rate 0.001", "checkpoint 10"} <= set(texts(figure))


def test_one_evaluation_is_not_the_best_of_any():
    assert len(loss_figure(curves([6], [5]), 20, LIGHT).data) == 3
    assert len(loss_figure(curves([6], [np.nan, np.nan]), 20, LIGHT).data) == 3


@pytest.mark.parametrize("last", [1e6, np.inf, np.nan])
def test_an_exploded_loss_leaves_the_rest_readable(last):
    figure = loss_figure(curves([6, 5, 1e4, last]), 20, LIGHT)
    assert figure.layout.yaxis.range == (0, 30)
    assert any("went up to" in text for text in texts(figure))
