"""Each page's notebook cell runs by itself, and comes to the numbers that stand on the page."""

from pathlib import Path

import pytest

from tests.pages.conftest import FILES, open_page
from views import ui
from views.cell import CELLS, imports_first
from views.text import shown

HAVE_CELLS = [file for file in FILES if (CELLS / Path(file).name).exists()]
EDITED = {"edits": "h0.0,m2", "layer": 1, "head": 2, "token": 5}


def told_and_computed(file: str, monkeypatch: pytest.MonkeyPatch, **state: object) -> tuple[dict, dict]:
    """The numbers that a page fills into its lesson, and those that its cell ends with."""
    told: dict[str, object] = {}
    monkeypatch.setattr(ui, "explain", lambda page, **numbers: told.update(numbers))
    written: list[str] = []
    monkeypatch.setattr(ui, "code_lens", lambda functions, here, cell, label: written.append(cell()))
    page = open_page(file, **state)
    assert not page.exception
    (code,) = written
    scope: dict[str, object] = {}
    exec(code, scope)
    return told, scope["numbers"]


def same(one: object, other: object) -> bool:
    """Whether two numbers are equal to 1e-5, or two words alike."""
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return one == pytest.approx(other, rel=1e-5, abs=1e-5) if numbers else shown(one) == shown(other)


@pytest.mark.parametrize("state", [{}, EDITED], ids=["as it opens", "edited"])
@pytest.mark.parametrize("file", HAVE_CELLS)
def test_the_cell_comes_to_the_page_s_numbers(file: str, state: dict, monkeypatch: pytest.MonkeyPatch):
    told, computed = told_and_computed(file, monkeypatch, **state)
    assert computed
    assert computed.keys() <= told.keys()
    assert not {name: (told[name], value) for name, value in computed.items() if not same(told[name], value)}


def test_imports_stand_at_the_top_once():
    lines = imports_first(["from b import c", "x = 1", "import a", "from b import c", "y = 2"])
    assert lines == ["from b import c", "import a", "", "x = 1\ny = 2"]


def test_every_cell_belongs_to_a_page():
    assert {path.name for path in CELLS.glob("*.py")} <= {Path(file).name for file in FILES}
