"""The controls of a page, as they stand there: found, moved, and moved back, with keyboard and mouse."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

KINDS = {  # what Streamlit calls them
    "stSlider": "slider",
    "stCheckbox": "switch",
    "stButtonGroup": "choice",
    "stSelectbox": "list",
    "stMultiSelect": "several",
    "stNumberInput": "number",
    "stTextInput": "text",
    "stTextArea": "text",
    "stButton": "button",
    "stDataFrame": "cells",
    "stFileUploader": "file",
}
FIND = """kinds => [...document.querySelectorAll('[data-testid="stMain"] [data-testid]')].flatMap(one => {
    const kind = kinds[one.dataset.testid]
    if (!kind || one.closest('.st-key-code_lens, [class*="st-key-card_"], .st-key-present_bar')) return []
    const keyed = one.closest('[class*="st-key-"]')?.classList ?? []
    const key = [...keyed].find(name => name.startsWith("st-key-"))?.replace("st-key-", "") ?? one.innerText
    if (kind === "cells" && !keyed.length) return [] // a table that is only read
    const off = one.querySelector("input, button")?.disabled ?? false
    const shown = one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
    return /_try_[0-9]+$/.test(key) ? [] : [[key, kind, shown && !off]]
})"""
PRESSES = 3  # of an arrow key
MOST = 40  # things in a list


@dataclass(frozen=True)
class Control:
    """One control of the main column."""

    key: str
    kind: str
    usable: bool  # seen, and not greyed out

    def on(self, page: Page) -> Locator:
        """Where it is."""
        return page.get_by_test_id("stMain").locator(f".st-key-{self.key}").first


@dataclass(frozen=True)
class Move:
    """One thing that a person does to a control, and how it is taken back, if it can be."""

    name: str
    do: Callable[[], None]
    undo: Callable[[], None] | None = None


def controls_of(page: Page) -> list[Control]:
    """All of them but Try, code, cards and the numbers below a picture, in the order in which they stand."""
    return [Control(*found) for found in page.evaluate(FIND, KINDS)]


def moves(page: Page, control: Control, words: dict[str, str]) -> Iterator[Move]:
    """All that is done to one control; `words` says what is written into which field."""
    place = control.on(page)
    if control.kind == "choice":
        yield from chosen(place)
    elif control.kind == "text":
        yield written(place.locator("input, textarea"), words[control.key])
    else:
        yield ONE[control.kind](place)


def slid(place: Locator) -> Move:
    """Some places to the right; to the left where there is no more room."""
    bar = place.locator("input[type=range]").first
    low, high, now, step = (float(bar.get_attribute(name)) for name in ("min", "max", "value", "step"))
    room = round((high - now) / step)
    there, back = ("ArrowRight", "ArrowLeft") if room else ("ArrowLeft", "ArrowRight")
    times = min(PRESSES, room or round((now - low) / step))
    return Move("moved", lambda: press(bar, there, times), lambda: press(bar, back, times))


def switched(place: Locator) -> Move:
    """On or off."""
    box = place.locator("input")
    return Move("switched", lambda: box.press("Space"), lambda: box.press("Space"))


def counted(place: Locator) -> Move:
    """A larger number."""
    box = place.locator("input")
    return Move("more", lambda: press(box, "ArrowUp", PRESSES), lambda: press(box, "ArrowDown", PRESSES))


def pressed(place: Locator) -> Move:
    """A button."""
    return Move("pressed", place.get_by_role("button").first.click)


def press(box: Locator, key: str, times: int) -> None:
    """A key, again and again."""
    for _ in range(times):
        box.press(key)


def chosen(place: Locator) -> Iterator[Move]:
    """Each of the others, where one is chosen; each of all, where several may be."""
    buttons = place.get_by_role("radiogroup").or_(place.get_by_role("toolbar")).locator("button").all()
    mine = [one for one in buttons if one.get_attribute("aria-checked") == "true"]
    for button in buttons:
        if button not in mine:
            yield Move(button.inner_text(), button.click, (mine or [button])[0].click)


def written(box: Locator, text: str) -> Move:
    """A text of one's own in place of what is there."""
    old = box.input_value()
    return Move(f"«{text}» written", lambda: write(box, text), lambda: write(box, old))


def write(box: Locator, text: str) -> None:
    """A text, and that it is done."""
    box.fill(text)
    box.press("Control+Enter")


def listed(place: Locator) -> Move:
    """Another of a list."""
    box = place.get_by_role("combobox")
    old = box.input_value()
    return Move(
        "another", lambda: pick(box, lambda name: name != old), lambda: pick(box, lambda name: name == old)
    )


def one_more(place: Locator) -> Move:
    """One of a list, beside what is chosen."""
    box = place.get_by_role("combobox")
    return Move("one added", lambda: pick(box, lambda name: name != "Select all"), lambda: take_back(box))


def pick(box: Locator, wanted: Callable[[str], bool]) -> None:
    """By keyboard: a list lies over the page, and may move away under the mouse."""
    box.focus()
    for key in ["ArrowDown"] * MOST + ["ArrowUp"] * MOST:
        box.press(key)
        at = box.get_attribute("aria-activedescendant")
        if at and wanted(box.page.locator(f'[id="{at}"]').inner_text()):
            return box.press("Enter")
    raise AssertionError(f"{box} does not offer it")


def take_back(box: Locator) -> None:
    """The last of several."""
    box.press("Escape")
    box.press("Backspace")


def cell_written(place: Locator) -> Move:
    """A number in one cell of a table; the page is opened again to have the old one."""
    return Move("a cell written", lambda: write_cell(place))


def write_cell(place: Locator) -> None:
    """Into the second cell of the first row."""
    box = place.locator("canvas").first.bounding_box()
    keyboard = place.page.keyboard
    place.page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.75)
    keyboard.type("1")
    keyboard.press("Enter")


ONE = {  # what is done to a control of each kind
    "slider": slid,
    "switch": switched,
    "list": listed,
    "several": one_more,
    "number": counted,
    "button": pressed,
    "cells": cell_written,
}
