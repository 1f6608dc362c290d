"""Whether the pictures of a page changed, or are as they were."""

from pathlib import Path

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as Late

PATIENCE = 20_000  # milliseconds, on a machine that does other things too
OFTEN = 100  # milliseconds from one look to the next
LOOK = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").split("\n", 3)[3].strip()
SAME = f"before => JSON.stringify(({LOOK})()) === JSON.stringify(before)"
AT_REST = """() => document.querySelector('[data-testid="stApp"]').dataset.testScriptState === "notRunning"
    && !document.querySelector('[data-testid="stSkeleton"]')"""

Seen = dict[str, str]  # a number for each picture


def look(page: Page) -> Seen:
    """The pictures once they have come to rest: two looks, one after the other, see the same."""
    before: Seen = {}
    while True:
        page.wait_for_function(AT_REST, polling=OFTEN, timeout=PATIENCE)
        now = page.evaluate(LOOK)
        if now == before:
            return now
        before = now
        page.wait_for_timeout(OFTEN)


def changed(page: Page, before: Seen) -> bool:
    """Wait until any picture is another; False if none is, after a long time."""
    return came(page, f"before => !({SAME})(before)", before)


def as_before(page: Page, before: Seen) -> bool:
    """Wait until every picture is as it was; False if that does not come."""
    return came(page, SAME, before)


def moved_in_address(page: Page, before: str, name: str) -> bool:
    """Wait until this parameter of the address is another than before; False if it stays."""
    script = """([before, name]) => {
        const value = (address) => new URL(address).searchParams.getAll(name).join()
        return value(location.href) !== value(before)
    }"""
    return came(page, script, [before, name])


def came(page: Page, script: str, about: object) -> bool:
    """Whether this comes true in time."""
    try:
        page.wait_for_function(script, arg=about, polling=OFTEN, timeout=PATIENCE)
    except Late:
        return False
    return True


def different(page: Page, before: Seen) -> list[str]:
    """The names of the pictures that are not as they were."""
    now = page.evaluate(LOOK)
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
