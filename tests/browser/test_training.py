"""A run from the click to the pages that look into its model."""

import re
import time

from playwright.sync_api import Page, expect

from runs import open_store
from runs.database import reading
from tests.browser.conftest import App, go_to, open_page, settled


def choose_quick_run(page: Page, app: App) -> None:
    """Set up the smallest recipe, and wait until the page has drawn itself with it."""
    open_page(page, app.url("pretraining"))
    page.get_by_role("button", name="A quick run").click()
    page.wait_for_url("**pretraining_steps=200**")  # the server has heard of it, however slow it is today
    settled(page)


def start_small_run(page: Page, app: App) -> str:
    """Train the smallest model on a page of text; returns the run's address."""
    choose_quick_run(page, app)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"model=[0-9a-f]{32}"))
    return page.url


def test_a_run_trains_live_and_is_then_looked_into_everywhere(app: App, page: Page, chromium):
    address = start_small_run(page, app)
    expect(page.get_by_text(re.compile(r"Training: step|Done:"))).to_be_visible()
    expect(page.get_by_text("Done: 200 steps.")).to_be_visible(timeout=90_000)
    page.reload()
    settled(page)
    expect(page.get_by_text("Done: 200 steps.")).to_be_visible()
    for title in ("Attention", "Sampling", "Embeddings"):
        go_to(page, title)
        page.wait_for_url(f"**/{title.lower()}**")
        settled(page)
        assert page.get_by_text("Glassbox made a mistake").count() == 0
        expect(page.get_by_role("combobox", name="Model")).to_have_value(re.compile("My run [0-9a-f]{4}"))
    step = page.get_by_role("slider", name="Checkpoint")
    expect(step).to_be_visible()

    other = chromium.new_context().new_page()  # another browser, with the link alone
    open_page(other, address)
    expect(other.get_by_text("Done: 200 steps.")).to_be_visible()
    other.context.close()


def start_long_run(page: Page, app: App, seed: int) -> None:
    """A run that lasts longer than any test, and that nobody else has started."""
    choose_quick_run(page, app)
    page.get_by_text("Your own recipe").click()
    for slider, presses in (("Model (layers × heads × width)", 2), ("Steps", 3)):
        page.get_by_role("slider", name=slider).focus()
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
    page.get_by_text("All hyper-parameters").click()
    fresh = seed + time.time_ns() // 1_000_000 % 1_000_000 * 10  # a second try is a run of its own, too
    page.get_by_role("spinbutton", name="Seed").fill(str(fresh))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start training").click()
    expect(heading(page)).to_contain_text("Training: step", timeout=30_000)


def heading(page: Page):
    """How the run stands, in the largest letters after the title."""
    return page.locator(".st-key-run_state").get_by_role("heading", level=2)


def press(page: Page, name: str) -> None:
    main = page.get_by_test_id("stMainBlockContainer")  # Streamlit's own header has a Stop button, too
    main.get_by_role("button", name=name, exact=True).click()


def step_shown(page: Page) -> int:
    return int(re.search(r"step ([\d,]+) of", heading(page).inner_text())[1].replace(",", ""))


def test_a_run_obeys_its_buttons(app: App, page: Page):
    start_long_run(page, app, 1)
    press(page, "Pause")
    expect(heading(page)).to_contain_text(re.compile("Pausing|Paused"), timeout=2_000)
    expect(heading(page)).to_contain_text("Paused at step", timeout=30_000)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_have_count(0)

    before = step_shown(page)
    press(page, "Step")
    expect(heading(page)).to_have_text(re.compile(f"^Paused at step {before + 1:,} of"), timeout=30_000)
    page.get_by_role("tab", name="One step").click()
    expect(page.get_by_text(f"What step {before} read and what it changed")).to_be_visible()
    expect(page.get_by_text(re.compile(rf"Step {before}: 8 windows of 64 tokens to predict"))).to_be_visible()
    expect(page.locator(".rows .word").first).to_be_visible()
    page.get_by_role("tab", name="Where it is surprised").click()
    expect(page.get_by_text(f"At step {before + 1} this passage costs")).to_be_visible()

    page.get_by_role("slider", name="Learning rate").last.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text(f"Learning rate 0.002 from step {before + 1} on, 0.005 before.")).to_be_visible()
    press(page, "Play")
    expect(heading(page)).to_contain_text("Training: step", timeout=30_000)
    page.get_by_role("slider", name="Learning rate").last.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text(re.compile("Learning rate 0.001 from step .* on, 0.002 before."))).to_be_visible()

    press(page, "Stop")
    expect(heading(page)).to_contain_text("Stopped at step", timeout=30_000)
    expect(page.get_by_role("button", name=re.compile("Go on from step .* at 0.001"))).to_be_visible()
    press(page, "Reset")
    expect(heading(page)).to_contain_text("Paused at step 0", timeout=30_000)
    press(page, "Stop")
    expect(heading(page)).to_contain_text("Stopped at step 0", timeout=30_000)
    assert page.get_by_text("Glassbox made a mistake").count() == 0


