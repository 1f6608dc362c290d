"""The source of a function as it stands in `core`: what matters lit, the shapes of this moment beside it."""

import builtins
import io
import keyword
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache

from views.components.mounting import index_below, mount

SOURCE_HTML = '<div class="gb source" role="region" tabindex="0"><div class="code"></div></div>'
KINDS = {tokenize.STRING: "string", tokenize.COMMENT: "comment", tokenize.NUMBER: "number"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of code, how it is coloured, whether it matters, and the shapes that it makes now."""

    spans: tuple[tuple[str, str], ...]  # kind and text
    lit: bool = False
    shape: str = ""


def source(lines: Sequence[Line], *, key: str, label: str) -> None:
    """Show lines of code, each with its shape at the end."""
    data = {"label": label, "lines": [asdict(line) for line in lines]}
    mount("source", data, html=SOURCE_HTML, key=key, check=index_below(0), on_pick=None)


@cache
def coloured(code: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Each line of Python as spans (kind, text); the spans of a line make the whole line."""
    lines = code.splitlines()
    rows: list[list[tuple[str, str]]] = [[] for _ in lines]
    done = [0] * len(lines)
    for kind, row, start, end in marked(code, lines):
        if start > done[row]:
            rows[row].append(("", lines[row][done[row] : start]))
        rows[row].append((kind, lines[row][start:end]))
        done[row] = end
    for row, line in enumerate(lines):
        if done[row] < len(line):
            rows[row].append(("", line[done[row] :]))
    return tuple(tuple(row) for row in rows)


def marked(code: str, lines: Sequence[str]) -> Iterator[tuple[str, int, int, int]]:
    """What has a colour: kind, row, start and end in the row. A text over several rows is one for each."""
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        kind = KINDS.get(token.type, "")
        if token.type == tokenize.NAME:
            kind = name_kind(token.string, before)
        if token.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
            before = token.string
        if not kind:
            continue
        for row in range(token.start[0] - 1, token.end[0]):
            start = token.start[1] if row == token.start[0] - 1 else 0
            end = token.end[1] if row == token.end[0] - 1 else len(lines[row])
            if end > start:
                yield kind, row, start, end


def name_kind(name: str, before: str) -> str:
    """How a name is coloured."""
    if before in ("def", "class"):
        return "name"
    if keyword.iskeyword(name):
        return "keyword"
    return "builtin" if name == "self" or (hasattr(builtins, name) and before != ".") else ""
