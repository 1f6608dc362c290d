"""Bring a model, without a browser: the ways in, the questions, whose it is, and every page with it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from core.config import GPTConfig
from core.gpt import build_model
from core.weights import save_model
from runs.bringing import bring
from runs.offered import from_path, lying_at
from tests.pages.conftest import FILES, open_page, shown_text
from tests.runs.strangers import save_book, save_gpt2, save_nanogpt
from views import cache

PAGE = "pages/talking/bring.py"
PATH = "A path"
SMALL = GPTConfig(vocab_size=70, context_length=16, emb_dim=16, n_heads=2, n_layers=2, drop_rate=0.0)


@pytest.fixture
def person() -> Iterator[str]:
    """Somebody who has brought nothing yet, and leaves nothing behind."""
    owner = uuid4().hex
    yield owner
    cache.forget_lists()
    for entry in cache.store().brought().entries(owner):
        cache.store().brought().delete(entry.model_id, owner)


@pytest.fixture(autouse=True)
def the_servers_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs this server has set the test's folder aside for models."""
    monkeypatch.setenv("GLASSBOX_BRING_FROM", str(tmp_path))


def open_bring(owner: str, **state: object) -> AppTest:
    cache.forget_lists()
    page = open_page(PAGE, owner=owner, **state)
    assert_fine(page)
    return page


def assert_fine(page: AppTest) -> None:
    assert not page.exception, page.exception
    assert not page.error, [error.value for error in page.error]


def press(page: AppTest, label: str = "Bring it in") -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert_fine(page)
    return page


def bring_path(owner: str, path: Path) -> AppTest:
    return press(open_bring(owner, bring_way=PATH, bring_path=str(path)))


def mine(owner: str) -> list[str]:
    return [entry.name for entry in cache.store().brought().entries(owner)]


def model_of(owner: str, path: Path, n_heads: int | None = None) -> str:
    return bring(cache.store().home, lambda folder: lying_at(path, folder), owner, n_heads=n_heads)


def ours(path: Path, seed: int = 1) -> Path:
    return save_model(build_model(SMALL, seed), path)


def words(page: AppTest) -> str:
    return shown_text(page).replace("\\", "")


def headers(page: AppTest) -> str:
    return " ".join(header.value for header in page.header).replace("\\", "")


def test_a_first_visit_shows_the_storytellers_own_file(person: str):
    page = open_bring(person)
    assert "The Storyteller's own file, as an example" in headers(page)
    assert "agree on 16 random tokens" in words(page)
    assert "Models that you brought" not in headers(page)


def test_an_upload_is_chosen_on_every_page_and_its_bytes_are_let_go(person: str, tmp_path: Path):
    save_nanogpt(tmp_path / "ckpt.pt")
    page = open_bring(person)
    uploader = page.file_uploader[0]
    uploader.upload("ckpt.pt", (tmp_path / "ckpt.pt").read_bytes())
    uploader.upload("meta.pkl", (tmp_path / "meta.pkl").read_bytes())
    press(page.run())
    assert mine(person) == []
    assert "No file says these" in words(page)
    press(page)
    assert mine(person) == ["ckpt.pt"]
    assert page.session_state["here"].choice.label == "ckpt.pt: nanoGPT, 2 × 3 × 24"
    assert page.session_state["here"].config.vocab_size == 27
    assert "agree on 16 random tokens" in words(page)
    assert page.file_uploader[0].key != uploader.key
    assert not page.file_uploader[0].value


def test_the_heads_are_asked_for_and_what_was_put_in_stays(person: str, tmp_path: Path):
    save_book(tmp_path / "model.pth", vocab_size=50257)
    page = bring_path(person, tmp_path / "model.pth")
    assert "No file says these, and no shape of a model of width 24 shows them" in words(page).replace(
        "*", ""
    )
    assert mine(person) == []
    assert page.text_input(key="bring_path").value == str(tmp_path / "model.pth")
    heads = next(box for box in page.selectbox if box.label == "Heads")
    assert [option.split(" · ")[0] for option in heads.options] == ["1", "2", "3", "4", "6", "8", "12", "24"]
    assert all(float(option.split(" · ")[1]) > 0 for option in heads.options)
    heads.set_value(3).run()
    next(box for box in page.selectbox if box.label == "Activation (assumed)").set_value("gelu").run()
    press(page)
    assert page.session_state["here"].config.n_heads == 3
    assert page.session_state["here"].config.activation == "gelu"
    assert "not that the choice is right" in words(page)
    assert "You said how many heads there are" in words(page)


