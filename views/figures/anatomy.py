"""What a model is made of: its learned numbers as areas, in the order of the forward pass."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from views.figures.base import blank
from views.phrases import count_of
from views.theme import Palette

GROUPS = {"start": "embeddings", "block": "blocks", "end": "output"}
ROOM = (640, 380)  # pixels that the areas have on a screen of 1024 x 768; a large one has more
LETTER, LINE = 8.2, 21  # pixels of a bold letter, and of a line
SMALLEST = 0.004  # of the picture: thinner parts are drawn so thin, or nobody would see them


@dataclass(frozen=True)
class Box:
    """One part of the picture, in shares of its width and height."""

    part: str
    name: str  # of this very box, for who points at it
    count: int
    x: float
    width: float
    y: float  # of the lower edge
    height: float


def colour_of(part: str, palette: Palette) -> str:
    """A part's own colour, in every picture."""
    return {
        "token embedding": palette.validation,
        "position embedding": palette.key,
        "attention": palette.query,
        "feed-forward": palette.value,
        "output layer": palette.categories[4],
    }.get(part, palette.residual)


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 else "#FFFFFF"


def short(count: float) -> str:
    """A count as people say it: 163.0 M."""
    for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.1f} {sign}"
    return f"{count:.0f}"


def boxes(parts: Sequence[tuple[str, str, int]], layers: int) -> list[Box]:
    """Each part as a box whose area is its share: embeddings left, the blocks in rows, the output right.

    parts: name, a key of GROUPS, and the count, in one block for a block's.
    """
    found, left = [], 0.0
    total = sum(count * (layers if where == "block" else 1) for _, where, count in parts)
    for where in GROUPS:
        own = [(name, count) for name, at, count in parts if at == where]
        rows = layers if where == "block" else 1
        width = sum(count for _, count in own) * rows / total
        if where == "block":
            found += [box for row in range(layers) for box in block_row(own, row, layers, left, width)]
        else:
            found += column(own, left, width)
        left += width
    return found


def column(parts: Sequence[tuple[str, int]], left: float, width: float) -> list[Box]:
    """Parts above each other, the first on top."""
    total, top, found = sum(count for _, count in parts), 1.0, []
    for name, count in parts:
        height = count / total
        found.append(Box(name, name, count, left, width, top - height, height))
        top -= height
    return found


def block_row(
    parts: Sequence[tuple[str, int]], row: int, layers: int, left: float, width: float
) -> list[Box]:
    """The parts of one block beside each other; block 0 is on top."""
    total, found = sum(count for _, count in parts), []
    for name, count in parts:
        share = width * count / total
        found.append(
            Box(name, f"block {row}: {name}", count, left, share, 1 - (row + 1) / layers, 1 / layers)
        )
        left += share
    return found


def mosaic(parts: Sequence[tuple[str, str, int]], layers: int, palette: Palette) -> go.Figure:
    """Every learned number of a model: areas are counts, left to right is the way through the model."""
    found = boxes(parts, layers)
    total = sum(box.count for box in found)
    figure = blank(palette, x="", y="", height=460, legend=True, left=8)
    for part in dict.fromkeys(box.part for box in found):
        own = [box for box in found if box.part == part]
        figure.add_bar(
            x=[box.x + box.width / 2 for box in own],
            width=[max(box.width, SMALLEST) for box in own],
            y=[box.height for box in own],
            base=[box.y for box in own],
            name=part,
            marker={"color": colour_of(part, palette), "line": {"color": palette.background, "width": 1.5}},
            customdata=[[box.name, f"{box.count:,}", f"{box.count / total:.1%}"] for box in own],
            hovertemplate="%{customdata[0]}: %{customdata[1]}, %{customdata[2]} of all<extra></extra>",
            text=[label(box, total) for box in own],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"size": 15, "color": ink_on(colour_of(part, palette))},
        )
    name_groups(figure, parts, layers, total)
    hidden = {"visible": False, "fixedrange": True}
    figure.update_xaxes(**hidden, range=[-0.002, 1.002])
    figure.update_yaxes(**hidden, range=[0, 1.12])
    figure.update_layout(barmode="overlay", bargap=0, legend={"y": -0.02, "yanchor": "top"})
    return figure


def label(box: Box, total: int) -> str:
    """What stands in a box, as far as there is room: name and count, on more lines in a narrow one."""
    lines = ROOM[1] * box.height / LINE
    if box.width < 0.09 or lines < 0.8:
        return ""
    words = [f"<b>{line}</b>" for line in fitted(box.part, box.width)]
    share = f"{short(box.count)}, {box.count / total:.0%}"
    counts = [share] if wide(share) <= box.width else [short(box.count)]
    if lines >= len(words) + len(counts):
        return "<br>".join(words + counts)
    one = f"{box.part} {short(box.count)}"
    return one if wide(one) <= box.width else counts[-1] if wide(counts[-1]) <= box.width else ""


def wide(text: str) -> float:
    """The share of the picture's width that a text takes on a small screen."""
    return LETTER * (len(text) + 1) / ROOM[0]


def fitted(name: str, width: float) -> list[str]:
    """A name on one line, or a line for each of its words."""
    return [name] if wide(name) <= width else name.split()


def name_groups(figure: go.Figure, parts: Sequence[tuple[str, str, int]], layers: int, total: int) -> None:
    """What stands above each column, with its share."""
    left = 0.0
    for where, name in GROUPS.items():
        rows = layers if where == "block" else 1
        count = sum(number for _, at, number in parts if at == where) * rows
        share = count / total
        middle, left = left + share / 2, left + share
        if share < 0.01:
            continue
        anchor = "left" if where == "start" else "right" if middle > 0.85 else "center"
        x = {"left": 0.0, "right": 1.0}.get(anchor, middle)
        several = count_of(layers, "block") if where == "block" else name
        text = f"<b>{several}</b><br>{short(count)}, {share:.0%}"
        figure.add_annotation(
            x=x, y=1.01, text=text, xanchor=anchor, yanchor="bottom", align=anchor, showarrow=False
        )
