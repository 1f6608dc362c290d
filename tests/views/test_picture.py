"""What a click into a figure is, whatever the browser sends."""

import pytest

from views.picture import clicked_place, nearest


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"selection": {"points": [{"x": 1.02, "y": 2}]}}, (1.02, 2)),
        ({"selection": {"points": [{"x": -0.76, "y": 1}, {"x": 3, "y": 3}]}}, (-0.76, 1)),
        ({"selection": {"points": [{"x": 1.0}]}}, None),
        ({"selection": {"points": [{"x": float("nan"), "y": 1}]}}, None),
        ({"selection": {"points": [{"x": "1", "y": 1}]}}, None),
        ({"selection": {"points": []}}, None),
        ({"selection": None}, None),
        (None, None),
        ([], None),
    ],
)
def test_a_click_into_a_figure_is_a_place(sent: object, place: tuple[float, float] | None):
    assert clicked_place(sent) == place


@pytest.mark.parametrize(("place", "number"), [(0.4, 0), (1.6, 2), (-3.0, 0), (99.0, 3), (1e300, 3)])
def test_the_nearest_thing_is_always_one_of_them(place: float, number: int):
    assert nearest(place, 4) == number
