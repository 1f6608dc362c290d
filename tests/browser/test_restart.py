"""What was trained outlives the server: a link shows the whole curve, in another browser, after a restart."""

from dataclasses import replace

from playwright.sync_api import Browser, Page, expect

from runs import open_store
from tests.browser.conftest import App, open_page
from tests.runs.tiny import RECIPE, wait_for_state

POINTS = """() => Math.max(...[...document.querySelectorAll('.js-plotly-plot')]
                           .flatMap(plot => (plot.calcdata ?? []).map(points => points.length)))"""


def points_drawn(page: Page) -> int:
    """Points of the longest curve on the page."""
    page.wait_for_function(f"({POINTS})() > 0")
    return page.evaluate(POINTS)


def test_a_link_shows_the_whole_curve_after_a_restart(tmp_path, chromium: Browser):
    first = App(tmp_path)
    store = open_store(tmp_path, start_dispatcher=False)  # the app has one
    run_id = store.start(replace(RECIPE, eval_every=10), "ada")
    wait_for_state(store, run_id, "done")
    page = chromium.new_context().new_page()
    open_page(page, first.url(f"pretraining?model={run_id}"))
    before = points_drawn(page)
    assert before == 200
    page.context.close()
    first.stop()

    second = App(tmp_path)
    try:
        other = chromium.new_context().new_page()
        open_page(other, second.url(f"pretraining?model={run_id}"))
        expect(other.get_by_text("Done: 200 steps.")).to_be_visible()
        assert points_drawn(other) == before
        other.context.close()
    finally:
        second.stop()