def branches_of(app: App, address: str) -> list[str]:
    """The runs that have branched off from the run of this address."""
    with reading(open_store(app.log.parent, start_dispatcher=False).home.database) as database:
        parent = re.search("[0-9a-f]{32}", address)[0]
        return [row["id"] for row in database.execute("SELECT id FROM runs WHERE parent = ?", (parent,))]


def test_who_comes_by_a_link_watches_and_branches_off(app: App, page: Page, chromium):
    start_long_run(page, app, 2)
    other = chromium.new_context().new_page()
    other.goto(page.url)
    expect(other.get_by_text("You watch the run of somebody else")).to_be_visible()
    expect(other.get_by_role("button", name="Pause", exact=True)).to_have_count(0)
    other.get_by_role("slider", name="Learning rate").last.focus()
    other.keyboard.press("ArrowLeft")
    expect(other.get_by_text(re.compile("1 other person watches run .* a run of your own"))).to_be_visible()
    assert other.url != page.url
    other.wait_for_timeout(3000)  # a browser sends its sliders' values again and again: still one run
    assert len(branches_of(app, page.url)) == 1
    press(other, "Stop")
    expect(heading(other)).to_contain_text("Stopped at step", timeout=30_000)
    other.context.close()
    expect(heading(page)).to_contain_text("Training: step")
    press(page, "Stop")
    expect(heading(page)).to_contain_text("Stopped at step", timeout=30_000)


def test_a_run_that_diverged_goes_back_at_a_third_of_the_rate(app: App, page: Page):
    open_page(page, app.url("pretraining"))
    page.get_by_role("button", name="Far too fast").click()
    settled(page)
    page.get_by_text("Your own recipe").click()
    page.get_by_text("All hyper-parameters").click()
    page.get_by_role("slider", name="Learning rate").focus()
    page.keyboard.press("ArrowRight")
    press(page, "Start training")
    expect(heading(page)).to_contain_text("Diverged at step", timeout=60_000)
    expect(
        page.get_by_text(re.compile("At step .* the loss, .* and the gradient's length was"))
    ).to_be_visible()
    expect(page.get_by_text("At rates of up to 10 each step was so long")).to_be_visible()
    address = page.url
    page.get_by_role("button", name=re.compile(r"step \d+ and divide the rate by 3 \(to 3.33\)")).click()
    expect(page).not_to_have_url(address)
    expect(heading(page)).to_contain_text(re.compile("Diverged|Done"), timeout=60_000)
    assert page.get_by_text("Glassbox made a mistake").count() == 0


def upload(page: Page, raw: bytes) -> None:
    file = {"name": "mine.txt", "mimeType": "text/plain", "buffer": raw}
    page.locator('input[type="file"]').set_input_files(file)
    settled(page)


def test_an_uploaded_text_is_read_and_a_refused_one_loses_nothing(app: App, page: Page):
    open_page(page, app.url("pretraining"))
    page.get_by_text("Your own recipe").click()
    page.wait_for_timeout(800)  # while the drawer moves, the list under it closes again
    page.get_by_role("combobox", name="Text").click()
    page.get_by_role("option", name="My own text").click()
    settled(page)
    upload(page, "Größe und Güte. ".encode("utf-16"))
    area = page.get_by_label("Text to learn from")
    expect(area).to_have_value("Größe und Güte. ")
    upload(page, b"\x7fELF\x00\x01\x02")
    expect(page.get_by_text("binary data")).to_be_visible()
    expect(area).to_have_value("Größe und Güte. ")
