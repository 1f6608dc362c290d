"""Pictures that are lists of named things, as tables: the road, points of a map, runs, tensors."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.foreign import NameRow
from runs.brought import Fact
from views.bring_words import FIELDS, value_words
from views.components.road import Stop
from views.components.run_rows import RunRow
from views.figures.base import visible
from views.names import sizes
from views.tables.grid import listing


def road(stops: Sequence[Stop]) -> pd.DataFrame:
    """The stations with what they say now."""
    return listing(
        {
            "station": [stop.title for stop in stops],
            "value": [stop.number for stop in stops],
            "what it counts": [stop.unit for stop in stops],
            "more": [stop.detail for stop in stops],
        }
    )


def points(
    points: np.ndarray, names: Sequence[str], titles: Sequence[str], marked: Mapping[str, Sequence[int]]
) -> pd.DataFrame:
    """Named points (N, 3) in the directions that have a title; what is lit says why."""
    lit = {place: why for why, places in marked.items() for place in places}
    columns = {"name": [visible(name) for name in names]}
    columns |= {title: points[:, i] for i, title in enumerate(titles)}
    return listing(columns | {"lit": [lit.get(place, "") for place in range(len(names))]})


def nearest(names: Sequence[str], values: Sequence[float], by: str) -> pd.DataFrame:
    """What is nearest, with how near it is."""
    return listing({"name": [visible(name) for name in names], by: values})


def parts(found: Sequence[tuple[str, str, int]], layers: int) -> pd.DataFrame:
    """What a model is made of: each part, where it is, how many numbers it has, in one block and in all."""
    times = [layers if where == "block" else 1 for _, where, _ in found]
    counts = [count for *_, count in found]
    return listing(
        {
            "part": [name for name, *_ in found],
            "where": [where for _, where, _ in found],
            "numbers": counts,
            "times": times,
            "all together": [count * many for count, many in zip(counts, times, strict=True)],
        }
    )


def arrows(found: Mapping[str, tuple[float, float, float, float]]) -> pd.DataFrame:
    """Named arrows: angle and length, and the two numbers that say the same."""
    rows = list(found.values())
    columns = {title: [row[i] for row in rows] for i, title in enumerate(("angle (°)", "length", "x", "y"))}
    return listing({"arrow": list(found)} | columns)


def runs(rows: Sequence[RunRow]) -> pd.DataFrame:
    """The runs of a list in the words of their rows."""
    return listing(
        {
            "name": [row.name for row in rows],
            "trained": [row.said for row in rows],
            "state": [row.state for row in rows],
            "progress (%)": [row.progress for row in rows],
            "validation loss": [row.validation for row in rows],
            "training loss": [row.train.removeprefix("training ") for row in rows],
            "made": pd.to_datetime([row.created for row in rows], unit="s").round("s"),
            "marks": [", ".join(row.badges) for row in rows],
            "run": [row.id for row in rows],
        }
    )


def unshown(facts: Sequence[Fact]) -> pd.DataFrame:
    """Fields that no shape shows: value, who says it, and the loss of a sentence for each choice."""
    costs = [
        ", ".join(f"{value_words(fact.field, one)}: {loss:.3f}" for one, loss in fact.losses.items())
        for fact in facts
    ]
    return listing(
        {
            "field": [FIELDS[fact.field] for fact in facts],
            "value": [value_words(fact.field, fact.value) for fact in facts],
            "who says it": [fact.source for fact in facts],
            "what a short text costs, in nats a token": [cost or "not tried" for cost in costs],
        }
    )


def tensors(rows: Sequence[NameRow]) -> pd.DataFrame:
    """Each tensor of a file, what is done with it, and where it goes."""
    return listing(
        {
            "in the file": [row.theirs for row in rows],
            "its shape": [sizes(row.their_shape) for row in rows],
            "what is done": [row.how for row in rows],
            "in Glassbox": [row.ours for row in rows],
            "our shape": [sizes(row.our_shape) for row in rows],
        }
    )
