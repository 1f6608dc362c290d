"""How a component gets from `assets/components/` into the page, and how a click gets back out, checked."""

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import streamlit as st

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components"
RAW_LIMIT = 64_000  # bytes of picture data in one message: base64 makes 85 KB of it, script and style add 15

Picked = TypeVar("Picked")


class Piece(Protocol):
    """One token of a text, as `Tokenizer.pieces` gives it; `text` has U+FFFD for a part of a character."""

    id: int
    bytes: bytes
    text: str
    start: int
    end: int


@cache
def renderer(name: str, html: str) -> Callable[..., Mapping[str, Any]]:
    """Register a component once per process; its script and style travel inside its message."""
    js, css = (
        "\n".join((ASSETS / f"{part}.{kind}").read_text(encoding="utf-8") for part in ("base", name))
        for kind in ("js", "css")
    )
    return st.components.v2.component(f"glassbox_{name}", html=html, js=js, css=css)


def mount(
    name: str,
    data: dict[str, Any],
    *,
    html: str,
    key: str,
    check: Callable[[object], Picked | None],
    on_pick: Callable[[Picked], None] | None,
) -> Picked | None:
    """Show the component; return what was clicked just before this run, None for nothing or nonsense.

    A click is a trigger, not a state: nothing is remembered, so the server's `picked` always wins. `on_pick`
    runs before the next script run, in time to set the session state of widgets made there.
    """

    def on_click() -> None:
        picked = clicked(st.session_state.get(key), check)
        if picked is not None and on_pick is not None:
            on_pick(picked)

    return clicked(renderer(name, html)(data=data, key=key, on_picked_change=on_click), check)


def clicked(sent: object, check: Callable[[object], Picked | None]) -> Picked | None:
    """What the browser sent as `picked`, if that can be picked; a websocket may send anything."""
    return check(sent.get("picked")) if isinstance(sent, Mapping) else None


def index_below(count: int) -> Callable[[object], int | None]:
    """A check that lets through whole numbers 0 .. count - 1 and turns everything else into None."""

    def check(value: object) -> int | None:
        return value if type(value) is int and 0 <= value < count else None  # a bool is not an index

    return check


def cell_below(rows: int, columns: int) -> Callable[[object], tuple[int, int] | None]:
    """A check that lets through [row, column] within the grid and turns everything else into None."""
    row_check, column_check = index_below(rows), index_below(columns)

    def check(value: object) -> tuple[int, int] | None:
        if not isinstance(value, list | tuple) or len(value) != 2:
            return None
        row, column = row_check(value[0]), column_check(value[1])
        return None if row is None or column is None else (row, column)

    return check


def names_of(pieces: Sequence[Piece]) -> dict[str, Any]:
    """What the browser writes for tokens: their texts, and the bytes in hex of parts of a character."""
    parts = {i: p.bytes.hex(" ") for i, p in enumerate(pieces) if "\ufffd" in p.text and is_part(p.bytes)}
    return {"texts": [piece.text for piece in pieces], "hexes": parts}


def is_part(raw: bytes) -> bool:
    """Whether these bytes are not text by themselves (a token may end in the middle of a character)."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def base64_of(array: np.ndarray) -> str:
    """The array's little-endian bytes as ASCII, 4 characters for 3 bytes."""
    return base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode("ascii")
