"""A figure that is written down, and made by plotly only for who reads it.

Plotly looks at each property of each trace as it is set: 6 to 20 ms a figure, half of what a page took. But a
page only sends what it draws: so it is written as it is sent, which takes less than one. Whoever reads `data`
or `layout`, as tests and tables do, finds plotly's own figure, each property looked at.
"""

from collections.abc import Mapping

import plotly.graph_objects as go
from plotly.basedatatypes import convert_to_base64

PLAIN = ("paper_bgcolor", "plot_bgcolor")  # any other underscore is plotly's `title_text` for title's text


class Drawn(go.Figure):
    """A plotly figure. What is done to it in any other way than below has plotly make it first."""

    def __init__(self, layout: dict) -> None:
        self._written = {"data": [], "layout": layout}
        self._made = False

    def __getattr__(self, name: str) -> object:
        """Something of plotly's own is wanted: have it make the figure."""
        if name in ("_written", "_made") or name.startswith("__") or self._made:
            raise AttributeError(name)
        self._made = True
        super().__init__(**self._written)
        return getattr(self, name)

    def can_write(self, look: Mapping) -> bool:
        """Whether it is not made yet, and all properties are called by their own names."""
        return not self._made and is_plain(look)

    def axis(self, name: str) -> dict:
        """How an axis looks, for another like it."""
        return copied(self._written["layout"][name])

    def draw(self, kind: str, look: dict) -> go.Figure:
        """Add a trace."""
        if self.can_write(look):
            self._written["data"].append({"type": kind, **copied(look)})
            return self
        return getattr(super(), f"add_{kind}")(**look)

    def add_scatter(self, **look: object) -> go.Figure:
        return self.draw("scatter", look)

    def add_bar(self, **look: object) -> go.Figure:
        return self.draw("bar", look)

    def add_heatmap(self, **look: object) -> go.Figure:
        return self.draw("heatmap", look)

    def note(self, kind: str, given: tuple, look: dict) -> go.Figure:
        """Add something that is no trace; plotly itself has some of it `given` ready."""
        if self.can_write(look) and not given:
            self._written["layout"].setdefault(f"{kind}s", []).append(copied(look))
            return self
        return getattr(super(), f"add_{kind}")(*given, **look)

    def add_shape(self, *given: object, **look: object) -> go.Figure:
        return self.note("shape", given, look)

    def add_annotation(self, *given: object, **look: object) -> go.Figure:
        return self.note("annotation", given, look)

    def update_layout(self, given: dict | None = None, **look: object) -> go.Figure:
        look = (given or {}) | look
        if self.can_write(look):
            merge(self._written["layout"], look)
            return self
        return super().update_layout(look)

    def update_xaxes(self, **look: object) -> go.Figure:
        return self.update_axes("x", look) or super().update_xaxes(**look)

    def update_yaxes(self, **look: object) -> go.Figure:
        return self.update_axes("y", look) or super().update_yaxes(**look)

    def update_traces(self, *, selector: dict | None = None, **look: object) -> go.Figure:
        if not self.can_write(look):
            return super().update_traces(selector=selector, **look)
        for trace in self._written["data"]:
            if all(trace.get(name) == value for name, value in (selector or {}).items()):
                merge(trace, look)
        return self

    def update_axes(self, letter: str, look: dict) -> go.Figure | None:
        """All axes of a direction; None if that is plotly's to do."""
        if not self.can_write(look):
            return None
        for name, axis in self._written["layout"].items():
            if name.startswith(f"{letter}axis"):
                merge(axis, look)
        return self

    def to_dict(self) -> dict:
        """What is sent."""
        if self._made:
            return super().to_dict()
        written = copied(self._written)
        convert_to_base64(written)
        return written


def is_plain(look: Mapping) -> bool:
    """Whether no property is named through another, as `title_text` is."""
    return all(
        ("_" not in name or name in PLAIN) and (not isinstance(value, dict) or is_plain(value))
        for name, value in look.items()
    )


def merge(old: dict, new: Mapping) -> None:
    """Set properties; those of a property that has some of its own, one by one."""
    for name, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(name), dict):
            merge(old[name], value)
        else:
            old[name] = copied(value)  # no two traces or axes share what is changed later


def copied(value: object) -> object:
    """The same dictionaries and lists of them, with the same arrays in them, and without what is None."""
    if isinstance(value, dict):
        return {name: copied(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [copied(inner) for inner in value]
    return value
