"""Every page of the road has its place in the emblem, and every place opens a page."""

import re

from views.components.mounting import ASSETS
from views.components.road import PLACES
from views.road import ROAD
from views.you_are_here import ALSO, PAGES, TITLES

DRAWN = re.compile(r"(\w+): \[\d+, (?:TOP|MIDDLE|BOTTOM)\]")


def test_every_page_but_home_has_a_place():
    paths = {station.path for part in ROAD.values() for station in part} - {""}
    assert paths <= set(PAGES.values()) | ALSO.keys()


def test_every_place_opens_a_page_of_the_road():
    assert set(PAGES.values()) | ALSO.keys() <= TITLES.keys()


def test_the_emblem_draws_the_places_of_home_s_picture():
    drawn = set(DRAWN.findall((ASSETS / "emblem.js").read_text(encoding="utf-8")))
    assert drawn == set(PAGES) == set(PLACES)
    assert set().union(*ALSO.values()) <= drawn | {"block"}
