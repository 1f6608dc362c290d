"""Models brought from elsewhere: each way in, whose they are, bounds, and the faults of FAULTS.md rows 38-46.

Which damage of a single file is refused how: tests/core/test_foreign.py, test_pickled_by_strangers.py.
"""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.config import TINY
from core.gpt import build_model
from core.tokenizer import char_tokenizer
from core.weights import save_model
from runs import NotThereError, QuotaError, assumptions, keeping, offered
from runs.assumptions import FactsAsked
from runs.bringing import bring, read_otherwise
from runs.brought import CLASSES, Brought
from runs.database import reading, writing
from runs.export import model_bundle
from tests.runs.strangers import NANOGPT, SIGNS, save_book, save_gpt2, save_nanogpt
from tests.runs.tiny import RECIPE

IDS = torch.tensor([[1, 5, 9, 2, 7]])


def upload(*paths: Path):
    """What the page does with uploaded files."""
    return lambda folder: offered.from_uploads([(p.name, io.BytesIO(p.read_bytes())) for p in paths], folder)


def lying_at(path: Path):
    return lambda folder: offered.lying_at(path, folder)


def zipped(**files: bytes) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    packed.seek(0)
    return packed


def ours(path: Path, seed: int = 1) -> Path:
    """A file that is read without a child process."""
    return save_model(build_model(TINY, seed), path)


@pytest.fixture
def brought(store) -> Brought:
    return Brought(store.home)


@pytest.fixture
def home(store):
    return store.home


def nothing_is_left(home) -> bool:
    return not home.models.exists() or not os.listdir(home.models)


# --- ways in


def test_the_books_file_comes_with_the_heads_that_a_person_says(home, brought, tmp_path):
    theirs = save_book(tmp_path / "model.pth")
    with pytest.raises(FactsAsked) as asked:
        bring(home, upload(tmp_path / "model.pth"), "ada")
    assert asked.value.facts[0].choices == (1, 2, 3, 4, 6, 8, 12, 24)
    assert nothing_is_left(home)
    model_id = bring(home, upload(tmp_path / "model.pth"), "ada", n_heads=3)
    torch.testing.assert_close(brought.model(model_id)(IDS), theirs(IDS), atol=1e-4, rtol=1e-4)
    about = brought.about(model_id)
    assert (about.kind, about.heads_from, about.classes) == ("book", "you", None)
    assert about.parity < 1e-4
    assert about.parity_tokens == 16
    assert len(about.rows) > 20
    assert about.vocabulary.startswith("numbers")
    assert [(entry.name, entry.model_id) for entry in brought.entries("ada")] == [("model.pth", model_id)]


def test_nanogpts_file_comes_with_its_characters(home, brought, tmp_path):
    theirs = save_nanogpt(tmp_path / "ckpt.pt")
    model_id = bring(home, upload(tmp_path / "ckpt.pt", tmp_path / "meta.pkl"), "ada")
    torch.testing.assert_close(brought.model(model_id)(IDS), theirs(IDS), atol=1e-4, rtol=1e-4)
    assert brought.tokenizer(model_id).characters == list(SIGNS)
    assert brought.about(model_id).vocabulary == "meta.pkl"
    assert brought.about(model_id).heads_from == "the file"
    assert brought.entries("ada")[0].name == "ckpt.pt"


@pytest.mark.parametrize("way", ["files", "zip", "folder"])
def test_a_hugging_face_folder_comes(home, brought, tmp_path, way):
    folder = tmp_path / "gpt2-small"
    theirs = save_gpt2(folder)
    offer = lying_at(folder)
    if way == "files":
        offer = upload(*sorted(folder.iterdir()))
    elif way == "zip":
        packed = zipped(**{f"gpt2-small/{path.name}": path.read_bytes() for path in folder.iterdir()})
        (tmp_path / "gpt2.zip").write_bytes(packed.getvalue())
        offer = upload(tmp_path / "gpt2.zip")
    model_id = bring(home, offer, "ada")
    with torch.no_grad():
        torch.testing.assert_close(brought.model(model_id)(IDS), theirs(IDS).logits, atol=1e-4, rtol=1e-4)
    assert brought.tokenizer(model_id).name == "gpt2"
    assert brought.about(model_id).parity < 1e-4


def test_a_run_that_was_taken_home_comes_back(home, brought, tmp_path):
    model, tokenizer = build_model(TINY), char_tokenizer("".join(chr(97 + n) for n in range(50)))
    (tmp_path / "mine.zip").write_bytes(model_bundle(RECIPE, model, tokenizer, 5))
    model_id = bring(home, lying_at(tmp_path / "mine.zip"), "ada")
    assert torch.equal(brought.model(model_id)(IDS), model(IDS))
    assert brought.tokenizer(model_id).characters == tokenizer.characters
    assert brought.about(model_id).vocabulary == "tokenizer.json"


