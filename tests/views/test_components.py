import base64
import itertools
import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest

from core.pieces import Piece
from views.components import Matrix, heads, matrix, mounting, one_head, thumbnails, tokens
from views.components.matrix import table_data

BUDGET = 120_000  # bytes of a message that a click may cost
NAMES = ["token_chips", "head_grid", "head_view", "arcs", "windows", "matrix"]
HOSTILE = [
    None,
    True,
    1.0,
    "1",
    -1,
    12,
    10**30,
    float("nan"),
    [],
    [1],
    [1, 2, 3],
    {},
    {"0": 1},
    [True, 1],
    [1, "2"],
]


def causal_weights(layers, n_heads, tokens, seed=0):
    scores = np.random.default_rng(seed).normal(size=(layers, n_heads, tokens, tokens)).astype(np.float32)
    weights = np.exp(scores) * np.tril(np.ones((tokens, tokens), np.float32))
    return weights / weights.sum(-1, keepdims=True)


def pieces_of(words):
    ends = list(itertools.accumulate(len(word) for word in words))
    starts = [0, *ends[:-1]]
    return [
        Piece(i, w.encode(), w, s, e) for i, (w, s, e) in enumerate(zip(words, starts, ends, strict=True))
    ]


def message_bytes(name, data):
    files = [mounting.ASSETS / f"{part}.{kind}" for part in ("base", name) for kind in ("js", "css")]
    return len(json.dumps(data)) + sum(file.stat().st_size for file in files)


