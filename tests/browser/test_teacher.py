"""README's twenty minutes: every link opens what it says, and what the class is asked to do works."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, open_page, settled
from views.lessons import lesson

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(r"^\| (\d+) \| \[([^\]]+)\]\(http://localhost:8501/([^)]*)\) \| (.+) \|$", re.MULTILINE)


def rows() -> list[tuple[int, str, str, str]]:
    """Minute, name, address, and what to do."""
    found = ROW.findall(README.read_text(encoding="utf-8"))
    return [(int(minute), *rest) for minute, *rest in found]


def unknown_words(page: Page) -> None:
    expect(page.get_by_text("blorptastic").last).to_be_visible()
    page.get_by_text("Add <|unk|>").click()
    settled(page)
    page.get_by_text("GPT-2", exact=True).first.click()
    settled(page)
    expect(page.get_by_text("tokens from a vocabulary of 50,257")).to_be_visible()


def one_merge(page: Page) -> None:
    page.get_by_role("button", name="Merge", exact=True).click()
    page.wait_for_url("**tokenizer_merges=21**")


def mask_off(page: Page) -> None:
    page.get_by_text("Causal mask").click()
    page.wait_for_url("**attention_causal=false**")


def strongest_off(page: Page) -> None:
    page.get_by_role("button", name="Do this on every page").click()
    page.wait_for_url("**edits=h**")
    expect(page.get_by_test_id("stSidebar").get_by_text("off").first).to_be_visible()


def train_both(page: Page) -> None:
    page.get_by_role("button", name="Train both, compare").click()
    page.wait_for_url("**compare=**")
    expect(page.get_by_text("with mask").first).to_be_visible(timeout=60_000)


def write_on(page: Page) -> None:
    page.get_by_role("button", name="10 more").click()
    page.wait_for_url("**path=**")


DO: dict[str, Callable[[Page], None]] = {
    "Tokenizer": unknown_words,
    "Tokenizer, learning": one_merge,
    "Attention": mask_off,
    "Interventions": strongest_off,
    "Pretraining": train_both,
    "Sampling": write_on,
}


def test_the_walk_is_twenty_minutes_and_names_what_is_done():
    minutes = [minute for minute, *_ in rows()]
    assert minutes == sorted(minutes)
    assert minutes[0] == 0
    assert 15 <= minutes[-1] < 20
    assert DO.keys() <= {name for _, name, _, _ in rows()}


def test_a_teacher_walks_it(app: App, page: Page):
    for _, name, address, _ in rows():
        open_page(page, app.url(address))
        path = urlsplit(address).path
        expect(page.get_by_role("heading", level=1)).to_have_text(lesson(path or "home").question)
        assert page.get_by_text("Glassbox made a mistake").count() == 0
        kept = parse_qs(urlsplit(page.url).query)  # Streamlit drops a value that its control does not know
        assert parse_qs(urlsplit(address).query).items() <= kept.items(), name
        DO.get(name, lambda page: None)(page)
        settled(page)
