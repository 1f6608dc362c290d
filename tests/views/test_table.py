"""The numbers behind a picture are the numbers that were drawn."""

import numpy as np
import plotly.graph_objects as go

from views.figures.base import TARGETS
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


def test_bars_have_the_names_that_stand_beside_them():
    ticks = {"tickvals": [0, 1], "ticktext": ["&lt;b&gt;", "a<br>b"]}
    drawn = go.Figure(
        go.Bar(y=[0, 1], x=[1, 0], orientation="h", text=["1.0", "0.0"]),
        layout={"yaxis": ticks, "xaxis": ticks | {"title": {"text": "share (%)"}}},
    )
    table = table_of(drawn)
    assert table.to_dict("list") == {"name": ["<b>", "a b"], "share (%)": [1, 0]}  # a length is no place


def test_places_that_are_not_given_are_counted_as_plotly_counts_them():
    table = table_of(go.Figure(go.Scatter(y=[0.5, 0.25, 0.125]), layout=axes(x="distance", y="score")))
    assert table.to_dict("list") == {"distance": [0, 1, 2], "score": [0.5, 0.25, 0.125]}


def test_places_of_which_some_have_no_name_stay_numbers():
    ticks = {"xaxis": {"tickvals": [0, 2], "ticktext": ["a", "c"], "title": {"text": "token"}}}
    assert table_of(go.Figure(go.Scatter(x=[0, 1, 2], y=[1, 2, 3]), layout=ticks))["token"].tolist() == [
        0,
        1,
        2,
    ]
    marked = {"xaxis": {"type": "log", "tickvals": [1, 10], "ticktext": ["1%", "10%"]}}
    assert table_of(go.Figure(go.Scatter(x=[1, 10], y=[1, 2]), layout=marked))["x"].tolist() == [1, 10]


def test_two_pictures_above_one_axis_are_one_table():
    pair = [go.Bar(x=[1, 2], y=[3, 4]), go.Bar(x=[1, 2], y=[5, 6], yaxis="y2")]
    drawn = go.Figure(pair, layout=axes(x="dimension", y="before") | {"yaxis2": {"title": {"text": "after"}}})
    assert table_of(drawn).to_dict("list") == {"dimension": [1, 2], "before": [3, 4], "after": [5, 6]}
    pair[1].x = [1, 3]
    assert len(table_of(go.Figure(pair, layout=drawn.layout))) == 4


def test_words_in_the_cells_of_a_matrix_count_and_numbers_there_do_not():
    cells, place = [[0.0, 1.0], [None, None]], {"texttemplate": "%{text}"}
    words = go.Heatmap(z=cells, text=[["&lt;a&gt;", "b"], ["", ""]], **place)
    assert table_of(go.Figure(words)).iloc[:, 1:].to_numpy().tolist() == [["<a>", "b"]]  # the gap is no row
    numbers = go.Heatmap(z=cells, text=[["0.1", "−1.2"], ["", ""]], **place)
    assert table_of(go.Figure(numbers)).iloc[:, 1:].to_numpy().tolist() == [[0.0, 1.0]]


def test_text_that_says_more_than_the_number_stays():
    drawn = go.Figure(go.Bar(x=[1, 2], y=[3, 0], text=["3.0", "cut"]))
    assert table_of(drawn)["text"].tolist() == ["3.0", "cut"]


def test_what_is_only_there_to_be_clicked_is_no_number():
    drawn = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))
    drawn.add_scatter(x=[1, 2], y=[9, 9], name=TARGETS)
    assert table_of(drawn).to_dict("list") == {"x": [1, 2], "y": [3, 4]}