def decode(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


def test_small_thumbnails_are_the_weights_themselves():
    weights = causal_weights(2, 3, 10)
    small = thumbnails(weights)
    assert small.shape == (2, 3, 10, 10)
    assert small.dtype == np.uint8
    np.testing.assert_allclose(small / 255, weights, atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize(("tokens", "size"), [(25, 24), (64, 24), (256, 48), (7, 1), (48, 24)])
def test_a_thumbnail_cell_is_the_largest_weight_it_covers(tokens, size):
    weights = causal_weights(1, 2, tokens)
    small = thumbnails(weights, size)
    edges = np.append(np.arange(size) * tokens // size, tokens)
    for row, column in itertools.product(range(size), repeat=2):
        tile = weights[..., edges[row] : edges[row + 1], edges[column] : edges[column + 1]]
        np.testing.assert_allclose(small[..., row, column] / 255, tile.max((-1, -2)), atol=0.5 / 255 + 1e-6)


def test_a_thin_line_survives_and_the_future_stays_empty():
    small = thumbnails(np.eye(200, k=-1)[None, None], 24)[0, 0]
    assert (small.diagonal() == 255).all()
    assert not np.triu(small, 1).any()


def test_odd_weights_make_no_odd_pictures():
    assert thumbnails(np.full((1, 1, 3, 3), np.nan)).max() == 0
    assert thumbnails(np.full((1, 1, 3, 3), 7.0)).max() == 255
    assert thumbnails(np.zeros((1, 1, 0, 0))).shape == (1, 1, 0, 0)


@pytest.mark.parametrize("size", [0, 49, -3])
def test_a_thumbnail_has_a_sensible_size(size):
    with pytest.raises(ValueError, match="1 to 48"):
        thumbnails(np.zeros((1, 1, 4, 4)), size)


@pytest.mark.parametrize(("layers", "n_heads"), [(12, 12), (48, 25), (4, 4)])
@pytest.mark.parametrize("causal", [True, False])
def test_the_grid_fits_its_budget(layers, n_heads, causal):
    pictures = thumbnails(
        causal_weights(layers, n_heads, 48) if causal else np.ones((layers, n_heads, 48, 48))
    )
    data = heads.grid_data(pictures)
    assert data["causal"] is causal
    size = data["size"]
    cells = size * (size + 1) // 2 if causal else size * size
    assert decode(data["pixels"], np.uint8).size == layers * n_heads * cells
    roles = heads.role_data([[("previous token", 0.123456)] * n_heads] * layers)
    assert message_bytes("head_grid", data | roles) < BUDGET


def test_roles_are_sent_short_and_none_stays_none():
    sent = heads.role_data([[("induction", 0.61234), None]])
    assert sent["roles"] == [[[3, 0.6123], None]]
    assert sent["role_names"][3] == "induction"
    assert heads.role_data(None) == {"roles": None}


def head_of(tokens, dim, causal=True):
    weights = causal_weights(1, 1, tokens)[0, 0] if causal else np.full((tokens, tokens), 1 / tokens)
    parts = np.random.default_rng(1).normal(size=(4, tokens, dim)).astype(np.float32)
    return weights, one_head.HeadVectors(*parts)


@pytest.mark.parametrize("tokens", [1, 2, 64, 256])
@pytest.mark.parametrize("causal", [True, False])
def test_one_head_fits_its_budget_and_keeps_three_digits(tokens, causal):
    weights, vectors = head_of(tokens, 64)
    data = one_head.stage_data("weights", weights, vectors, causal)
    assert message_bytes("head_view", data) < BUDGET
    levels = decode(data["weights"], "<u2" if data["bits"] == 16 else np.uint8)
    if tokens <= 64:
        assert data["bits"] == 16
        assert "queries" in data
    sent = heads.lower(weights, causal)
    np.testing.assert_allclose(levels / (2 ** data["bits"] - 1), sent, atol=0.51 / (2 ** data["bits"] - 1))


@pytest.mark.parametrize("dim", [1, 32, 64, 768])
@pytest.mark.parametrize("stage", one_head.STAGES)
@pytest.mark.parametrize("causal", [True, False])
def test_every_stage_of_a_long_text_fits_its_budget(monkeypatch, stage, dim, causal):
    calls = []
    monkeypatch.setattr(mounting, "renderer", fake_renderer({}, calls))
    monkeypatch.setattr(mounting, "st", SimpleNamespace(session_state={}))
    weights, vectors = head_of(200, dim, causal)
    words = [" daughters"] * 200
    picks = {"stage": stage, "vectors": vectors, "causal": causal, "picked": 199, "key": "k", "label": "l"}
    assert one_head.head_view(weights, pieces_of(words), **picks) == 199
    [(data, _)] = calls
    assert message_bytes("head_view", data) < BUDGET
    shown = len(data["texts"])
    assert data["picked"] == shown - 1
    assert data["cropped"] == (shown < 200)
    assert (shown == 200) == (stage == "weights")
    assert stage == "weights" or data["head_dim"] == dim


def test_a_stage_sends_what_its_arithmetic_needs():
    weights, vectors = head_of(5, 4)
    for stage in ("scores", "scaled", "masked"):
        assert set(one_head.stage_data(stage, weights, vectors, True)) == {"queries", "keys", "head_dim"}
    sent = one_head.stage_data("context", weights, vectors, True)
    context = decode(sent["context"], "<f4").reshape(5, 4)
    np.testing.assert_array_equal(context, vectors.context)
    with pytest.raises(ValueError, match="choose one of scores"):
        one_head.head_view(weights, pieces_of("abcde"), stage="context", key="k", label="l")


@pytest.mark.parametrize("dim", [4, 16, 64])
def test_queries_and_keys_arrive_as_sent(dim):
    vectors = np.random.default_rng(2).normal(size=(64, dim)).astype(np.float32)
    data = one_head.vector_data(mounting.RAW_LIMIT, vectors, -vectors)
    raw = base64.b64decode(data["keys"])
    numbers = np.frombuffer(raw, "<f4" if len(raw) == 4 * vectors.size else "<f2")
    np.testing.assert_allclose(numbers.reshape(64, dim), -vectors, atol=2e-3)
    assert data["head_dim"] == dim


def test_numbers_that_are_none_are_sent_as_finite_ones():
    odd = np.array([[1.0, -np.inf], [np.nan, 2.0]])
    assert np.isfinite(decode(one_head.floats(odd), "<f4")).all()


def test_a_table_has_its_numbers_and_masked_cells_are_none():
    table = Matrix("Weights", np.array([[0.5, -np.inf], [-1e-9, 2.0]]), ["a", "b"], ["x", "y"], kind="share")
    sent = json.loads(json.dumps(table_data(table)))
    assert sent["values"] == [[0.5, None], [0.0, 2.0]]
    assert math.copysign(1, sent["values"][1][0]) == 1
    assert sent["most"] == 2.0
    assert table_data(Matrix("Zeros", np.zeros((1, 1)), ["a"], ["x"]))["most"] == 1.0


def test_tables_that_cannot_be_read_are_refused_in_words():
    with pytest.raises(ValueError, match="2 rows and 1 columns"):
        table_data(Matrix("T", np.zeros((2, 2)), ["a", "b"], ["x"]))
    with pytest.raises(ValueError, match="choose one of signed"):
        table_data(Matrix("T", np.zeros((1, 1)), ["a"], ["x"], kind="loud"))
    with pytest.raises(ValueError, match="at most 600"):
        matrix(Matrix("T", np.zeros((30, 30)), ["r"] * 30, ["c"] * 30), key="k", label="l")


def test_weights_of_another_length_are_refused_in_words():
    with pytest.raises(ValueError, match="2 tokens need"):
        one_head.head_view(np.zeros((3, 3)), pieces_of(["a", "b"]), key="k", label="l")


@pytest.mark.parametrize("value", HOSTILE)
def test_nonsense_from_the_browser_picks_nothing(value):
    assert mounting.index_below(12)(value) is None
    assert mounting.cell_below(12, 12)(value) is None
    assert mounting.cell_below(12, 12)([3, value]) is None
    assert mounting.clicked({"picked": value}, mounting.index_below(12)) is None


@pytest.mark.parametrize("sent", [None, "picked", 3, [], {}, {"other": 1}, [{"picked": 1}]])
def test_a_message_without_a_pick_picks_nothing(sent):
    assert mounting.clicked(sent, mounting.index_below(12)) is None


def test_a_true_pick_comes_through():
    assert mounting.index_below(12)(11) == 11
    assert mounting.cell_below(4, 2)([3, 1]) == (3, 1)
    assert mounting.cell_below(4, 2)([1, 3]) is None


def fake_renderer(sent, calls):
    def render(*, data, key, on_picked_change):
        calls.append((json.loads(json.dumps(data)), key))
        on_picked_change()
        return sent

    return lambda name, html: render


@pytest.mark.parametrize(("sent", "expected"), [(2, [2]), (99, []), ("2", []), (None, [])])
def test_a_click_calls_back_only_if_valid(monkeypatch, sent, expected):
    calls, picks = [], []
    monkeypatch.setattr(mounting, "renderer", fake_renderer({"picked": sent}, calls))
    monkeypatch.setattr(mounting, "st", SimpleNamespace(session_state={"chips": {"picked": sent}}))
    pieces = pieces_of(["The", " cat", " sat"])
    assert tokens.token_chips(pieces, picked=1, key="chips", label="Text", on_pick=picks.append) == 1
    assert picks == expected
    assert tokens.token_chips(pieces, picked=1, key="chips", label="Text") == (expected or [1])[0]
    assert calls[0][0]["texts"] == ["The", " cat", " sat"]
    assert calls[0][1] == "chips"


def test_a_pick_out_of_range_on_the_server_is_no_pick(monkeypatch):
    calls = []
    monkeypatch.setattr(mounting, "renderer", fake_renderer({}, calls))
    monkeypatch.setattr(mounting, "st", SimpleNamespace(session_state={}))
    assert tokens.token_chips(pieces_of(["a"]), picked=7, key="k", label="l") is None
    assert heads.head_grid(np.zeros((2, 2, 3, 3), np.uint8), picked=(5, 0), key="k", label="l") is None
    assert tokens.arcs(np.array([]), [], picked=0, key="k", label="l") is None
    assert one_head.head_view(np.zeros((0, 0)), [], key="k", label="l") is None
    assert all(data["picked"] is None for data, _ in calls)


def test_parts_of_characters_are_shown_as_bytes_and_places_add_up():
    pieces = [
        Piece(1, b"a", "a", 0, 1),
        Piece(2, b"\xf0\x9f", "\ufffd", 1, 2),
        Piece(3, b"\xa6\x81", "\ufffd\ufffd", 1, 2),
        Piece(4, "\ufffd".encode(), "\ufffd", 2, 3),  # a true U+FFFD is a character like any other
        Piece(5, b"b", "b", 5, 6),
    ]
    assert mounting.names_of(pieces)["hexes"] == {1: "f0 9f", 2: "a6 81"}
    places, at = tokens.places_of(pieces), 0
    for i, piece in enumerate(pieces):
        start = at + places["gaps"].get(i, 0)
        at = start + places["lengths"][i]
        assert (start, at) == (piece.start, piece.end)


def test_five_thousand_tokens_fit():
    words = (["The", " cat", " sat", " because", " it", " was", " tired", "."] * 625)[:5000]
    pieces = pieces_of(words)
    ids = np.random.default_rng(0).integers(0, 50257, 5000).tolist()
    data = mounting.names_of(pieces) | tokens.places_of(pieces) | {"ids": ids}
    assert message_bytes("token_chips", data) < 130_000


@pytest.mark.parametrize("name", NAMES)
def test_scripts_are_small_and_write_text_only(name):
    source = (mounting.ASSETS / "base.js").read_text() + (mounting.ASSETS / f"{name}.js").read_text()
    assert len(source) < 20_000
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|https?://(?!www\.w3)",
        source,
    )
    assert source.count("export default") == 1


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_text_on_chips_is_legible_in_light_and_dark():
    css = (mounting.ASSETS / "base.css").read_text()
    found = re.findall(r"--gb-chip-(\w+): (#\w{6})", css)
    themes = [dict(found[:7]), dict(found[7:])]
    for theme in themes:
        text = luminance(theme.pop("text"))
        assert len(theme) == 6
        for colour in theme.values():
            dark, light = sorted([luminance(colour), text])
            assert (light + 0.05) / (dark + 0.05) >= 4.5