def test_the_folder_of_the_server_is_a_list_to_choose_from(home, brought, tmp_path):
    home.models_to_bring.mkdir()
    ours(home.models_to_bring / "good.safetensors")
    (home.models_to_bring / "notes.txt").write_text("no model")
    assert offered.to_choose_from(home) == ["good.safetensors"]
    model_id = bring(home, lambda folder: offered.from_server(home, "good.safetensors", folder), "ada")
    assert brought.has(model_id)
    for name in ("../glassbox.sqlite", "/etc/passwd", "notes.txt", "absent.pth"):
        with pytest.raises(ValueError, match="no longer"):
            bring(home, lambda folder, name=name: offered.from_server(home, name, folder), "ada")


def test_the_sentence_that_a_model_reads_best_shows_its_heads(home, tmp_path, monkeypatch):
    tried = []
    monkeypatch.setattr(assumptions, "loss_with", lambda model, config, ids: tried.append(config) or 1.0)
    save_book(tmp_path / "model.pth", vocab_size=50257)
    with pytest.raises(FactsAsked) as asked:
        bring(home, upload(tmp_path / "model.pth"), "ada")
    heads = asked.value.facts[0]
    assert tuple(heads.losses) == heads.choices == tuple(config.n_heads for config in tried[:8])


def test_a_classifier_leaves_its_body_and_its_classes(home, brought, tmp_path):
    theirs = save_book(tmp_path / "review.pth", classes=2)
    model_id = bring(home, upload(tmp_path / "review.pth"), "ada", n_heads=3)
    about, model = brought.about(model_id), brought.model(model_id)
    assert about.classes == 2
    assert about.parity < 1e-4
    assert model(IDS).shape == (1, 5, 300)
    classes = load_file(brought.folder(model_id) / CLASSES)
    scores = torch.nn.functional.linear(model.final_vectors(IDS), classes["weight"], classes["bias"])
    torch.testing.assert_close(scores, theirs(IDS), atol=1e-4, rtol=1e-4)


def test_tokens_can_be_read_otherwise(home, brought, tmp_path):
    save_gpt2(tmp_path / "padded", vocab_size=50304)
    model_id = bring(home, lying_at(tmp_path / "padded"), "ada")
    brought.rename(model_id, "ada", "my own")
    assert brought.tokenizer(model_id).vocab_size == 50257
    other = read_otherwise(home, model_id, "ada", 1)
    assert brought.tokenizer(other).decode([50303]) == "50303"
    assert [(entry.model_id, entry.name) for entry in brought.entries("ada")] == [(other, "my own")]
    assert not brought.has(model_id)
    assert read_otherwise(home, other, "ada", 1) == other
    assert torch.equal(brought.model(other)(IDS), brought.model(other)(IDS))


# --- whose they are


def test_the_same_file_is_kept_once_and_its_id_is_this_servers_secret(home, brought, store, tmp_path):
    first = bring(home, upload(ours(tmp_path / "a.safetensors")), "ada")
    second = bring(home, upload(ours(tmp_path / "b.safetensors")), "bob")
    assert first == second
    assert len(first) == 32
    assert len([path for path in home.models.iterdir() if not path.name.startswith(".")]) == 1
    with writing(home.database) as database:
        database.execute("UPDATE secret SET value = ?", ("00" * 32,))
    assert bring(home, upload(tmp_path / "a.safetensors"), "eve") != first


def test_deleting_takes_the_files_with_the_last_list(home, brought, tmp_path):
    path = ours(tmp_path / "a.safetensors")
    model_id = bring(home, upload(path), "ada")
    bring(home, upload(path), "bob")
    brought.delete(model_id, "ada")
    assert brought.has(model_id)
    brought.delete(model_id, "bob")
    assert nothing_is_left(home)
    with pytest.raises(NotThereError, match="no such model"):
        brought.model(model_id)


# --- bounds


def test_one_person_has_at_most_so_many(home, brought, tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 2)
    files = [ours(tmp_path / f"{seed}.safetensors", seed) for seed in range(3)]
    for path in files[:2]:
        bring(home, upload(path), "ada")
    with pytest.raises(QuotaError, match="brought 2 models"):
        bring(home, upload(files[2]), "ada")
    bring(home, upload(files[2]), "bob")
    assert len(brought.entries("ada")) == 2


