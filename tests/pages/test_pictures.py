"""Under every picture of every page stands its menu, and the menu has its numbers."""

import ast
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from streamlit.runtime.state.common import TESTING_KEY
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from tests.pages.conftest import FILES, ROOT, open_page
from tests.runs.tiny import RECIPE, wait_for_state, with_train
from views import cache
from views.embeddings import words
from views.road import ROAD

NO_PICTURES = {
    "emblem": "where one is: the drawing of Home as a way to the other pages",
    "history": "sets the browser's Back button, shows nothing",
    "save": "buttons of the menu itself",
    "source": "code, with a button of its own to copy it",
}
EXCEPT = {
    "embeddings_chips": "the prompt as buttons, to choose a token: its table is on Tokenizer",
    "layer_norm_chips": "the prompt as buttons, to choose a token: its table is on Tokenizer",
}
PAGES = {station.path or "home": station.file for stations in ROAD.values() for station in stations}
MOST_ROWS = 5000


def elements(block: Block) -> Iterator:
    """All that stands on a page."""
    for child in block.children.values():
        yield child
        if isinstance(child, Block):
            yield from elements(child)


def pictures(page: AppTest) -> dict[str, str]:
    """The key of each picture on a page, and what draws it."""
    found = {}
    for element in elements(page.main):
        proto = getattr(element, "proto", None)
        if element.type == "plotly_chart":
            found[proto.id.rsplit("-", 1)[1]] = "plotly"
        elif element.type == "bidi_component":
            kind = proto.component_name.removeprefix("glassbox_")
            found |= {} if kind in NO_PICTURES else {proto.id.rsplit("-", 1)[1]: kind}
    return {key: kind for key, kind in found.items() if key not in EXCEPT}


def menus(page: AppTest) -> set[str]:
    """The pictures that have a menu."""
    keys = [block.key or "" for block in elements(page.main) if block.type == "popover"]
    return {key.removesuffix("_tools") for key in keys if key.endswith("_tools")}


def choices(page: AppTest) -> list[tuple[str, str]]:
    """Every way to look at a page that can be chosen above a picture, by its word."""
    groups = [group for group in page.get("button_group") if group.key and not group.key.startswith("card_")]
    return [(group.key, option) for group in groups for option in group.options]


def choose(page: AppTest, key: str, option: str) -> AppTest:
    """Choose one, by the word that stands there."""
    group = page.button_group(key=key)
    page.session_state[TESTING_KEY][group.id] = str  # the word is not made of a value here
    return group.set_value(option).run()


def every_look(file: str, **state: object) -> Iterator[AppTest]:
    """A page in each of its views, and in what can be chosen within each."""
    page = open_page(file, **state)
    yield page
    views = [one for one in choices(page) if one[0].endswith("_view")]
    for view in views or [()]:
        if view:
            yield choose(page, *view)
        for key, option in choices(page):
            if (key, option) not in views and key in {one for one, _ in choices(page)}:
                yield choose(page, key, option)


def check(page: AppTest) -> dict[str, str]:
    """All pictures that are on a page now have their menus."""
    assert not page.exception
    found = pictures(page)
    assert set(found) <= menus(page), f"no menu: { ({key: found[key] for key in set(found) - menus(page)}) }"
    return found


def opened(found: dict[str, str]) -> dict[str, bool]:
    """The state in which these pictures' menus are open."""
    return {f"{key}_tools": True for key in found}


def check_tables(page: AppTest) -> None:
    """Every open menu holds a table that has rows, and no more than a browser scrolls."""
    popovers = [block for block in elements(page.main) if block.type == "popover"]
    shown = [menu for menu in popovers if (menu.key or "").endswith("_tools") and menu.proto.popover.open]
    assert len(shown) == len(check(page))
    for menu in shown:
        [table] = [element.value for element in elements(menu) if element.type == "dataframe"]
        assert 0 < len(table) <= MOST_ROWS, menu.key
        assert table.shape[1] > 1, menu.key
        assert table.columns.is_unique, menu.key


@pytest.mark.parametrize("file", FILES)
def test_each_picture_has_its_menu_and_the_menu_its_numbers(file: str):
    found: dict[str, str] = {}
    for page in every_look(file):
        found |= check(page)
    assert found or file == "pages/start/home.py"
    for page in every_look(file, **opened(found)):
        check_tables(page)


@pytest.mark.parametrize("prompt", ["a", "吾輩は猫である", "=1+1 | \u202etfel\u202c"])
@pytest.mark.parametrize("file", FILES)
def test_any_prompt_has_its_tables(file: str, prompt: str):
    page = open_page(file, prompt=prompt)
    check_tables(open_page(file, prompt=prompt, **opened(check(page))))


def test_nothing_is_computed_for_a_menu_that_is_closed():
    def closed() -> None:
        import streamlit as st

        from views.picture import below

        st.text("above")
        below("some", lambda: 1 / 0, "below")

    page = AppTest.from_function(closed).run()
    assert not page.exception
    assert page.caption[0].value == "below"
    page.session_state["some_tools"] = True
    assert page.run().exception


def test_words_have_their_map_and_what_is_near():
    state = {"embeddings_view": "who is near whom", "embeddings_table": words.LABEL}
    found = check(open_page(PAGES["embeddings"], **state))
    assert set(found) == {"embeddings_word_map", "embeddings_word_near"}
    check_tables(open_page(PAGES["embeddings"], **state, **opened(found)))


def test_a_run_has_the_tables_of_its_pictures():
    owner = uuid4().hex
    run_id = cache.store().start(with_train(RECIPE, steps=20), owner)
    wait_for_state(cache.store(), run_id, "done")
    cache.forget_lists()
    state = {"model": run_id, "owner": owner}
    for file, kinds in (
        (PAGES["runs"], {"run_rows", "plotly"}),
        (PAGES["pretraining"], {"surprise", "plotly"}),
    ):
        found = check(open_page(file, **state))
        assert set(found.values()) == kinds
        check_tables(open_page(file, **state, **opened(found)))


def calls(path: Path, names: set[str]) -> list[ast.Call]:
    """Where a file calls one of these functions."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.Call) and called(node) in names]


def called(node: ast.Call) -> str:
    """The last part of what is called."""
    return ast.unparse(node.func).rsplit(".", 1)[-1]


DRAWN_BY = {"head_grid", "head_view", "matrix", "window_view"}  # where they are not called as their file is
COMPONENTS = (
    DRAWN_BY
    | {path.stem for path in (ROOT / "views/components").glob("*.py") if path.stem not in NO_PICTURES}
    - {"__init__", "heads", "mounting", "one_head", "tokens", "windows"}
    | {"token_chips", "arcs"}
)
DRAWING = [
    path
    for room in ("views", "pages")
    for path in (ROOT / room).rglob("*.py")
    if "components" not in path.parts and "tables" not in path.parts and calls(path, COMPONENTS)
]


@pytest.mark.parametrize("path", DRAWING, ids=lambda path: path.stem)
def test_who_draws_a_picture_puts_its_menu_below(path: Path):
    keys = [
        keyword.value for call in calls(path, COMPONENTS) for keyword in call.keywords if keyword.arg == "key"
    ]
    below = {ast.unparse(call.args[0]) for call in calls(path, {"below"})}
    wanted = {ast.unparse(key) for key in keys} - {repr(key) for key in EXCEPT}
    assert wanted <= below, f"no menu: {wanted - below}"


def test_all_components_are_looked_for():
    assert {"cloud", "lens", "surprise", "road", "run_rows", "strips", "name_table"} <= COMPONENTS
    assert len(DRAWING) > 15
