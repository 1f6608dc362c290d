import pytest

from views.figures.languages import language_costs
from views.theme import DARK, LIGHT

COSTS = {"GPT-2": [0.2, 1.5], "this model's": [0.3, 2.5], "words": [0.25, None]}


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_encoding_has_its_marks_and_characters_their_line(palette) -> None:
    figure = language_costs(["English", "Hindi"], COSTS, palette)
    assert {trace.name: list(trace.x) for trace in figure.data} == COSTS
    assert all(list(trace.customdata) == ["English", "Hindi"] for trace in figure.data)
    assert figure.layout.xaxis.title.text == "tokens per character"
    assert figure.layout.yaxis.ticktext == ("English", "Hindi")
    bars = [(shape.x0, shape.x1) for shape in figure.layout.shapes]
    assert bars == [(0.2, 0.3), (1.5, 2.5), (1, 1)]
    assert len({trace.marker.symbol for trace in figure.data}) == len(COSTS)
    assert len(figure.to_json()) < 8_000


def test_an_encoding_that_refuses_all_has_no_mark() -> None:
    figure = language_costs(["English"], {"words": [None]}, LIGHT)
    assert len(figure.data) == 0
    assert [shape.x0 for shape in figure.layout.shapes] == [1]
