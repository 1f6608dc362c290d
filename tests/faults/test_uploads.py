"""Rows 38 to 46: what people bring, with bombs in it, names that lead elsewhere, other people's ids."""

import io
import pickle
import random
import stat
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from llms_from_scratch.ch04 import GPTModel as BookGPT

from core.nanogpt_meta import read_meta
from core.weights import load_model
from runs import NotThereError, offered
from runs.bringing import bring, refuse_pickles
from runs.brought import Brought
from runs.offered import unpack
from runs.vocabularies import facts_of_meta
from tests.core.checkpoints import save_nanogpt
from tests.core.test_pickled_by_strangers import allow_no_child
from tests.core.test_unpickle import Bomb
from tests.pages.conftest import open_page, shown_text
from tests.runs.strangers import save_gpt2
from tests.runs.test_brought import nothing_is_left, ours, upload, zipped


@pytest.mark.parametrize("name", ["bomb.pt", "meta.pkl", "bomb.safetensors"])
def test_40_a_bomb_goes_off_nowhere(tmp_path: Path, name: str, no_unpickling_here: None) -> None:
    """FAULTS 40: read for real, by a child process, whatever the file is called."""
    path, target = tmp_path / name, tmp_path / "went off"
    if name == "bomb.pt":
        torch.save({"tok_emb.weight": Bomb(target)}, path)
    else:
        path.write_bytes(pickle.dumps({"itos": {0: Bomb(target)}}))
    with pytest.raises(ValueError, match=name):
        (read_meta if name == "meta.pkl" else load_model)(path)
    assert not target.exists()
    assert sorted(tmp_path.iterdir()) == [path]


def test_40_a_whole_model_is_refused_with_what_to_do(tmp_path: Path, no_child: None) -> None:
    """FAULTS 40: torch.save(model, path) writes the classes' names, which are code."""
    sizes = {"vocab_size": 9, "context_length": 4, "emb_dim": 4, "n_heads": 2, "n_layers": 1}
    torch.save(BookGPT(sizes | {"drop_rate": 0.0, "qkv_bias": False}), tmp_path / "model.pth")
    with pytest.raises(ValueError, match=r"torch\.save\(model\.state_dict\(\), path\)") as refused:
        load_model(tmp_path / "model.pth")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["ckpt.pt", "weights", "meta.pkl"])
