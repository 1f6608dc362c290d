"""The house stands: who may import whom, which room names what, and how long things may be."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("app", "pages", "views", "runs", "core")  # each may import those to its right
MAX_LINES = {"app": 60, "pages": 90, "views": 200, "runs": 200, "core": 250}
CORE_MAY_IMPORT = {"torch", "numpy", "tiktoken", "safetensors", "core"}
STREAMLIT_FREE = ("core", "runs", "views/figures")
FILES = [ROOT / "app.py"] * (ROOT / "app.py").exists() + sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    return name_of(path).removesuffix(".py").split("/")[0]


def within(path: Path, *folders: str) -> bool:
    return any(name_of(path) == folder or name_of(path).startswith(f"{folder}/") for folder in folders)


def imported_modules(source: str) -> set[str]:
    """The top names of all imports, also of those inside functions. A relative import counts as '.'."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." if node.level else (node.module or "").split(".")[0])
    return found


def function_lengths(source: str) -> Iterator[tuple[str, int]]:
    """Name and lines of every function, without its docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node) is not None:
                doc = node.body[0]
                length -= doc.end_lineno - doc.lineno + 1
            yield node.name, length


def names_used(source: str) -> set[str]:
    """Every name, attribute and text of a file, comments left out."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return names | {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_the_checks_see_what_they_look_for() -> None:
    body = '    import os.path\n    return st.session_state["query_params"]\n'
    source = 'def f(a,\n      b):\n    """Say\n    why."""\n' + body
    assert imported_modules("import a.b, c\nfrom d.e import f\nfrom . import g") == {"a", "c", "d", "."}
    assert imported_modules(source) == {"os"}
    assert list(function_lengths(source)) == [("f", 4)]
    assert {"session_state", "query_params"} <= names_used(source)
    assert any(room_of(path) == "core" for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_in_one_direction(path: Path) -> None:
    imported = imported_modules(path.read_text(encoding="utf-8"))
    backwards = set(ROOMS[: ROOMS.index(room_of(path))]) | {".", "tests", "bench"}
    assert not imported & backwards, f"{name_of(path)} imports {imported & backwards}"
    if room_of(path) == "core":
        strangers = imported - CORE_MAY_IMPORT - sys.stdlib_module_names
        strangers -= {"huggingface_hub"} if name_of(path) == "core/download.py" else set()
        strangers -= {"tokenizers"} if name_of(path) == "core/tokenizer_file.py" else set()
        assert not strangers, f"{name_of(path)} imports {strangers}"


@pytest.mark.parametrize("path", [p for p in FILES if within(p, *STREAMLIT_FREE)], ids=name_of)
def test_what_computes_and_what_draws_knows_no_streamlit(path: Path) -> None:
    forbidden = {"streamlit", "pandas"} if room_of(path) == "views" else {"streamlit", "plotly"}
    forbidden |= {"torch"} if within(path, "views/figures") else set()
    assert not imported_modules(path.read_text(encoding="utf-8")) & forbidden


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_is_too_long(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES[room_of(path)], f"{name_of(path)} has {lines} lines"


@pytest.mark.parametrize(
    ("words", "homes"),
    [
        (("session_state", "query_params"), ("views/state", "views/components")),
        (("cache_data", "cache_resource"), ("views/cache",)),
    ],
    ids=["state", "cache"],
)
def test_some_names_have_one_home(words: tuple[str, ...], homes: tuple[str, ...]) -> None:
    outside = [path for path in FILES if not within(path, *homes)]
    used = {name_of(path): names_used(path.read_text(encoding="utf-8")) & set(words) for path in outside}
    assert not {name: found for name, found in used.items() if found}


def test_functions_are_short() -> None:
    lengths = {
        f"{name_of(path)}:{name}": length
        for path in FILES
        if room_of(path) != "app"
        for name, length in function_lengths(path.read_text(encoding="utf-8"))
    }
    assert median(lengths.values()) <= 10
    assert quantiles(lengths.values(), n=10)[-1] <= 25
    assert not {name: length for name, length in lengths.items() if length > 45}


def test_no_store_is_opened_while_tests_are_collected() -> None:
    """It would be the user's own: the tests' own home is set by a fixture, which comes later."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        outside = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
        called = [node.func for top in outside for node in ast.walk(top) if isinstance(node, ast.Call)]
        names = {ast.unparse(function) for function in called}
        assert not {name for name in names if name.startswith("cache.")}, name_of(path)


def test_the_tokenizers_library_is_imported_only_once_a_file_needs_it() -> None:
    tree = ast.parse((ROOT / "core/tokenizer_file.py").read_text(encoding="utf-8"))
    at_start = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert "tokenizers" not in imported_modules("\n".join(ast.unparse(node) for node in at_start))
    assert "tokenizers" in imported_modules(ast.unparse(tree))
