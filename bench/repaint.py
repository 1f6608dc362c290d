"""How long from a click or a slider's move to the new picture, in a real browser: `python -m bench.repaint`.

Prints the median and the slowest of several moves for each control, in milliseconds, on a server of its own.
"""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import App, browser_path, open_page

MOVES = 12
WATCH = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  window.repainted = new Promise(done => {
    const start = performance.now();
    let ran = false;
    const look = () => {
      const running = app.dataset.testScriptState !== 'notRunning';
      ran = ran || running;
      const finish = () => done(performance.now() - start);
      requestAnimationFrame(ran && !running ? () => requestAnimationFrame(finish) : look);
    };
    look();
  });
}"""


def moves(page: Page, act: Callable[[int], None]) -> list[float]:
    """Milliseconds of each move, after two to warm up."""
    found = []
    for number in range(MOVES + 2):
        page.evaluate(WATCH)
        act(number)
        found.append(page.evaluate("() => window.repainted"))
        page.wait_for_timeout(150)
    return found[2:]


def slider(page: Page, name: str) -> Callable[[int], None]:
    """Move a slider to and fro by the keyboard."""
    handle = page.get_by_role("slider", name=name)
    handle.focus()
    return lambda number: page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")


def grid_click(page: Page) -> Callable[[int], None]:
    """Click another head in the grid of all heads."""
    canvas = page.locator("canvas").nth(1)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()

    def click(number: int) -> None:
        share = 0.25 + 0.5 * (number % 2)
        page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] * share)

    return click


def report(name: str, found: list[float]) -> None:
    """One line of the table."""
    print(f"| {name} | {statistics.median(found):.0f} | {max(found):.0f} |", flush=True)


def main() -> None:
    """Measure the controls of Attention and Sampling."""
    app = App(Path(tempfile.mkdtemp()))
    print("| control | median (ms) | slowest (ms) |\n|---|---|---|")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            open_page(page, app.url("attention"))
            page.wait_for_timeout(2000)
            for name in ("Token", "Head", "Layer"):
                report(f"Attention: {name}", moves(page, slider(page, name)))
            report("Attention: click in the grid", moves(page, grid_click(page)))
            open_page(page, app.url("sampling"))
            page.wait_for_timeout(2000)
            for name in ("Temperature", "Top-k (0 = all)", "Top-p"):
                report(f"Sampling: {name}", moves(page, slider(page, name)))
            browser.close()
    finally:
        app.stop()


if __name__ == "__main__":
    main()
