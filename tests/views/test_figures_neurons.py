import base64
import json

import numpy as np
import pytest

from views.components.mounting import ASSETS
from views.components.neuron_map import levels
from views.figures.neurons import expansion, moved_bars
from views.theme import DARK, LIGHT, Palette

RNG = np.random.default_rng(1)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_each_strip_holds_its_numbers_in_the_middle(palette: Palette) -> None:
    rows = [RNG.normal(size=4), RNG.normal(size=16), np.zeros(16), RNG.normal(size=4)]
    figure = expansion(rows, ("reads", "expanded", "bent", "adds"), palette)
    [strips] = figure.data
    for place, row in enumerate(rows):
        there = np.asarray(strips.customdata[place], dtype=float)
        assert np.allclose(there[~np.isnan(there)], row, atol=1e-6)
        assert np.isnan(there[:6]).all() == (len(row) == 4)
    assert np.nanmax(np.abs(np.asarray(strips.z, dtype=float)), axis=1) == pytest.approx([1, 1, 0, 1])
    assert figure.layout.yaxis.ticktext == ("reads: 4", "expanded: 16", "bent: 16", "adds: 4")


def test_the_strips_of_a_wide_model_fit_their_message() -> None:
    rows = [RNG.normal(size=size) for size in (1600, 6400, 6400, 1600)]
    figure = expansion(rows, ("a", "b", "c", "d"), LIGHT)
    assert len(figure.to_json()) < 110_000
    assert figure.layout.yaxis.ticktext[1] == "b: 6,400"


def test_bars_say_how_many_moved_by_nothing() -> None:
    attention, feed_forward = np.array([0.0, 0.5, 0.25]), np.array([0.0, 0.75, 0.0])
    figure = moved_bars(attention, feed_forward, ["a", "<b>", "c"], LIGHT, place=1)
    assert [list(bar.y) for bar in figure.data if bar.type == "bar"] == [[0, 0.5, 0.25], [0, 0.75, 0]]
    assert [note.text for note in figure.layout.annotations] == [
        "1 of 3 moved by exactly 0",
        "2 of 3 moved by exactly 0",
    ]
    assert figure.layout.xaxis.ticktext == ("a", "&lt;b&gt;", "c")
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (0.5, 1.5)
    assert "RMS" in figure.layout.yaxis.title.text
    assert moved_bars(0 * attention, feed_forward, ["a", "b", "c"], DARK, place=0).layout.yaxis.range == (
        0,
        1,
    )


@pytest.mark.parametrize("size", [1.0, 1e-6, 1e6])
def test_the_map_carries_its_numbers_to_four_digits(size: float) -> None:
    values = size * RNG.normal(size=(40, 64)).astype(np.float32)
    sent = levels(values)
    back = np.frombuffer(base64.b64decode(sent["values"]), "<i2").reshape(40, 64)
    assert np.abs(back / 32767 * sent["limit"] - values).max() < 1e-4 * np.abs(values).max()


def test_the_largest_map_fits_its_message_and_a_larger_one_is_refused() -> None:
    data = levels(RNG.normal(size=(40, 64))) | {
        "texts": [" daughters"] * 64,
        "units": list(range(6000, 6040)),
    }
    files = [ASSETS / f"{part}.{kind}" for part in ("base", "neuron_map") for kind in ("js", "css")]
    assert len(json.dumps(data)) + sum(file.stat().st_size for file in files) < 40_000
    with pytest.raises(ValueError, match="show fewer tokens"):
        levels(np.zeros((1000, 1000)))


def test_nothing_at_all_and_no_number_can_be_sent() -> None:
    assert levels(np.zeros((2, 0)))["limit"] == 1.0
    assert np.isfinite(levels(np.array([[np.nan, 2.0]]))["limit"])


def test_the_maps_script_writes_text_only() -> None:
    source = (ASSETS / "neuron_map.js").read_text()
    assert len(source) < 8_000
    assert not any(word in source for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval("))
