"""The numbers of a figure as a table: what the picture shows, to read, to copy, to take away."""

import html
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from views.figures.base import TARGETS

MOST_ROWS = 5000  # of one table: a browser still scrolls it
SHAPE = ("type", "orientation", "texttemplate", "xaxis", "yaxis")
READ = (*SHAPE, "name", "x", "y", "z", "text", "base", "labels", "parents", "values")  # of a trace
TAG = re.compile(r"</?(?:b|br|i|em|sub|span)\b[^<>]*>")  # what plotly reads as HTML


def table_of(figure: go.Figure) -> pd.DataFrame:
    """All traces of a figure, one below the other; columns are called as the axes are."""
    layout = figure.layout.to_plotly_json()
    shown = [trace for trace in figure.data if trace.name != TARGETS]
    traces = [{name: trace[name] for name in READ if name in trace} for trace in shown]
    parts = [part for trace in traces if len(part := part_of(trace, layout))]
    if not parts:
        return pd.DataFrame()
    named = len(parts) > 1 and any(trace.get("name") for trace in traces)
    parts = parts if named else beside([part.drop(columns="series", errors="ignore") for part in parts])
    return pd.concat(parts, ignore_index=True).head(MOST_ROWS)


def beside(parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Two pictures above one axis are one table, if nothing but that axis is in both."""
    first = parts[0]
    for part in parts[1:]:
        shared = first.columns.intersection(part.columns)
        if len(shared) != 1 or not first[shared[0]].equals(part[shared[0]]):
            return parts
        first = first.join(part.drop(columns=shared))
    return [first]


def part_of(trace: Mapping, layout: Mapping) -> pd.DataFrame:
    """One trace: a matrix as it stands, anything else as columns of one length."""
    if trace.get("z") is not None:
        return matrix_of(trace, layout)
    x, y = (axis_name(trace, layout, letter) for letter in "xy")
    along, up = (places_along(trace, layout, letter) for letter in "xy")
    columns = {x: along, y if y != x else f"{y} (y)": up}
    columns = dict(reversed(columns.items())) if trace.get("orientation") == "h" else columns  # names first
    columns |= {"from": trace.get("base"), "text": trace.get("text")}
    columns |= {name: trace.get(name) for name in ("labels", "parents", "values")}
    found = {name: flat(values) for name, values in columns.items() if is_list(values)}
    longest = max((len(values) for values in found.values()), default=0)
    same = {name: values for name, values in found.items() if len(values) == longest}
    if all(map(is_number, same.get("text", ()))):
        same.pop("text", None)  # the same once more, rounded
    return pd.DataFrame({"series": words(trace.get("name") or "")} | same) if same else pd.DataFrame()


def places_along(trace: Mapping, layout: Mapping, letter: str) -> list | None:
    """Where a trace's points stand along an axis: the names of its ticks, if each has one, else numbers.

    Points of which only the other place is given stand at 0, 1, 2, as plotly draws them.
    """
    own, other = (trace.get(one) for one in (letter, "y" if letter == "x" else "x"))
    if not is_list(own):
        return list(range(len(other))) if is_list(other) else None
    length = trace.get("type") == "bar" and letter == ("x" if trace.get("orientation") == "h" else "y")
    ticks = {} if length else ticks_of(trace, layout, letter)
    named = bool(ticks) and all(not is_list(one) and one in ticks for one in own)
    return [ticks[one] for one in own] if named else listed(own)


def ticks_of(trace: Mapping, layout: Mapping, letter: str) -> dict:
    """What is written at the places of an axis; on a logarithmic one it is only a number in other words."""
    axis = axis_of(trace, layout, letter)
    if axis.get("type") == "log":
        return {}
    return dict(zip(listed(axis.get("tickvals")), listed(axis.get("ticktext")), strict=False))


def matrix_of(trace: Mapping, layout: Mapping) -> pd.DataFrame:
    """A heatmap: a row for each of its rows. Where words stand in its cells they count, not the colours."""
    cells = np.asarray(trace["z"], dtype=object)
    written = trace.get("text") if trace.get("texttemplate") == "%{text}" else None
    if is_list(written) and np.shape(written) == cells.shape and not all(map(is_number, np.ravel(written))):
        cells = np.array([[words(one) for one in row] for row in written], dtype=object)
    corner, rows = axis_name(trace, layout, "y", "row"), names_along(trace, layout, "y", cells.shape[0])
    columns = names_along(trace, layout, "x", cells.shape[1])
    table = pd.DataFrame(cells, columns=unique([corner, *columns])[1:])
    table.insert(0, corner, rows)
    return table[~pd.isna(np.asarray(trace["z"], dtype=object)).all(axis=1)]  # without rows that are a gap


def names_along(trace: Mapping, layout: Mapping, letter: str, count: int) -> list[str]:
    """What stands at a heatmap's axis: the trace's own names, the axis' ticks, or numbers."""
    ticks = ticks_of(trace, layout, letter)
    own = listed(trace.get(letter)) or list(range(count))
    return [words(ticks.get(one, one)) for one in own[:count]]


def words(text: object) -> str:
    """A text of a figure without the marks by which plotly shapes it."""
    return html.unescape(TAG.sub(" ", str(text).replace("<sup>", "^").replace("</sup>", ""))).strip()


def is_number(text: object) -> bool:
    """Whether a cell says nothing but a number."""
    try:
        float(str(text).replace("−", "-").replace(",", "").rstrip("%") or 0)
    except ValueError:
        return False
    return True


def axis_of(trace: Mapping, layout: Mapping, letter: str) -> Mapping:
    """The axis that a trace is drawn along; `x2` is the layout's `xaxis2`."""
    return layout.get(f"{letter}axis{str(trace.get(f'{letter}axis') or '')[1:]}") or {}


def axis_name(trace: Mapping, layout: Mapping, letter: str, unnamed: str = "") -> str:
    """The title of an axis; "name" if names stand there, else its letter."""
    title = words((axis_of(trace, layout, letter).get("title") or {}).get("text") or "")
    named = ticks_of(trace, layout, letter) or any(isinstance(one, str) for one in listed(trace.get(letter)))
    return title or unnamed or ("name" if named else letter)


def listed(values: object) -> list:
    """Values as a list; none for nothing."""
    return list(values) if is_list(values) else []


def is_list(values: object) -> bool:
    """Whether these are many values, not one for all."""
    return isinstance(values, Sequence | np.ndarray) and not isinstance(values, str | bytes)


def flat(values: Sequence) -> list:
    """One value a place: several as a line of text, text without its marks."""
    lines = [" ".join(map(str, one)) if is_list(one) else one for one in values]
    return [words(one) if isinstance(one, str) else one for one in lines]


def unique(names: Sequence[str]) -> list[str]:
    """Names for columns, which a table needs to be different: the second `the` is `the (2)`."""
    taken, seen = set(names), dict.fromkeys(names, 0)
    found = []
    for name in names:
        seen[name] += 1
        while seen[name] > 1 and f"{name} ({seen[name]})" in taken:  # a token may be written like that
            seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
