"""A run's checkpoints under the slider, and the app beside a training: `python -m bench.rail`.

Prints how long each page takes to show another checkpoint, how long the first loss takes after the click, and
the ratio of the app's answers beside a training to those of an idle machine, measured in one go.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from bench.repaint import moves, report, slider
from runs import Recipe, RunStore, open_store
from tests.browser.conftest import App, browser_path, open_page

PAGES = ("attention", "sampling", "activations", "residuals", "embeddings", "pretraining")


def trained(store: RunStore, recipe: Recipe) -> str:
    """The id of a run that is done."""
    run_id = store.start(recipe, "bench")
    while not store.status(run_id).ended:
        time.sleep(0.1)
    return run_id


def along(page: Page) -> Callable[[int], None]:
    """Drag the checkpoint slider down through the run's life: every step is new."""
    page.get_by_role("slider", name="Checkpoint").focus()
    return lambda number: page.keyboard.press("ArrowLeft")


def first_loss(page: Page, app: App) -> float:
    """Seconds from the click on Start to the first number of the curve."""
    open_page(page, app.url("pretraining"))
    button = page.get_by_role("button", name="Start training")
    button.wait_for()
    start = time.monotonic()
    button.click()
    expect(page.get_by_text("validation").first).to_be_visible(timeout=30_000)
    page.wait_for_function("() => /step \\d+ of/.test(document.body.innerText)", timeout=30_000)
    return time.monotonic() - start


def beside(page: Page, app: App, store: RunStore) -> None:
    """The same moves on an idle machine and beside a training."""
    default = Recipe.preset()
    long = replace(default, seed=9, train=replace(default.train, steps=50_000))
    medians = []
    for busy in (False, True):
        run_id = store.start(long, "bench") if busy else ""
        if busy:
            while store.status(run_id).step < 5:
                time.sleep(0.1)
        for path, label in (("attention", "Token"), ("sampling", "Temperature")):
            open_page(page, app.url(path))
            page.wait_for_timeout(2000)
            found = moves(page, slider(page, label))
            report(f"{path}: {label}, {'beside a training' if busy else 'idle'}", found)
            medians.append(statistics.median(found))
        if busy:
            store.command(run_id, "stop")
    for path, idle, busy in zip(("attention", "sampling"), medians[:2], medians[2:], strict=True):
        print(f"{path}: {busy / idle:.2f} times the idle answer beside a training")


def main() -> None:
    """All three, on a server of its own."""
    home = Path(tempfile.mkdtemp())
    app = App(home)
    store = open_store(home)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            print(f"first loss {first_loss(page, app):.1f} s after the click")
            run_id = trained(store, Recipe.preset())
            print("| control | median (ms) | slowest (ms) |\n|---|---|---|")
            for path in PAGES:
                open_page(page, app.url(f"{path}?model={run_id}"))
                page.wait_for_timeout(2500)
                report(f"{path}: checkpoint", moves(page, along(page)))
            beside(page, app, store)
            browser.close()
    finally:
        app.stop()


if __name__ == "__main__":
    main()
