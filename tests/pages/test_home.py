"""Home's picture: each station leads to a page, and its numbers are those of the model and the prompt."""

import re

import pytest

from tests.pages.conftest import open_page
from views import journey
from views.road import ROAD

PATHS = {station.path for stations in ROAD.values() for station in stations}


@pytest.fixture(scope="module")
def stops():
    page = open_page("pages/start/home.py")
    return {stop.place: stop for stop in journey.stops(page.session_state["here"])}


def test_every_station_leads_to_a_page(stops):
    assert {stop.path for stop in stops.values()} <= PATHS


def test_a_text_is_as_many_examples_as_it_has_tokens_but_the_first(stops):
    assert int(stops["windows"].number) == int(stops["tokens"].number) - 1


def test_the_norm_brings_the_spread_to_one(stops):
    before, after = re.split(" → ", stops["norm"].number)
    assert float(before) > 0
    assert float(after) == pytest.approx(1, abs=0.01)
