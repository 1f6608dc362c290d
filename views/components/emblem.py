"""The road in small: the drawing of Home, with the part lit that the page is about."""

from collections.abc import Collection, Mapping

from views.components.mounting import mount

EMBLEM_HTML = '<div class="gb emblem"><svg viewBox="0 0 212 40" role="application" tabindex="0"></svg></div>'


def emblem(
    pages: Mapping[str, str], titles: Mapping[str, str], here: Collection[str], *, key: str, label: str
) -> str | None:
    """Draw the places of `views.components.road`, those of `here` lit; the page of a place that was clicked.

    `pages` gives the path of the page for each place, `titles` the title of each page by its path.
    """
    places = list(pages)
    data = {
        "label": label,
        "places": [{"name": name, "title": titles[pages[name]], "on": name in here} for name in places],
        "block": "block" in here,
    }

    def check(value: object) -> str | None:
        return value if isinstance(value, str) and value in pages else None

    picked = mount("emblem", data, html=EMBLEM_HTML, key=key, check=check, on_pick=None)
    return None if picked is None else pages[picked]
