"""A page's numbers as one notebook cell: it runs against `core` and comes to the same numbers.

The end of each cell is a file of assets/cells/, plain Python that sets `numbers`. Above it stands what it
names of this moment: model, prompt, layer, head, token, edits, and the page's own controls by their keys.
"""

import ast
from functools import cache
from pathlib import Path

from views.bundled import BUNDLED, early_files, facts
from views.catalogue import UNTRAINED
from views.here import Here

CELLS = Path(__file__).parent.parent / "assets" / "cells"
PLAIN = (int, float, str, bool, type(None))


@cache
def body_of(page: str) -> str:
    """What a page computes; empty for a page without numbers of its own."""
    path = CELLS / f"{page}.py"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


@cache
def names_in(source: str) -> frozenset[str]:
    """The names that a piece of code reads."""
    nodes = ast.walk(ast.parse(source))
    return frozenset(n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def cell(page: str, here: Here, controls: dict[str, object]) -> str:
    """The whole cell for what is on the screen; empty if the page has none."""
    body = body_of(page)
    if not body:
        return ""
    wanted = names_in(body)
    lines = model_lines(here) if wanted & {"model", "tokenizer", "ids", "tap"} else []
    if "ids" in wanted:
        lines += [ids_line(here)]
    if "tap" in wanted:
        lines += tap_lines(here)
    known = of_this_moment(page, here, controls)
    lines += [f"{name} = {known[name]!r}" for name in sorted(wanted & known.keys())]
    title = f"# Glassbox, {page}: {here.model_name}".replace("\n", " ")
    return "\n".join([title, *imports_first([*lines, "", *body.splitlines()])])


def imports_first(lines: list[str]) -> list[str]:
    """The same code with its imports at the top, each once."""
    imports = {line for line in lines if line.startswith(("import ", "from "))}
    rest = "\n".join(line for line in lines if line not in imports)
    return [*sorted(imports), "", rest.strip()]


def of_this_moment(page: str, here: Here, controls: dict[str, object]) -> dict[str, object]:
    """Values that a cell may name: where one looks, and the page's own controls."""
    own = {name: value for name, value in controls.items() if name.startswith(f"{page}_") and is_plain(value)}
    return own | {"prompt": here.prompt.text, "layer": here.layer, "head": here.head, "token": here.token}


def is_plain(value: object) -> bool:
    """Whether a value can be written down in code as it is."""
    if isinstance(value, list | tuple):
        return all(is_plain(one) for one in value)
    return isinstance(value, PLAIN)


def model_lines(here: Here) -> list[str]:
    """How `model` and `tokenizer` are read."""
    key = here.choice.key
    if key in (BUNDLED, UNTRAINED):
        return [
            *bundled_lines(0 if key == UNTRAINED else here.step),
            "from core.tokenizer import load_tokenizer",
            'tokenizer = load_tokenizer("glassbox")',
        ]
    lines = ["from runs import open_store", "store = open_store()"]
    if here.step is None:  # it was brought as one file
        return [
            *lines,
            f"model = store.brought().model({key!r})",
            f"tokenizer = store.brought().tokenizer({key!r})",
        ]
    return [*lines, f"model = store.model({key!r}, {here.step})", f"tokenizer = store.tokenizer({key!r})"]


def bundled_lines(step: int | None) -> list[str]:
    """The model that ships, at one of its steps."""
    folder = 'ASSETS / "models" /'
    if step in early_files():
        file = f"{folder} {early_files()[step].name!r}"
        return [
            "from core.int8 import load_int8",
            "from core.tokenizer import ASSETS",
            f"model = load_int8({file})",
        ]
    lines = [
        "from core.tokenizer import ASSETS",
        "from core.weights import load_model",
        f'model = load_model({folder} "{BUNDLED}.safetensors")',
    ]
    if step == 0:
        seed = facts("recipe")["recipe"]["seed"]
        lines += [
            "from core.gpt import build_model",
            f"model = build_model(model.config, {seed})  # untrained",
        ]
    return lines


def ids_line(here: Here) -> str:
    """The ids of the prompt as the model reads them: written out where encoding alone does not give them."""
    text, ids = here.prompt.text, list(here.prompt.ids)
    return f"ids = tokenizer.encode({text!r})" if here.tokenizer.encode(text) == ids else f"ids = {ids}"


def tap_lines(here: Here) -> list[str]:
    """The changes that were made by hand, as a tap."""
    if not here.edits:
        return ["from core.trace import no_tap as tap"]
    other = f"stream_of(model, torch.tensor({list(here.other)}))" if here.other else "None"
    return [
        "import torch",
        "from core.interventions import Edit, intervene, stream_of",
        f"tap = intervene(model, {list(here.edits)!r}, {other})",
    ]
