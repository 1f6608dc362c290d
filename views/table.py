"""The numbers of a figure as a table: what the picture shows, to read, to copy, to take away."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

MOST_ROWS = 5000  # of one table: a browser still scrolls it
READ = ("name", "x", "y", "z", "text", "labels", "parents", "values", "xaxis", "yaxis")  # of a trace


def table_of(figure: go.Figure) -> pd.DataFrame:
    """All traces of a figure, one below the other; columns are called as the axes are."""
    layout = figure.layout.to_plotly_json()
    traces = [{name: trace[name] for name in READ if name in trace} for trace in figure.data]
    parts = [part for trace in traces if len(part := part_of(trace, layout))]
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True).head(MOST_ROWS)
    named = len(parts) > 1 and any(trace.get("name") for trace in traces)
    return table if named else table.drop(columns="series", errors="ignore")


def part_of(trace: Mapping, layout: Mapping) -> pd.DataFrame:
    """One trace: a matrix as it stands, anything else as columns of one length."""
    if trace.get("z") is not None:
        return matrix_of(trace, layout)
    x, y = (axis_name(trace, layout, letter) for letter in "xy")
    columns = {x: trace.get("x"), y if y != x else f"{y} (y)": trace.get("y"), "text": trace.get("text")}
    columns |= {name: trace.get(name) for name in ("labels", "parents", "values")}
    found = {name: flat(values) for name, values in columns.items() if is_list(values)}
    longest = max((len(values) for values in found.values()), default=0)
    same = {name: values for name, values in found.items() if len(values) == longest}
    return pd.DataFrame({"series": trace.get("name") or ""} | same) if same else pd.DataFrame()


def matrix_of(trace: Mapping, layout: Mapping) -> pd.DataFrame:
    """A heatmap: a row for each of its rows."""
    cells = np.asarray(trace["z"], dtype=object)
    rows = names_along(trace, layout, "y", cells.shape[0])
    columns = names_along(trace, layout, "x", cells.shape[1])
    table = pd.DataFrame(cells, columns=unique(columns))
    table.insert(0, axis_name(trace, layout, "y") or "row", rows)
    return table


def names_along(trace: Mapping, layout: Mapping, letter: str, count: int) -> list[str]:
    """What stands at a heatmap's axis: the trace's own names, the axis' ticks, or numbers."""
    axis = axis_of(trace, layout, letter)
    ticks = dict(zip(listed(axis.get("tickvals")), listed(axis.get("ticktext")), strict=False))
    own = listed(trace.get(letter)) or list(range(count))
    return [str(ticks.get(one, one)) for one in own[:count]]


def axis_of(trace: Mapping, layout: Mapping, letter: str) -> Mapping:
    """The axis that a trace is drawn along; `x2` is the layout's `xaxis2`."""
    return layout.get(f"{letter}axis{str(trace.get(f'{letter}axis') or '')[1:]}") or {}


def axis_name(trace: Mapping, layout: Mapping, letter: str) -> str:
    """The title of an axis, else its letter."""
    return (axis_of(trace, layout, letter).get("title") or {}).get("text") or letter


def listed(values: object) -> list:
    """Values as a list; none for nothing."""
    return list(values) if is_list(values) else []


def is_list(values: object) -> bool:
    """Whether these are many values, not one for all."""
    return isinstance(values, Sequence | np.ndarray) and not isinstance(values, str | bytes)


def flat(values: Sequence) -> list:
    """One value a place: what holds several, as lines of text."""
    return [" ".join(map(str, one)) if is_list(one) else one for one in values]


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