def test_what_was_opened_longest_ago_makes_room_but_nothing_in_use(home, brought, tmp_path, monkeypatch):
    files = [ours(tmp_path / f"{seed}.safetensors", seed) for seed in range(3)]
    first, second = (bring(home, upload(path), "ada") for path in files[:2])
    with reading(home.database) as database:
        size = database.execute("SELECT max(bytes) FROM models").fetchone()[0]
    monkeypatch.setenv("GLASSBOX_BROUGHT_BYTES", str(2 * size + size // 2))
    with pytest.raises(QuotaError, match="in use"):
        bring(home, upload(files[2]), "bob")
    assert len(brought.entries("ada")) == 2
    with writing(home.database) as database:
        database.execute("UPDATE models SET opened = opened - 7200")
    keeping.opened(home, first)
    third = bring(home, upload(files[2]), "bob")
    assert [brought.has(one) for one in (first, second, third)] == [True, False, True]
    assert [entry.model_id for entry in brought.entries("ada")] == [first]


def test_a_model_larger_than_all_that_may_be_open_is_refused_with_the_sum(home, tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_MODEL_BYTES", "1000")
    with pytest.raises(ValueError, match=r"parameters x 4 bytes = .* MiB"):
        bring(home, upload(ours(tmp_path / "a.safetensors")), "ada")
    assert nothing_is_left(home)


# --- faults


@pytest.mark.parametrize("damage", [b"PK\x03\x04 no zip", b"", b"PK\x05\x06" + bytes(18)])
def test_a_damaged_zip_gets_a_sentence(home, damage):
    with pytest.raises(ValueError, match=r"damaged|no weights"):
        bring(home, lambda folder: offered.from_uploads([("a.zip", io.BytesIO(damage))], folder), "ada")


@pytest.mark.parametrize(
    "path", ["", "   ", "/dev/zero", "a\x00b", "~nobody/x", "x" * 5000, "/nowhere/model.pth"]
)
def test_a_path_that_is_no_file_gets_a_sentence(home, path):
    with pytest.raises(ValueError, match="no model can be read there"):
        bring(home, lambda folder: offered.from_path(home, path, folder), "ada")


KILLED = """
import os, signal, sys
from pathlib import Path
from runs import bringing, keeping, offered
from runs.home import open_home
moment, folder, source = sys.argv[1:]
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
place = {"before": (bringing, "save_model"), "half": (bringing, "write_json")}
place["named"] = (keeping.time, "time")
if moment == "moved":
    rename = os.rename
    keeping.os.rename = lambda *names: (rename(*names), die())
else:
    setattr(*place[moment], die)
bringing.bring(open_home(folder), lambda place: offered.lying_at(Path(source), place), "ada")
"""


@pytest.mark.parametrize("moment", ["before", "half", "moved", "named"])
def test_an_import_that_is_killed_leaves_nothing_half(home, brought, tmp_path, moment):
    path = ours(tmp_path / "a.safetensors")
    command = [sys.executable, "-c", KILLED, moment, str(home.folder), str(path)]
    root = Path(__file__).parents[2]
    assert subprocess.run(command, cwd=root, check=False).returncode == -signal.SIGKILL
    assert brought.entries("ada") == []
    keeping.tidy(home)  # what a start does
    assert nothing_is_left(home)
    assert brought.has(bring(home, upload(path), "ada"))


def test_strangers_pickles_are_refused_with_two_lines_that_help(home, tmp_path, monkeypatch):
    save_nanogpt(tmp_path / "ckpt.pt")
    monkeypatch.setenv("GLASSBOX_STRANGERS", "1")
    with pytest.raises(ValueError, match="open to strangers"):
        bring(home, upload(tmp_path / "ckpt.pt"), "ada")


def test_a_hostile_vocabulary_is_said_and_left(home, brought, tmp_path):
    model = ours(tmp_path / "a.safetensors")
    for facts in (
        {"kind": "bytepairs", "ranks": {"61": 0}, "special": {}},
        {"kind": "bpe", "merges": [["zz", "61"]]},
        {"kind": "bpe", "merges": [["6162", "61"]]},
        {"kind": "char", "characters": "aa"},
        {"kind": "word", "words": [1, 2]},
        {"kind": "char"},
        {"kind": ["x"]},
        {"kind": "../../etc"},
        {"kind": "numbers", "vocab_size": "x"},
        {"kind": "gpt2"},  # more tokens than rows
        [1],
    ):
        (tmp_path / "tokenizer.json").write_text(json.dumps(facts))
        model_id = bring(home, upload(model, tmp_path / "tokenizer.json"), "ada")
        assert "tokenizer.json was not used" in brought.about(model_id).said[0], facts
        brought.delete(model_id, "ada")


def test_a_wrong_number_of_heads_is_refused(home, tmp_path):
    save_book(tmp_path / "model.pth")
    with pytest.raises(ValueError, match="multiple of n_heads 5"):
        bring(home, upload(tmp_path / "model.pth"), "ada", n_heads=5)
    assert NANOGPT["n_head"] == 3
    assert nothing_is_left(home)
