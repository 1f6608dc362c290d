"""A figure that is written down is what plotly would have made of it."""

import json

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest

from views.figures.base import blank, named
from views.figures.drawn import Drawn
from views.theme import LIGHT


def drawn() -> Drawn:
    figure = blank(LIGHT, x="step", y="loss (nats)")
    figure.add_scatter(x=np.arange(3), y=np.ones(3, np.float32), name=None, marker={"color": ["red"] * 3})
    figure.add_bar(x=[1, None], y=[2, 3], yaxis="y2", hovertemplate="%{y}")
    figure.add_heatmap(z=np.zeros((2, 2)))
    figure.add_shape(type="line", x0=0, x1=1, y0=0, y1=1)
    figure.add_annotation(x=0, y=1, text="here")
    second = named(figure.axis("yaxis"), "times")
    figure.update_layout(margin={"l": 3}, yaxis2=second | {"domain": [0, 0.4]})
    figure.update_xaxes(range=[0, 2], title={"standoff": 1})
    figure.update_yaxes(nticks=3)
    figure.update_traces(hovertemplate=None, selector={"type": "bar"})
    return figure


def sent(figure: go.Figure) -> dict:
    return json.loads(plotly.io.to_json(figure.to_dict(), validate=False))


def test_what_is_written_is_what_plotly_would_send():
    figure = drawn()
    written = sent(figure)
    assert "data" not in vars(figure)
    assert figure.data[0].y.tolist() == [1, 1, 1]  # now plotly makes it, and checks each property
    made = sent(figure)
    assert written["data"] == made["data"]
    assert written["layout"] == {name: value for name, value in made["layout"].items() if name != "template"}


def test_writing_goes_on_where_plotly_has_made_the_figure():
    figure = drawn()
    assert figure.layout.margin.l == 3
    figure.update_layout(margin={"l": 4}).add_scatter(x=[1], y=[1], name="late")
    assert (figure.layout.margin.l, figure.layout.margin.r) == (4, 16)
    assert sent(figure)["data"][-1]["name"] == "late"


def test_what_is_named_through_another_is_left_to_plotly():
    figure = drawn()
    figure.add_vline(x=1, line={"width": 2}, annotation_text="here")
    figure.update_layout(title_text="loss")
    assert sent(figure)["layout"]["title"] == {"text": "loss"}
    assert len(figure.layout.shapes) == 2


def test_a_property_that_plotly_does_not_know_is_found_by_who_reads_the_figure():
    figure = drawn()
    figure.add_bar(colour="red")
    with pytest.raises(ValueError, match="colour"):
        assert figure.data


def test_each_axis_has_its_own_settings():
    figure = drawn()
    figure.update_yaxes(tickvals=[1])
    assert sent(figure)["layout"]["yaxis2"]["title"]["text"] == "times"
    assert sent(figure)["layout"]["yaxis"]["title"]["text"] == "loss (nats)"
