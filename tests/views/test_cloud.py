"""The pictures of the two text pages that live in the browser: what is sent, and how much."""

import base64
import json
import re

import numpy as np
import pytest

from core.tokenizer import load_tokenizer
from views.components import mounting
from views.components.arrows import checked
from views.components.cloud import MOST, cloud, frame_of, in_steps
from views.components.merge_tree import merge_tree
from views.components.near_bars import near_bars
from views.components.pair_race import pair_race
from views.components.strips import strips
from views.theme import LIGHT
from views.tokenizer.word_tree import trees_of

NAMES = ("arrows", "cloud", "merge_tree", "near_bars", "pair_race", "strips")
RNG = np.random.default_rng(3)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch):
    calls = []
    monkeypatch.setattr(
        "views.components.mounting.renderer",
        lambda name, html: lambda *, data, key, on_picked_change: calls.append((name, data)) or {},
    )
    return calls


def bytes_of(name: str, data: dict) -> int:
    files = [mounting.ASSETS / f"{part}.{kind}" for part in ("base", name) for kind in ("js", "css")]
    return len(json.dumps(data)) + sum(file.stat().st_size for file in files)


def draw(points: np.ndarray, names: list[str], **options: object) -> None:
    settings = {"marked": {"near": [1, 2]}, "chosen": 0, "titles": ["a", "b", "c"], "solid": False}
    cloud(points, names, frame=frame_of(points), kind="k", key="key", label="l", **settings | options)


def test_points_arrive_where_they_are(sent):
    points = RNG.normal(size=(50, 3)).astype(np.float32)
    draw(points, [f"w{i}" for i in range(50)])
    _, data = sent[0]
    raw = np.frombuffer(base64.b64decode(data["points"]), "<i2").reshape(50, 3)
    assert np.abs(raw / 32767 * data["reach"] - points).max() < data["reach"] / 30000
    assert data["marked"] == [{"name": "near", "rows": [1, 2]}]
    middle, half = np.array(data["middle"]) * data["reach"], np.array(data["half"]) * data["reach"]
    assert (points >= middle - half).all()
    assert (points <= middle + half).all()


def test_a_frame_holds_what_it_is_made_of_even_if_all_is_one():
    for points in (RNG.normal(size=(9, 3)), np.ones((4, 3)), np.zeros((0, 3))):
        low, high = frame_of(points)
        assert (low < high).all()
        assert (points > low).all()
        assert (points < high).all()


def test_what_is_no_number_or_outside_is_still_drawn():
    steps = in_steps(np.array([[np.nan, 5.0, -5.0]]), 1.0)
    assert steps.tolist() == [[0, 32767, -32767]]


def test_the_largest_cloud_fits_a_repaint(sent):
    names = ["·understanding"[: 4 + i % 9] for i in range(MOST)]
    draw(RNG.normal(size=(MOST, 3)), names, marked={"near": list(range(30)), "found": list(range(400))})
    assert bytes_of(*sent[0]) < 150_000


def test_a_token_table_fits_the_budget(sent):
    tokenizer = load_tokenizer("glassbox")
    names = [tokenizer.encoding.decode([i]) for i in range(2048)]
    draw(RNG.normal(size=(2048, 3)), names)
    assert bytes_of(*sent[0]) < 80_000


def test_the_tree_of_a_long_word_is_a_small_message(sent):
    trees = trees_of(load_tokenizer("gpt2"), " antidisestablishmentarian")
    merge_tree(trees, key="key", label="l")
    _, data = sent[0]
    assert sum(not parts for parts in data["parts"]) == len(" antidisestablishmentarian")
    assert data["goes"] is False
    assert bytes_of(*sent[0]) < 30_000


def test_a_race_names_each_part_once(sent):
    pieces = load_tokenizer("gpt2").pieces("the theme")
    race = [((b"t", b"h"), 4), ((b"h", b"e"), 3)]
    settings = {"curve": [9, 5], "step": 1, "told": "t", "on_pick": print}
    pair_race(pieces, race, [[0], []], made=pieces[0].bytes, key="key", label="l", **settings)
    _, data = sent[0]
    assert data["words"]["texts"] == ["t", "h", "e"]
    assert data["pairs"] == [[0, 1], [1, 2]]
    assert data["counts"] == [4, 3]
    assert data["made"] == [0]


def test_strips_arrive_with_four_digits_on_one_scale(sent):
    rows = RNG.normal(size=(3, 192))
    strips(
        rows,
        ["a", "b", "c"],
        axis="x",
        scale=LIGHT.diverging,
        framed=1,
        heads=("one-hot", "010"),
        key="key",
        label="l",
    )
    _, data = sent[0]
    raw = np.frombuffer(base64.b64decode(data["values"]), "<i2").reshape(3, 192)
    assert np.abs(raw / 32767 * data["limit"] - rows).max() < 1e-4
    assert data["limit"] == np.abs(rows).max()
    assert (data["framed"], data["heads"]) == (1, ["0", "1", "0"])
    strips(np.zeros((1, 4)), ["a"], axis="x", scale=LIGHT.diverging, key="key", label="l")
    assert sent[1][1]["limit"] == 1.0


@pytest.mark.parametrize("sent_by_browser", [[0, 90, 2.5], [1, -180, 0], (0, 5, 3)])
def test_an_arrow_that_was_dragged_comes_through(sent_by_browser):
    assert checked(sent_by_browser) == tuple(sent_by_browser)


@pytest.mark.parametrize(
    "bad",
    [None, 1, [0, 90], [2, 90, 1], [True, 90, 1], [0, 9.5, 1], [0, 200, 1], [0, 5, 3.1], [0, 5, float("nan")],
     [0, 5, "1"], [0, 5, -1], {"0": 1}],
)  # fmt: skip
def test_what_is_no_arrow_turns_nothing(bad):
    assert checked(bad) is None


def test_bars_are_as_long_as_their_values(sent):
    near_bars(["a", "b"], [0.8, -0.1], by="cosine", key="key", label="l", on_pick=print)
    _, data = sent[0]
    assert (data["values"], data["most"], data["goes"]) == ([0.8, -0.1], 0.8, True)
    near_bars([], [], by="euclid", key="key", label="l")
    assert sent[1][1]["goes"] is False


@pytest.mark.parametrize("name", NAMES)
def test_scripts_are_small_and_write_text_only(name: str):
    source = (mounting.ASSETS / "base.js").read_text() + (mounting.ASSETS / f"{name}.js").read_text()
    assert len(source) < 18_000
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", source
    )
    assert source.count("export default") == 1