def test_40_a_server_open_to_strangers_reads_no_pickle(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 40: one setting, and the message says how to bring the weights all the same."""
    save_nanogpt(tmp_path / name, bias=True)
    monkeypatch.setenv("GLASSBOX_STRANGERS", "1")
    allow_no_child(monkeypatch)
    with pytest.raises(ValueError, match="open to strangers") as refused:
        (facts_of_meta if name == "meta.pkl" else refuse_pickles)(tmp_path / name)
    code = str(refused.value).split("\n", 1)[1]
    compile(code, "instead", "exec")
    assert len(code.splitlines()) == 2


def test_41_compressed_and_huge_archives_are_refused_before_they_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_child: None
) -> None:
    """FAULTS 41: 50 MB of zeros in 48.7 KB, and any compression at all, which torch.save does not use."""
    monkeypatch.setattr(torch, "load", lambda *a, **k: pytest.fail("it was opened"))
    for size, rule in ((50_000_000, "unpacks to 50,000,000 bytes"), (5_000, "is compressed")):
        with zipfile.ZipFile(tmp_path / "x.pt", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("archive/data.pkl", bytes(size))
        assert (tmp_path / "x.pt").stat().st_size < 60_000
        with pytest.raises(ValueError, match=rule):
            load_model(tmp_path / "x.pt")


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not keep to the limit of memory")
def test_41_a_pickle_that_claims_memory_is_stopped(tmp_path: Path) -> None:
    """FAULTS 41: a memo of 2^31 entries in ten bytes, stopped by the child's limit."""
    (tmp_path / "meta.pkl").write_bytes(b"\x80\x04Nr\xff\xff\xff\x7f.")
    with pytest.raises(ValueError, match="more memory than is allowed"):
        read_meta(tmp_path / "meta.pkl")


def test_42_names_and_links_in_an_archive_lead_nowhere(tmp_path: Path, no_child: None) -> None:
    """FAULTS 42: what lies beside the weights is never unpacked."""
    inner = tmp_path / "inner"
    inner.mkdir()
    path = inner / "ckpt.pt"
    theirs = save_nanogpt(path, bias=True)
    link = zipfile.ZipInfo("archive/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../slipped", "x")
        archive.writestr(str(tmp_path / "absolute"), "x")
        archive.writestr(link, "/etc/passwd")
    with suppress(ValueError):  # torch may read it or refuse it
        assert torch.equal(load_model(path).tok_emb.weight, theirs.transformer.wte.weight)
    assert sorted(tmp_path.rglob("*")) == [inner, path]


def a_zip(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.writestr("config.json", '{"n_head": 4}' * 50)
        archive.writestr("model.safetensors", bytes(random.Random(1).choices(range(40), k=20_000)))
    return written.getvalue()


def test_41_damage_anywhere_in_a_zip_is_said(tmp_path: Path) -> None:
    refused = 0
    for seed in range(300):
        dice, damaged = random.Random(seed), bytearray(a_zip())
        for _ in range(dice.randint(1, 4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            unpack(io.BytesIO(bytes(damaged)), folder)
        except ValueError:
            refused += 1
    assert refused > 250  # a byte of a date may be wrong and nobody minds


def test_41_rare_ways_of_packing_are_refused(tmp_path: Path) -> None:
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with pytest.raises(ValueError, match="ordinary zip"):
            unpack(io.BytesIO(a_zip(method)), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["bomb.pt", "bomb.pth", "pytorch_model.bin", "bomb.safetensors", "bomb"])
@pytest.mark.parametrize("by", ["torch", "pickle"])
def test_40_a_pickle_bomb_does_not_go_off(tmp_path: Path, name: str, by: str, no_child: None) -> None:
    path, target = tmp_path / name, tmp_path / "went off"
    content = {"tok_emb.weight": Bomb(target)}
    if by == "torch":
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=name):
        load_model(path)
    assert not target.exists()
    pickle.loads(pickle.dumps(content))
    assert target.exists()  # it does go off for those who open it


def test_41_expanded_tensors_are_refused_before_they_are_copied(tmp_path: Path, no_child: None) -> None:
    path = tmp_path / "huge.pth"
    for huge in (torch.ones(1).expand(2**17, 2**17), torch.ones(1).expand(1000)):
        torch.save({"tok_emb.weight": huge}, path)
        assert path.stat().st_size < 4000
        with pytest.raises(ValueError, match=r"claims? more"):
            load_model(path)


def test_45_nobody_sees_anothers_list_and_a_link_works_for_all(home, brought, tmp_path):
    mine = bring(home, upload(ours(tmp_path / "a.safetensors", 1)), "ada")
    theirs = bring(home, upload(ours(tmp_path / "b.safetensors", 2)), "bob")
    assert [entry.model_id for entry in brought.entries("ada")] == [mine]
    assert [entry.model_id for entry in brought.entries("bob")] == [theirs]
    assert brought.model(theirs) is not None  # whoever knows the id
    brought.rename(theirs, "ada", "taken")
    brought.delete(theirs, "ada")
    assert [(entry.name, entry.model_id) for entry in brought.entries("bob")] == [("b.safetensors", theirs)]


@pytest.mark.parametrize("name", ["../../x", "CON", "n" * 300, "a\x00b", "<b>🙂</b>", "  "])
def test_43_a_name_is_only_a_name(home, brought, tmp_path, name):
    ours(tmp_path / "a.safetensors")
    content = (tmp_path / "a.safetensors").read_bytes()
    files = [(f"{name}.safetensors", io.BytesIO(content))]
    model_id = bring(home, lambda folder: offered.from_uploads(files, folder), "ada")
    assert {path.name for path in home.models.iterdir()} == {model_id}
    brought.rename(model_id, "ada", name)
    kept = brought.entries("ada")[0].name
    assert len(kept) <= 60
    assert "\x00" not in kept
    assert kept


@pytest.mark.parametrize("model_id", ["../..", "a" * 31, "A" * 32, "a" * 32, "", None, "a" * 10_000, ".lock"])
def test_44_what_is_no_id_is_no_model(brought, model_id):
    assert not brought.has(model_id)
    with pytest.raises(NotThereError):
        brought.model(model_id)


def test_39_everything_that_does_not_fit_is_listed_and_nothing_is_kept(home, brought, tmp_path):
    folder = tmp_path / "broken"
    model = save_gpt2(folder, vocab_size=400)
    state = {f"transformer.{name}": x for name, x in model.transformer.state_dict().items()}
    del state["transformer.h.0.ln_1.weight"]
    state["transformer.h.1.mlp.c_fc.bias"] = torch.zeros(7)
    (folder / "model.safetensors").unlink()
    torch.save(state, folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match=r"norm1.scale is missing.*|.*c_fc.bias has shape") as refused:
        bring(home, upload(*folder.iterdir()), "ada")
    assert "norm1.scale is missing" in str(refused.value)
    assert "c_fc.bias has shape" in str(refused.value)
    assert nothing_is_left(home)
    assert brought.entries("ada") == []


@pytest.mark.parametrize("name", ["model.safetensors", "model.pth", "ckpt.pt"])
@pytest.mark.parametrize(
    "content", [b"", b"MZ\x90\x00 an exe", b"\x80\x04cos\nsystem\n.", b"\xff" * 8 + b"{"]
)
def test_38_40_46_what_holds_no_weights_gets_a_sentence(home, name, content):
    files = [(name, io.BytesIO(content))]
    with pytest.raises(ValueError, match=r"."):
        bring(home, lambda folder: offered.from_uploads(files, folder), "ada")
    assert nothing_is_left(home)


def test_40_a_pickle_is_never_unpickled_here(home, tmp_path):
    target = tmp_path / "harmed"
    bomb = b"cos\nsystem\n(S'touch " + str(target).encode() + b"'\ntR."
    for name in ("model.pth", "model.safetensors", "meta.pkl"):
        files = [(name, io.BytesIO(b"\x80\x02" + bomb))]
        if name == "meta.pkl":
            content = ours(tmp_path / "ok.safetensors").read_bytes()
            files.append(("ok.safetensors", io.BytesIO(content)))
            model_id = bring(home, lambda folder, files=files: offered.from_uploads(files, folder), "ada")
            assert "meta.pkl was not used" in Brought(home).about(model_id).said[0]
        else:
            with pytest.raises(ValueError, match=r"."):
                bring(home, lambda folder, files=files: offered.from_uploads(files, folder), "ada")
    assert not target.exists()


def test_41_a_zip_bomb_is_refused_before_it_is_read(home):
    bomb = zipped(**{"model.safetensors": bytes(50_000_000)})
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(ValueError, match="unpacks to 50,000,000 bytes"):
        bring(home, lambda folder: offered.from_uploads([("a.zip", bomb)], folder), "ada")
    nested = zipped(**{"inner.zip": zipped(**{"model.safetensors": b"x"}).getvalue()})
    with pytest.raises(ValueError, match="no weights"):
        bring(home, lambda folder: offered.from_uploads([("a.zip", nested)], folder), "ada")
    assert nothing_is_left(home)


def test_42_a_zip_writes_nothing_by_its_own_names(home, brought, tmp_path):
    content = ours(tmp_path / "ok.safetensors").read_bytes()
    escape = {"../../../escaped.safetensors": content, "/tmp/glassbox-escaped.txt": b"x", "run.sh": b"rm"}
    model_id = bring(home, lambda folder: offered.from_uploads([("a.zip", zipped(**escape))], folder), "ada")
    assert brought.has(model_id)
    assert not list(tmp_path.rglob("escaped*"))
    assert not Path("/tmp/glassbox-escaped.txt").exists()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("model.safetensors")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ValueError, match="links"):
        bring(home, lambda folder: offered.from_uploads([("a.zip", packed)], folder), "ada")


def test_66_a_table_from_a_spreadsheet_is_read_whole_and_the_page_says_how():
    rows = [f"{row};rain, again {row};0,5;{'bad' if row % 2 else 'good'};;" for row in range(40)]
    page = open_page("pages/training/classification.py", classification_data="own")
    page.file_uploader[0].upload(
        "table.csv", "\r\n".join(["sep=;", ";text;score;label;;", *rows]).encode("utf-16")
    )
    page.run()
    assert not page.exception
    shown = shown_text(page).replace("\\", "")
    assert "40 rows: bad 20, good 20." in shown
    assert "The first row (text, label) is read as headings. 1 more column left out." in shown