@pytest.mark.parametrize("path", ["/nowhere/at/all.pth", "/dev/zero", "\x00", "~nobody/x"])
def test_a_path_that_cannot_be_read_is_one_sentence(person: str, path: str):
    page = bring_path(person, Path(path)) if path.strip("\x00") else press(open_bring(person, bring_way=PATH))
    assert "Nothing was brought" in words(page) or "choose a file first" in words(page)
    assert mine(person) == []


def test_a_padded_table_and_numbers_for_tokens(person: str, tmp_path: Path):
    save_gpt2(tmp_path / "padded", vocab_size=50304)
    page = bring_path(person, tmp_path / "padded")
    assert "47 rows of the table have no token" in words(page)
    first = page.session_state["model"]
    vocabulary = next(box for box in page.selectbox if box.label == "Tokens are read by")
    vocabulary.select_index(1).run()
    assert_fine(page)
    assert page.session_state["model"] != first
    assert page.session_state["here"].tokenizer.name == "numbers"
    assert len(page.session_state["here"].prompt.ids) == 12
    assert mine(person) == ["padded"]


def test_a_classifier_is_told_in_words(person: str, tmp_path: Path):
    save_book(tmp_path / "review.pth", classes=2)
    page = open_bring(person, model=model_of(person, tmp_path / "review.pth", 3))
    assert "sorts texts into 2 classes" in words(page)


def test_delete_goes_back_to_the_storyteller(person: str, tmp_path: Path):
    page = open_bring(person, model=model_of(person, ours(tmp_path / "a.safetensors")))
    press(page, "Delete")
    assert mine(person) == []
    assert page.session_state["model"] == "storyteller"
    assert "as an example" in headers(page)


def test_strangers_can_name_no_path(person: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GLASSBOX_STRANGERS", "1")
    page = open_bring(person, bring_way=PATH, bring_path=str(ours(tmp_path / "a.safetensors")))
    assert not [field for field in page.text_input if field.key == "bring_path"]
    with pytest.raises(ValueError, match="open to strangers"):
        from_path(cache.store().home, "a.safetensors", tmp_path)


@pytest.fixture(scope="module")
def odd_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Models that are not like ours: padded, of numbers, of characters, with classes, without positions."""
    folder, owner = tmp_path_factory.mktemp("odd"), uuid4().hex
    save_gpt2(folder / "padded", vocab_size=50304, n_positions=1024)
    save_nanogpt(folder / "ckpt.pt")
    save_book(folder / "review.pth", classes=2)
    bare = GPTConfig(
        vocab_size=300, context_length=5, emb_dim=4, n_heads=1, n_layers=1, position="none", drop_rate=0.0
    )
    save_model(build_model(bare), folder / "bare.safetensors")
    return {
        "padded": model_of(owner, folder / "padded"),
        "characters": model_of(owner, folder / "ckpt.pt"),
        "classifier": model_of(owner, folder / "review.pth", 3),
        "bare": model_of(owner, folder / "bare.safetensors"),
    }


@pytest.mark.parametrize("kind", ["padded", "characters", "classifier", "bare"])
@pytest.mark.parametrize("file", FILES)
def test_every_page_works_on_a_model_that_was_brought(odd_models: dict[str, str], file: str, kind: str):
    for prompt in ("The king had a daughter", "5 17 42 5 17 42"):
        page = open_page(file, model=odd_models[kind], prompt=prompt)
        assert_fine(page)
        assert "not on this server" not in shown_text(page)


def test_an_id_without_a_token_can_be_written_and_is_shown_as_such(odd_models: dict[str, str]):
    page = open_page(
        "pages/talking/sampling.py", model=odd_models["padded"], sampling_written=60, sampling_temperature=2.0
    )
    assert_fine(page)
