"""Files of other programs, brought through a real browser: the table, the proof, and other pages on them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import App, open_page, settled
from tests.conftest import slow
from tests.runs.strangers import save_book, save_gpt2, save_nanogpt

PROOF = re.compile(
    r"agree on 16 random tokens: the largest difference between two logits is ([\d.]+)·10⁻([⁰¹²³⁴-⁹]+)"
)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def upload(page: Page, app: App, *files: Path) -> None:
    open_page(page, app.url("bring"))
    page.locator('input[type="file"]').first.set_input_files([str(file) for file in files])
    for file in files:
        expect(page.get_by_text(file.name, exact=True).first).to_be_visible()
    bring(page)


def bring(page: Page) -> None:
    settled(page)
    page.get_by_role("button", name="Bring it in").click()


def assert_arrived(page: Page, label: str) -> None:
    """The table of names and the proof are there, and the model is chosen."""
    expect(page.get_by_role("heading", name=label)).to_be_visible(timeout=60_000)
    settled(page)
    found = PROOF.search(page.get_by_test_id("stMain").inner_text())
    assert found, page.get_by_test_id("stMain").inner_text()[:2000]
    assert float(found[1]) * 10.0 ** -int(found[2].translate(RAISED)) <= 1e-4
    expect(
        page.get_by_text("attn.c_attn.weight").or_(page.get_by_text("att.W_query.weight")).first
    ).to_be_visible()
    assert re.search(r"model=[0-9a-f]{32}", page.url)


def assert_pages_work(page: Page, app: App) -> None:
    """Attention and Sampling draw this model; what is drawn is not the Storyteller."""
    model = re.search(r"model=[0-9a-f]{32}", page.url)[0]
    for path, picture in (("attention", "canvas"), ("sampling", ".track")):
        open_page(page, app.url(f"{path}?{model}"))
        expect(page.locator(picture).first).to_be_visible()
        assert page.locator('[data-testid="stException"]').count() == 0
        assert page.get_by_test_id("stMain").get_by_test_id("stAlert").count() == 0
        assert "not on this server" not in page.content()


def test_the_books_file_asks_for_its_heads_and_arrives(app: App, page: Page, tmp_path: Path):
    save_book(tmp_path / "model.pth", vocab_size=50257)
    upload(page, app, tmp_path / "model.pth")
    expect(page.get_by_text("No file says these")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("model.pth", exact=True).first).to_be_visible()
    bring(page)
    assert_arrived(page, "model.pth: the book's")
    assert_pages_work(page, app)


def test_nanogpts_file_arrives_with_its_characters(app: App, page: Page, tmp_path: Path):
    save_nanogpt(tmp_path / "ckpt.pt")
    upload(page, app, tmp_path / "ckpt.pt", tmp_path / "meta.pkl")
    expect(page.get_by_text("No file says these")).to_be_visible(timeout=60_000)
    bring(page)
    assert_arrived(page, "ckpt.pt: nanoGPT, 2 × 3 × 24")
    expect(page.get_by_text("Tokens are read by meta.pkl.")).to_be_visible()
    assert_pages_work(page, app)


def test_a_hugging_face_folder_arrives_cut_into_three(app: App, page: Page, tmp_path: Path):
    save_gpt2(tmp_path)
    upload(page, app, tmp_path / "config.json", tmp_path / "model.safetensors")
    assert_arrived(page, "model.safetensors: GPT-2, 2 × 4 × 32")
    expect(page.locator(".thirds.wide").first).to_be_visible()
    assert page.locator(".thirds.wide").first.locator("i").all_inner_texts() == ["Q", "K", "V"]
    assert_pages_work(page, app)


@pytest.mark.parametrize("name", ["model.zip", *slow("model.pth", "weights.safetensors")])
def test_rows_38_41_46_what_is_no_model_is_one_sentence(app: App, page: Page, tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(b"MZ\x90\x00 no model at all")
    upload(page, app, tmp_path / name)
    expect(page.get_by_text("Nothing was brought")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(name, exact=True).first).to_be_visible()  # what was put in stays
    assert page.get_by_text("Models that you brought").count() == 0


def test_row_45_another_browser_sees_the_model_by_its_link_alone(
    app: App, page: Page, chromium: Browser, tmp_path: Path
):
    save_gpt2(tmp_path, n_layer=1)
    upload(page, app, tmp_path / "config.json", tmp_path / "model.safetensors")
    assert_arrived(page, "model.safetensors: GPT-2, 1 × 4 × 32")
    other = chromium.new_context().new_page()
    open_page(other, page.url)
    expect(other.get_by_role("heading", name="A model that was brought: GPT-2")).to_be_visible()
    assert "model.safetensors" not in other.get_by_test_id("stApp").inner_text()
    open_page(other, app.url("bring"))
    expect(other.get_by_role("heading", name="The Storyteller's own file")).to_be_visible()
    assert "1 × 4 × 32" not in other.get_by_test_id("stApp").inner_text()
    other.context.close()
