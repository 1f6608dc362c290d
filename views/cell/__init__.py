"""A page's numbers as one notebook cell: it runs against `core` and comes to the same numbers.

The end of each cell is a file of assets/cells/, plain Python that sets `numbers`; a view of a page may have
one of its own, in the page's folder. Above it stands what it names of this moment (views/cell/prologue.py).
The page's controls stand in the file by their keys, each with the value that counts as long as the control
was never made.
"""

import ast
import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from core.config import GPTConfig
from views.cell.prologue import lines_for
from views.here import Here

CELLS = Path(__file__).parents[2] / "assets" / "cells"
WHERE = "# Start Jupyter in the folder of Glassbox, or run `pip install -e .` there once."
OWN = ("from core", "from runs")
PLAIN = (int, float, str, bool, GPTConfig)


@cache
def bodies() -> dict[str, str]:
    """The ends of all cells, by page, or by page and view: `sampling`, `sampling/cache`."""
    found = {path.relative_to(CELLS).with_suffix("").as_posix(): path for path in sorted(CELLS.rglob("*.py"))}
    return {name: path.read_text(encoding="utf-8").strip() for name, path in found.items()}


def body_of(page: str, view: object = None) -> str:
    """What a page computes in one of its views; empty for a page without numbers of its own."""
    return bodies().get(f"{page}/{file_name(view)}") or bodies().get(page, "")


def file_name(view: object) -> str:
    """A view's label as the name of a file: `What temperature divides` is what_temperature_divides."""
    return re.sub(r"[^a-z0-9]+", "_", str(view).lower()).strip("_")


@cache
def names_in(source: str) -> frozenset[str]:
    """The names that a piece of code reads and does not set itself."""
    names = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    read, own = ({n.id for n in names if isinstance(n.ctx, kind)} for kind in (ast.Load, ast.Store))
    return frozenset(read - own)


def cell(page: str, here: Here, controls: Mapping[str, object]) -> str:
    """The whole cell for what is on the screen; empty if the page has none."""
    body = body_of(page, controls.get(f"{page}_view"))
    if not body:
        return ""
    title = "".join(sign if sign.isprintable() else " " for sign in f"Glassbox, {page}: {here.model_name}")
    lines = [*lines_for(names_in(body), here, controls), "", *with_controls(page, body, controls)]
    return "\n".join([f"# {title}", WHERE, *imports_first(lines)])


def imports_first(lines: list[str]) -> list[str]:
    """The same code with its imports at the top, each once: those of others, then Glassbox's own."""
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    named: dict[str, set[str]] = {}
    for line in imports:
        module, _, names = line.removeprefix("from ").partition(" import ")
        named.setdefault(module, set()).update(filter(None, names.split(", ")))
    written = [
        f"from {module} import {', '.join(sorted(names))}" if names else module
        for module, names in sorted(named.items())
    ]
    own = [line for line in written if line.startswith(OWN)]
    rest = "\n".join(line for line in lines if line not in imports)
    parts = ["\n".join(line for line in written if line not in own), "\n".join(own)]
    return [f"{part}\n" for part in parts if part] + [re.sub(r"\n{3,}", "\n\n", rest).strip()]


def with_controls(page: str, body: str, controls: Mapping[str, object]) -> list[str]:
    """The lines of a body, its values of the page's controls replaced by those of this moment."""
    lines = []
    for line in body.splitlines():
        name, equals, _ = line.partition(" = ")
        value = controls.get(name, controls.get(f"note_{name}")) if name.startswith(f"{page}_") else None
        is_set = bool(equals) and is_plain(value)
        lines += ["from core.config import GPTConfig"] if is_set and isinstance(value, GPTConfig) else []
        lines.append(f"{name} = {value!r}" if is_set else line)
    return lines


def is_plain(value: object) -> bool:
    """Whether a value can be written down in code as it is."""
    if type(value) in (list, tuple):
        return all(is_plain(one) for one in value)
    return type(value) in PLAIN and (type(value) is not float or math.isfinite(value))
