"""The numbers behind a picture are the numbers that were drawn."""

import numpy as np
import plotly.graph_objects as go

from views.table import MOST_ROWS, table_of, unique


def axes(**titles: str) -> dict:
    return {f"{letter}axis": {"title": {"text": title}} for letter, title in titles.items()}


def test_lines_stand_one_below_the_other_under_the_titles_of_the_axes():
    lines = [go.Scatter(x=[1, 2], y=np.array([0.5, i]), name=name) for i, name in enumerate("ab")]
    table = table_of(go.Figure(lines, layout=axes(x="step", y="loss (nats)")))
    assert list(table.columns) == ["series", "step", "loss (nats)"]
    assert table["series"].tolist() == ["a", "a", "b", "b"]
    assert table["loss (nats)"].tolist() == [0.5, 0, 0.5, 1]


def test_a_single_trace_needs_no_name():
    table = table_of(go.Figure(go.Bar(x=["the", "a"], y=[0.7, 0.3]), layout=axes(x="token", y="share")))
    assert table.to_dict("list") == {"token": ["the", "a"], "share": [0.7, 0.3]}


def test_a_matrix_keeps_its_rows_and_columns_and_tells_equal_words_apart():
    cells = np.arange(6.0).reshape(2, 3)
    drawn = go.Figure(
        go.Heatmap(z=cells, x=["the", "a", "the"], y=["q", "w"]), layout=axes(x="key", y="query")
    )
    table = table_of(drawn)
    assert list(table.columns) == ["query", "the", "a", "the (2)"]
    assert (table[["the", "a", "the (2)"]].to_numpy() == cells).all()


def test_a_matrix_is_named_by_the_ticks_of_its_axis():
    layout = {"xaxis": {"tickvals": [0, 1], "ticktext": ["·king", "·queen"]}}
    assert "·queen" in table_of(go.Figure(go.Heatmap(z=[[1.0, 2.0]]), layout=layout)).columns


def test_both_axes_may_have_one_name():
    table = table_of(go.Figure(go.Scatter(x=[1, 2], y=[3, 4])))
    assert table["y"].tolist() == [3, 4]
    same = table_of(go.Figure(go.Scatter(x=[1, 2], y=[3, 4]), layout=axes(x="value", y="value")))
    assert same["value"].tolist() == [1, 2]
    assert same["value (y)"].tolist() == [3, 4]


def test_areas_have_their_names_and_sizes():
    table = table_of(go.Figure(go.Treemap(labels=["all", "part"], parents=["", "all"], values=[3, 2])))
    assert table["values"].tolist() == [3, 2]


def test_nothing_drawn_is_an_empty_table_and_much_is_cut():
    assert table_of(go.Figure()).empty
    assert len(table_of(go.Figure(go.Scatter(y=np.zeros(MOST_ROWS + 1))))) == MOST_ROWS


def test_equal_names_are_told_apart_also_from_one_that_looks_like_a_number():
    assert unique(["the", "a", "the", "the"]) == ["the", "a", "the (2)", "the (3)"]
    assert unique(["the", "the (2)", "the"]) == ["the", "the (2)", "the (3)"]
    assert len(set(unique(["a", "a", "a (3)", "a", "a (2)", "a (2)"]))) == 6
