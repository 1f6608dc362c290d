"""The code behind a picture: the real source, what matters in it lit, the shapes of this moment beside it."""

import inspect
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import streamlit as st

from views.components.source import Line, coloured, source
from views.here import Here
from views.lessons import furniture

LIT = Path(__file__).parent.parent / "assets" / "lessons" / "lit.toml"
SHAPE = re.compile(r"(?<!\+ )\(([^()]*)\)")  # but not `+ (T, C)`, which tells what is added
SIDE = re.compile(r"(\d*)([A-Z][qk]?)(?:\s*([+/])\s*(\d+))?|(\d+)")  # as 4C, T + 1, D / 2, 1


def name_of(function: Callable) -> str:
    """Where a function stands: module and name."""
    return f"{function.__module__}.{function.__qualname__}"


@cache
def told() -> dict[str, dict]:
    """What is known of the functions that pages show: the lines that matter, the letters of their shapes."""
    return tomllib.loads(LIT.read_text(encoding="utf-8"))


def lit() -> dict[str, list[str]]:
    """For each function that a page shows, what stands in the lines that matter."""
    return told()["lit"]


def letters_of(function: Callable, letters: Mapping[str, int]) -> dict[str, int]:
    """The letters that mean this moment in a function: none, if it ran on anything else."""
    own = told()["shapes"].get(name_of(function), "").split()
    return {letter: letters[letter] for letter in own if letter in letters}


def sizes(here: Here) -> dict[str, int]:
    """The letters of the shape comments, as numbers of this moment; none for the tokens of no text."""
    config, tokens = here.config, len(here.prompt.ids)
    found = {
        "B": 1,
        "T": tokens,
        "Tq": tokens,
        "Tk": tokens,
        "C": config.emb_dim,
        "H": config.n_heads,
        "D": config.head_dim,
        "L": config.n_layers,
        "V": config.vocab_size,
        "U": config.hidden_dim,
    }
    return {letter: size for letter, size in found.items() if size}


def shapes_in(comment: str, letters: Mapping[str, int]) -> str:
    """The shapes that a comment names, in numbers: `# (B, T, C)` is `(1, 21, 192)`."""
    found = [numbers_of(inner, letters) for inner in SHAPE.findall(comment)] if letters else []
    return " → ".join(shape for shape in found if shape)


def numbers_of(inner: str, letters: Mapping[str, int]) -> str:
    """What stands in the brackets of a shape, in numbers; nothing if that is no shape."""
    sides = [side.strip() for side in inner.split(",") if side.strip()]
    read = [SIDE.fullmatch(side) for side in sides]
    known = all(one and (one[5] or one[2] in letters) for one in read)
    if not known or not any(one[2] for one in read):
        return ""
    return f"({', '.join(str(side_of(one, letters)) for one in read)}{',' * (len(sides) == 1)})"


def side_of(read: re.Match, letters: Mapping[str, int]) -> int:
    """One side of a shape, as a number."""
    times, letter, sign, by, number = read.groups()
    if number:
        return int(number)
    value = int(times or 1) * letters[letter]
    return value + int(by) if sign == "+" else value // int(by) if sign == "/" else value


def lines_of(function: Callable, letters: Mapping[str, int]) -> list[Line]:
    """The source of a function, ready to be shown."""
    code = source_of(function)
    marks, letters = lit().get(name_of(function), []), letters_of(function, letters)
    rows = zip(code.splitlines(), coloured(code), strict=True)
    return [
        Line(spans, any(m in line for m in marks), shapes_in(comment_of(spans), letters))
        for line, spans in rows
    ]


def source_of(function: Callable) -> str:
    """The source as it stands in its file, moved to the left edge; texts over several lines move with it."""
    code = inspect.getsource(function)
    indent = len(code) - len(code.lstrip(" "))
    return re.sub(f"^ {{{indent}}}", "", code, flags=re.MULTILINE) if indent else code


def comment_of(spans: Sequence[tuple[str, str]]) -> str:
    """The comment of a line; a # inside a text is none."""
    return "".join(text for kind, text in spans if kind == "comment")


@st.fragment
def code_lens(functions: tuple[Callable, ...], here: Here, cell: Callable[[], str], label: str) -> None:
    """The sources of some functions and, to copy, the cell that computes the page's numbers."""
    folder = st.expander(label, icon=":material/code:", key="code_lens", on_change="rerun")
    if not folder.open:
        return
    with folder:
        letters = sizes(here)
        for function in functions:
            st.caption(f"`{name_of(function)}`")
            source(lines_of(function, letters), key=f"source_{name_of(function)}", label=name_of(function))
        if written := cell():
            st.markdown(furniture()["cell"])
            st.code(written)
