import re

import pytest

from core.anatomy import parts_of
from core.config import CLASSROOM, GPT2_SMALL, GPT2_XL, TINY, GPTConfig
from core.gpt import parameter_count
from views.figures.anatomy import ROOM, boxes, ink_on, label, mosaic, short
from views.figures.sizes import memory_bars, shares_by_size
from views.theme import DARK, LIGHT, Palette

MODELS = pytest.mark.parametrize("config", [TINY, CLASSROOM, GPT2_SMALL, GPT2_XL])


def triples(config: GPTConfig) -> list[tuple[str, str, int]]:
    return [(part.name, part.where, part.count) for part in parts_of(config)]


@MODELS
def test_the_areas_are_the_counts(config: GPTConfig) -> None:
    found = boxes(triples(config), config.n_layers)
    total = parameter_count(config)
    assert sum(box.count for box in found) == total
    for box in found:
        assert box.width * box.height == pytest.approx(box.count / total)
    assert sum(box.width * box.height for box in found) == pytest.approx(1)


@MODELS
def test_no_box_lies_over_another(config: GPTConfig) -> None:
    found = boxes(triples(config), config.n_layers)
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            beside = one.x + one.width <= other.x + 1e-9 or other.x + other.width <= one.x + 1e-9
            above = one.y + one.height <= other.y + 1e-9 or other.y + other.height <= one.y + 1e-9
            assert beside or above


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@MODELS
def test_the_picture_has_a_bar_for_each_box(config: GPTConfig, palette: Palette) -> None:
    figure = mosaic(triples(config), config.n_layers, palette)
    drawn = {bar.name: len(bar.x) for bar in figure.data}
    assert drawn["attention"] == drawn["feed-forward"] == config.n_layers
    assert drawn["token embedding"] == 1
    assert any(f"{config.n_layers} blocks" in note.text for note in figure.layout.annotations)
    assert len(figure.to_json()) < 120_000


def test_twelve_blocks_are_twelve_boxes_one_below_the_other() -> None:
    rows = [box for box in boxes(triples(GPT2_SMALL), 12) if box.part == "feed-forward"]
    assert [box.name for box in rows][:2] == ["block 0: feed-forward", "block 1: feed-forward"]
    assert rows[0].y > rows[1].y
    assert {box.count for box in rows} == {4_722_432}


@MODELS
def test_no_name_is_wider_or_higher_than_its_area_on_a_small_screen(config: GPTConfig) -> None:
    found = boxes(triples(config), config.n_layers)
    labels = {box: label(box, parameter_count(config)) for box in found}
    for box, text in labels.items():
        lines = [re.sub("<.*?>", "", line) for line in text.split("<br>")] if text else []
        assert all(7.5 * len(line) <= box.width * ROOM[0] for line in lines)
        assert 16 * len(lines) <= box.height * ROOM[1]
    assert any("embedding" in text for text in labels.values()) or config == GPT2_XL


def test_a_narrow_area_has_its_name_on_two_lines() -> None:
    [box] = [box for box in boxes(triples(CLASSROOM), CLASSROOM.n_layers) if box.part == "token embedding"]
    assert label(box, parameter_count(CLASSROOM)) == "<b>token</b><br><b>embedding</b><br>393.2 k"


def test_shares_are_of_a_hundred() -> None:
    figure = shares_by_size({"a": {"attention": 1, "output layer": 3}, "b": {"attention": 5}}, "a", LIGHT)
    assert [list(bar.x) for bar in figure.data] == [[25, 100], [75, 0]]
    assert figure.data[0].y[0] == "<b>a</b>"
    assert "%" in figure.layout.xaxis.title.text


def test_memory_is_in_mebibytes() -> None:
    [bar] = memory_bars([("weights", 2**20, "1"), ("gradients", 2**21, "2")], LIGHT).data
    assert list(bar.x) == [1, 2]
    assert "MiB" in memory_bars([("weights", 2**20, "1")], LIGHT).layout.xaxis.title.text


@pytest.mark.parametrize(
    ("count", "said"), [(950, "950"), (38_597_376, "38.6 M"), (1.5e9, "1.5 G"), (3e12, "3.0 T")]
)
def test_counts_are_said_shortly(count: float, said: str) -> None:
    assert short(count) == said


def test_labels_are_legible() -> None:
    assert ink_on("#0072B2") == "#FFFFFF"
    assert ink_on("#E69F00") == "#000000"
