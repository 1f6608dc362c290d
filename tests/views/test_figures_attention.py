import numpy as np
import pytest

from core.by_hand import INPUTS, WORDS, attend
from views.attention.arithmetic import MOST_TERMS, mixture, number, product, share
from views.attention.steps import STEPS, inputs
from views.components.matrix import table_data
from views.figures.attention_cost import CostCurve, cost_curves
from views.figures.long_context import loss_by_place
from views.theme import DARK, LIGHT, Palette


def test_sums_are_written_out_with_their_numbers():
    assert product([0.55, 0.87, 0.66], [0.43, 0.15, 0.89], (2, 2)) == (
        "0.55·0.43 + 0.87·0.15 + 0.66·0.89 = 0.9544"
    )
    assert product([1.0, -2.0], [-0.5, 3.0], (1, 1)) == "1.0·(−0.5) + (−2.0)·3.0 = −6.5000"
    assert product(range(9), [1.0] * 9, (0, 0)).startswith("8·1 + 7·1 + 6·1 + 6 more = 36")
    assert mixture([0.0, 0.25, 0.0], [9.0, 2.0, 9.0], 2) == "0.2500·2.00 = 0.5000"
    assert mixture([0.0], [1.0]) == "all weights are 0: nothing is mixed in, 0"
    assert number(-np.inf) == "−∞"
    assert len(WORDS) == MOST_TERMS


def test_a_share_is_a_power_over_the_sum_of_the_seen():
    scores = attend(INPUTS).scores[1].numpy()
    assert share(scores, 0).endswith("= 0.1385")
    hidden = np.array([0.0, 0.0, -np.inf])
    assert "the sum of 2 such powers = 1.0000 / 2.0000 = 0.5000" in share(hidden, 1)
    assert "gets nothing" in share(hidden, 2)
    assert "itself" in share(np.array([1.0, -np.inf]), 0)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.result.title)
def test_every_written_sum_ends_in_the_number_of_its_cell(step):
    table = step.result
    for line, values in zip(table.formulas, table.values, strict=True):
        for told, value in zip(line, values, strict=True):
            last = told.split(" = ")[-1] if " = " in told else told
            if any(word in told for word in ("−∞", "hidden", "dropped", "gets nothing")):
                assert value == 0 or np.isneginf(value)
            else:
                assert last.startswith(number(float(value)))


def test_each_step_begins_where_one_before_it_ended():
    titles = {inputs().title, "Scores / √2", *(step.result.title for step in STEPS)}
    assert all(step.source.title in titles for step in STEPS)
    assert all(table_data(step.result)["rows"] == list(WORDS) for step in STEPS)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_losses_by_place_are_cut_at_the_trained_length(palette: Palette):
    places, losses = np.array([4.0, 12.0, 20.0, 28.0]), np.array([3.0, 2.0, 4.0, 5.0])
    known, beyond = loss_by_place(places, losses, 16, 32, palette).data
    assert list(known.y) == [3, 2]
    assert list(beyond.x) == [20, 28]
    figure = loss_by_place(places[:2], losses[:2], 16, 16, palette)
    assert len(figure.data) == 1
    assert [note.text for note in figure.layout.annotations] == ["trained up to 16 "]
    assert "nats" in figure.layout.yaxis.title.text


def test_the_curves_are_what_was_counted_and_cross_where_they_say():
    lengths = np.array([10, 100, 1000])
    curve = CostCurve("m", 2.0 * lengths**2, 400.0 * lengths, 200, 80_000.0)
    figure = cost_curves(lengths, [curve], 100, LIGHT)
    attention, rest, crossing = figure.data
    assert list(attention.y) == [200, 20_000, 2_000_000]
    assert list(rest.y) == [4000, 40_000, 400_000]
    assert (crossing.x[0], crossing.y[0]) == (200, 80_000)
    assert figure.layout.shapes[0].x0 == 100
    assert "tokens" in figure.layout.xaxis.title.text
    assert len(figure.to_json()) < 20_000
