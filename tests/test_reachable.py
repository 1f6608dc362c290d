"""The code that a page shows is the code that runs: whatever is defined is reached from the app itself."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("core", "runs", "views", "pages", "assets/cells")
FILES = [ROOT / "app.py", *sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
SHOWN = tomllib.loads((ROOT / "assets/lessons/lit.toml").read_text(encoding="utf-8"))["lit"]
OVERRIDDEN = {"forward", "reset_parameters", "find_class", "redirect_request"}  # called by a library
NOT_CALLED_HERE = {
    "book_state",  # notebooks import it, to go on with the book's own class
    *("is_teacher", "is_teachers", "stop_run", "clear_queue"),  # a teacher's page is still to come
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def names_in(nodes: list[ast.AST], listed: frozenset[str]) -> Iterator[str]:
    """All names that some code uses; not inside of functions and methods, which run only if they are called.

    `listed` are names of which a list proves nothing: a page lists the functions that it shows.
    """
    while nodes:
        node = nodes.pop()
        name = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "value", None)
        if isinstance(name, str):  # a name, an attribute, a text that may be one
            yield name
        nodes += parts_that_run(node, listed)


def parts_that_run(node: ast.AST, listed: frozenset[str]) -> list[ast.AST]:
    """The parts of some code that run with it."""
    parts = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Import | ast.ImportFrom):
        return []
    if isinstance(node, FUNCTIONS):
        return [part for part in parts if part not in node.body]
    if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Tuple):
        return [*(part for part in parts if part is not node.iter), *node.iter.elts]  # each in its turn
    if isinstance(node, ast.Tuple | ast.Dict) or is_lens(node):
        return [part for part in parts if root_of(part) not in listed]
    return parts


def is_lens(node: ast.AST) -> bool:
    """Whether this shows code."""
    return isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "show_code"


def root_of(node: ast.AST) -> str | None:
    """`Class` of Class.method; None for what is no name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def imported_from_below(tree: ast.Module) -> frozenset[str]:
    """What a page or a view has from core and runs."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    below = [node for node in found if node.module.split(".")[0] in ("core", "runs")]
    return frozenset(alias.asname or alias.name for node in below for alias in node.names)


def runs_with(definition: Definition) -> list[ast.AST]:
    """What may run once something is named: its body, of a class with what Python calls by itself."""
    if isinstance(definition, FUNCTIONS):
        return list(definition.body)
    methods = [part for part in definition.body if isinstance(part, FUNCTIONS)]
    called = [one for one in methods if one.name.startswith("__") or one.name in OVERRIDDEN]
    return [definition, *(part for method in called for part in method.body)]


def definitions(nodes: list[ast.AST]) -> Iterator[Definition]:
    """Functions, classes and methods, those inside of others too."""
    return (node for top in nodes for node in ast.walk(top) if isinstance(node, (*FUNCTIONS, ast.ClassDef)))


def reached_in(sources: dict[str, str]) -> set[str]:
    """All names that are reached in some files, from what runs when they are imported."""
    used: dict[str, set[str]] = {}
    waiting: list[str] = []
    for place, source in sources.items():
        tree = ast.parse(source)
        listed = imported_from_below(tree) if place.startswith(("pages/", "views/")) else frozenset()
        waiting += names_in([tree], listed)
        for one in definitions([tree]):
            used.setdefault(one.name, set()).update(names_in(runs_with(one), listed))
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += used.get(name, ())
    return reached


@cache
def reached() -> set[str]:
    return reached_in({path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES})


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("from core.a import one\nui.show_code(one)", False),
        ("from core.a import one\ncode = (one,)\nui.show_code(*code)", False),
        ("from core.a import one\nVIEWS = {'a': ('A', (one,))}", False),
        ("from core.a import one\ndraw(one(3))\nui.show_code(one)", True),
        ("from core.a import one\ndraw(map(one, x))", True),
        ("from core.a import one\nfor way in (one, x):\n    way()", True),
        ("from core.a import two\ntwo()", True),
        ("from core.a import two\ndef draw():\n    two()", False),
        ("from core.a import two\ndef draw():\n    two()\ndraw()", True),
        ("from core.a import Three\nui.show_code(Three.method)", False),
        ("from core.a import Three\nThree()", True),
    ],
)
def test_the_check_knows_what_is_shown_from_what_runs(page: str, found: bool):
    core = (
        "def one(): pass\ndef two(): one()\nclass Three:\n    def __init__(self): self.method()\n"
        "    def method(self): one()"
    )
    assert ("one" in reached_in({"core/a.py": core, "pages/b.py": page})) == found


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_page_shows_is_what_runs(name: str):
    *_, function = name.split(".")
    assert function in reached() | OVERRIDDEN


def test_nothing_is_there_for_tests_alone():
    trees = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in FILES]
    names = {one.name: path.name for path, tree in trees for one in definitions([tree])}
    special = {name for name in names if name.startswith("__")} | OVERRIDDEN | NOT_CALLED_HERE
    assert not {name: names[name] for name in names.keys() - reached() - special}
