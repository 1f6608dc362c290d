"""The tables under our own pictures hold what was drawn: data in, data out."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from core.branches import tree_of
from core.foreign import NameRow
from core.merge_tree import trees_after
from core.pieces import Piece
from core.roles import ROLES, HeadScores
from views.components import HeadVectors, Matrix
from views.components.lens import Answers
from views.components.next_tokens import Expected
from views.components.road import Stop
from views.components.run_rows import RunRow
from views.table import MOST_ROWS
from views.tables import answers, attention, grid, named, tokens

GOOD = np.random.default_rng(0)
PIECES = [
    Piece(7, b"The", "The", 0, 3),
    Piece(8, b" king", " king", 3, 8),
    Piece(9, b"\xc3", "\ufffd", 8, 9),
    Piece(8, b" king", " king", 9, 14),
]
NAMES = ["The", "·king", "<c3>", "·king"]


def vectors(count: int = 4, width: int = 3) -> HeadVectors:
    return HeadVectors(*GOOD.normal(size=(4, count, width)).astype(np.float32))


def test_tokens_have_number_bytes_and_text():
    table = tokens.tokens(PIECES)
    assert table["token"].tolist() == NAMES
    assert table["id"].tolist() == [7, 8, 9, 8]
    assert table["bytes"].tolist() == ["54 68 65", "20 6b 69 6e 67", "c3", "20 6b 69 6e 67"]
    assert table["text"].tolist() == ["The", " king", "\ufffd", " king"]


@pytest.mark.parametrize(("unit", "chance"), [("nats", math.exp(-2)), ("bits", 0.25)])
def test_costs_have_the_probability_that_belongs_to_them(unit: str, chance: float):
    table = tokens.costs([(PIECES, [math.nan, 2.0, 0.0, math.inf])], unit)
    assert table[unit].tolist()[1:] == [2.0, 0.0, math.inf]
    assert table["probability"].tolist()[1:] == pytest.approx([chance, 1.0, 0.0])
    assert math.isnan(table["probability"][0])
    assert "row" not in table
    assert tokens.costs([(PIECES, [1.0] * 4)] * 2)["row"].tolist() == [0] * 4 + [1] * 4


def test_a_window_reads_and_asks_for_what_comes_one_later():
    table = tokens.window(PIECES, 1, 2, 3, [0.5, 0.25])
    assert table["token"][table["input"]].tolist() == NAMES[1:3]
    assert table["token"][table["target"]].tolist() == NAMES[2:4]
    assert table["its probability"].tolist()[2:] == [0.5, 0.25]
    assert table["its probability"][:2].isna().all()
    assert table["part"].tolist() == ["training"] * 3 + ["validation"]
    without = tokens.window(PIECES, None, 2, 4, None)
    assert not without["input"].any()
    assert not without["target"].any()


def test_the_race_has_its_pairs_and_what_the_text_costs():
    table = tokens.race([((b"t", b"h"), 9), ((b" ", b"a"), 4)], [100, 91, 87])
    assert table["first"].tolist()[:2] == ["t", "·"]
    assert table["times"].tolist()[:2] == [9, 4]
    assert table["tokens of the text"].tolist() == [100, 91, 87]


def test_a_word_is_glued_from_parts_that_stand_above_it():
    table = tokens.merges(trees_after(" the", [(b"t", b"h"), (b"th", b"e")]))
    assert table["token"].tolist() == ["·", "t", "h", "th", "e", "the"]
    assert table["merge"].tolist() == [pd.NA, pd.NA, pd.NA, 1, pd.NA, 2]
    last = table.iloc[-1]
    assert (last["first"], last["second"]) == ("th", "e")


def test_one_head_is_the_arithmetic_of_its_vectors():
    weights, found = np.tril(np.ones((4, 4))), vectors()
    scores = found.queries.astype(np.float64) @ found.keys.T
    for stage, scaled, temperature, wanted in [
        ("scores", True, 2.0, scores),
        ("scaled", True, 1.0, scores / math.sqrt(3)),
        ("scaled", False, 2.0, scores / 2),
        ("weights", True, 1.0, weights),
        ("context", True, 1.0, found.context),
    ]:
        how = {"causal": True, "scaled": scaled, "temperature": temperature}
        assert attention.stage_values(stage, weights, found, **how) == pytest.approx(wanted)


def test_only_what_is_masked_is_empty():
    masked = attention.stage_values("masked", np.eye(4), vectors(), causal=True)
    assert (np.isnan(masked) == np.triu(np.ones((4, 4)), 1).astype(bool)).all()
    assert np.isfinite(attention.stage_values("masked", np.eye(4), vectors(), causal=False)).all()
    assert np.isfinite(attention.stage_values("scaled", np.eye(4), vectors(), causal=True)).all()


def test_a_head_has_tokens_along_both_sides_and_equal_ones_apart():
    weights = GOOD.random((4, 4))
    table = attention.head(weights, PIECES)
    assert list(table.columns) == ["query", "The", "·king", "<c3>", "·king (2)"]
    assert table["query"].tolist() == NAMES
    assert (table.iloc[:, 1:].to_numpy() == weights).all()
    assert list(attention.head(weights[:, :2], PIECES, "context").columns) == [
        "query",
        "number 0",
        "number 1",
    ]


def test_a_token_called_query_is_not_the_corner():
    table = attention.head(np.ones((1, 1)), [Piece(0, b"query", "query", 0, 5)])
    assert table.columns.is_unique


def test_where_one_token_looks_and_what_it_does_not_see():
    table = attention.looks(np.array([0.25, 0.75]), PIECES, 1)
    assert table["weight"].tolist()[:2] == [0.25, 0.75]
    assert table["weight"][2:].isna().all()
    assert set(table["query"]) == {"·king"}


def test_all_heads_have_their_scores_and_where_they_look():
    first = np.tile([1.0, 0, 0, 0], (4, 1))
    weights = np.stack([np.eye(4), first])[None]  # one head looks at itself, one at the first token
    errors = {role: torch.full((1, 2), 0.01) for role in ROLES}
    scores = HeadScores(*torch.rand(5, 1, 2), chance=dict.fromkeys(ROLES, 0.25), errors=errors)
    table = attention.heads(weights, scores)
    assert table[["layer", "head"]].to_numpy().tolist() == [[0, 0], [0, 1]]
    assert table["score: induction"].tolist() == pytest.approx(scores.induction[0].tolist())
    assert table["standard error: induction"].tolist() == pytest.approx([0.01, 0.01])
    assert table["in this text, at itself"][0] == 1
    assert table["in this text, at the first token"][1] == 1
    assert "looks like" not in attention.heads(weights, None)


def test_the_lens_has_each_answer_at_its_depth_place_and_rank():
    best, probs = np.arange(12).reshape(2, 2, 3), GOOD.random((2, 2, 3))
    found = Answers(best, probs, (5, None), GOOD.random((2, 2)))
    table = answers.lens(found, ["embedding", "block 0"], PIECES[:2], lambda ids: [f"w{i}" for i in ids], 10)
    assert table["answer"].tolist() == [f"w{i}" for i in range(12)]
    assert table["probability"].to_numpy() == pytest.approx(probs.ravel())
    row = table[(table["read after"] == "block 0") & (table["place"] == 11) & (table["rank"] == 2)].iloc[0]
    assert (row["answer"], row["token"]) == ("w10", "·king")
    first = table[(table["read after"] == "embedding") & (table["place"] == 10)].iloc[0]
    assert first["the text goes on with"] == "w5"
    assert first["its probability"] == found.right[0, 0]
    assert table[table["place"] == 11]["its probability"].isna().all()


def test_next_tokens_end_with_all_others_and_sum_to_one():
    own, drawn = np.array([0.5, 0.2]), np.array([0.6, 0.4])
    found = Expected([" a", "b"], np.array([3.0, 2.0]), own, drawn, 98, 0.3, 0.0, 1.0, 3.0, 1.5, 1.0)
    table = answers.next_tokens(found)
    assert table["token"].tolist() == ["·a", "b", "98 others"]
    assert table["the model's own probability"].sum() == pytest.approx(1)
    assert table["probability as drawn"].sum() == pytest.approx(1)
    assert table["logit"].tolist()[:2] == [3.0, 2.0]


def test_branches_say_after_which_token_each_comes():
    chances = {(): 1.0, (5,): 0.5, (5, 6): 0.25, (7,): 0.1}
    nodes = tree_of([(5, 6), (7,)], chances.get)
    texts = ["", *(f"t{node.path[-1]}" for node in nodes[1:])]
    table = answers.branches(nodes, texts, [chances[node.path] for node in nodes])
    assert table["token"][0] == "the prompt"
    by_token = table.set_index("token")
    for token, before, chance in [("t5", "the prompt", 0.5), ("t6", "t5", 0.25), ("t7", "the prompt", 0.1)]:
        assert table["token"][by_token["after"][token]] == before
        assert by_token["probability"][token] == chance
    assert len(answers.branches(nodes[:1], [""], [1.0])) == 1


def test_matrices_stand_one_below_the_other_and_what_is_masked_is_empty():
    one = Matrix("Scores", np.array([[1.0, -np.inf], [3.0, 4.0]]), ["a", "b"], ["x", "y"])
    other = Matrix("Context", np.ones((2, 1)), ["a", "b"], ["z"], masked=np.array([[True], [False]]))
    table = grid.matrices(one, other)
    assert table["table"].tolist() == ["Scores", "Scores", "Context", "Context"]
    assert table["x"].tolist()[:2] == [1, 3]
    assert np.isnan(table["y"][0])
    assert table["z"].tolist()[3] == 1
    assert np.isnan(table["z"][2])
    assert "table" not in grid.matrices(one)


def test_points_have_only_the_directions_with_a_title_and_say_why_they_are_lit():
    places = GOOD.random((3, 3))
    table = named.points(places, [" a", "b", "c"], ["first", "second"], {"nearest": [1]})
    assert list(table.columns) == ["name", "first", "second", "lit"]
    assert table["second"].tolist() == places[:, 1].tolist()
    assert table["lit"].tolist() == ["", "nearest", ""]
    assert (
        len(named.points(np.zeros((MOST_ROWS + 1, 3)), ["a"] * (MOST_ROWS + 1), ["first"], {})) == MOST_ROWS
    )


def test_lists_say_what_their_rows_say():
    stop = Stop("text", "tokenizer", "Text", "94", "characters", "The king")
    assert named.road([stop]).iloc[0].tolist() == ["Text", "94", "characters", "The king"]
    near = named.nearest(["a", "b"], [0.9, 0.8], "cosine")
    assert near.to_dict("list") == {"name": ["a", "b"], "cosine": [0.9, 0.8]}
    row = RunRow(
        "id1", "my run", "as the default", ("pinned",), "done", "rests", 100, (), "2.1", "training 2.0", 0.0
    )
    table = named.runs([row])
    assert table[["name", "validation loss", "training loss", "run"]].iloc[0].tolist() == [
        "my run",
        "2.1",
        "2.0",
        "id1",
    ]
    name = NameRow("wte.weight", (50257, 768), "as it is", "tok_emb.weight", (50257, 768))
    assert named.tensors([name])["its shape"].tolist() == ["50,257 × 768"]
    arrows = named.arrows({"a": (90, 2.0, 0.0, 2.0)})
    assert arrows.iloc[0].tolist() == ["a", 90, 2.0, 0.0, 2.0]


def test_spreads_and_parts_and_counts_are_computed():
    side = [np.array([1.0, 3.0], dtype=np.float32), np.array([2.0, 2.0], dtype=np.float32)]
    table = grid.spreads(["one", "two"], {"before": side})
    assert table.iloc[0].tolist() == ["one", 1.0, 2.0, 1.0, 3.0]
    parts = named.parts([("table", "start", 10), ("attention", "block", 4)], 3)
    assert parts["all together"].tolist() == [10, 12]
    counted = tokens.counts(PIECES, 3, [0, 1, 2, 0])
    assert counted["times a target"].tolist() == [0, 1, 2, 0]
    assert counted["part"].tolist() == ["training"] * 3 + ["validation"]


def test_the_four_networks_have_their_ratio_and_the_last_gradient():
    table = grid.gradients(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]]))
    neither = table[~table["norm"] & ~table["residual"]].iloc[0]
    assert (neither["first ÷ last"], neither["last layer's mean |gradient|"]) == (4.0, 8.0)
    only_norm = table[table["norm"] & ~table["residual"]].iloc[0]
    assert only_norm["first ÷ last"] == 2.0
