"""Files that want to do harm: nothing is unpickled here, unpacked by name, or grown (FAULTS 40, 41, 42)."""

import pickle
import stat
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from checkpoints import save_nanogpt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llms_from_scratch.ch04 import GPTModel as BookGPT
from test_unpickle import Bomb

from core.foreign import read_weights
from core.nanogpt_meta import read_meta
from core.tensor_files import open_tensors
from core.weights import load_model

META = {"vocab_size": 3, "itos": {0: "\n", 1: "a", 2: "é"}, "stoi": {"\n": 0, "a": 1, "é": 2}}


@pytest.fixture
def no_unpickling_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever unpickles in this process fails the test; a child may."""
    for module, name in ((torch, "load"), (pickle, "load"), (pickle, "loads"), (pickle, "Unpickler")):
        monkeypatch.setattr(module, name, lambda *a, **k: pytest.fail("it was unpickled in this process"))


def allow_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.child.subprocess.run", lambda *a, **k: pytest.fail("a child was started"))


# --- FAULTS 40: pickle bombs


@pytest.mark.parametrize("name", ["bomb.pt", "meta.pkl", "bomb.safetensors"])
def test_a_bomb_goes_off_nowhere(tmp_path: Path, name: str, no_unpickling_here: None) -> None:
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


def test_a_whole_model_is_refused_with_what_to_do(tmp_path: Path, no_child: None) -> None:
    """FAULTS 40: torch.save(model, path) writes the classes' names, which are code."""
    sizes = {"vocab_size": 9, "context_length": 4, "emb_dim": 4, "n_heads": 2, "n_layers": 1}
    torch.save(BookGPT(sizes | {"drop_rate": 0.0, "qkv_bias": False}), tmp_path / "model.pth")
    with pytest.raises(ValueError, match=r"torch\.save\(model\.state_dict\(\), path\)") as refused:
        load_model(tmp_path / "model.pth")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["ckpt.pt", "weights", "meta.pkl"])
def test_a_server_open_to_strangers_reads_no_pickle(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 40: one setting, and the message says how to bring the weights all the same."""
    save_nanogpt(tmp_path / name, bias=True)
    monkeypatch.setenv("GLASSBOX_STRANGERS", "1")
    allow_no_child(monkeypatch)
    with pytest.raises(ValueError, match="open to strangers") as refused:
        (read_meta if name == "meta.pkl" else load_model)(tmp_path / name)
    code = str(refused.value).split("\n", 1)[1]
    compile(code, "instead", "exec")
    assert len(code.splitlines()) == 2


# --- FAULTS 41: archives that grow


def test_compressed_and_huge_archives_are_refused_before_they_are_opened(
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
def test_a_pickle_that_claims_memory_is_stopped(tmp_path: Path) -> None:
    """FAULTS 41: a memo of 2^31 entries in ten bytes, stopped by the child's limit."""
    (tmp_path / "meta.pkl").write_bytes(b"\x80\x04Nr\xff\xff\xff\x7f.")
    with pytest.raises(ValueError, match="more memory than is allowed"):
        read_meta(tmp_path / "meta.pkl")


# --- FAULTS 42: names that lead out of the archive


def test_names_and_links_in_an_archive_lead_nowhere(tmp_path: Path, no_child: None) -> None:
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


# --- what arrives whole, and what does not


def test_tied_weights_are_rewritten_once(tmp_path: Path, no_child: None) -> None:
    save_nanogpt(tmp_path / "ckpt.pt", bias=True)
    tensors = open_tensors([tmp_path / "ckpt.pt"])
    table, head = tensors.places["wte.weight"], tensors.places["lm_head.weight"]
    assert table.key == head.key
    assert (table.whole_name, head.whole_name) == ("transformer.wte.weight", "lm_head.weight")


def test_the_rewritten_file_goes_with_the_arrival(tmp_path: Path, no_child: None) -> None:
    save_nanogpt(tmp_path / "ckpt.pt", bias=True)
    arrival = read_weights(tmp_path / "ckpt.pt")
    folder = next(iter(arrival.tensors.places.values())).path.parent
    model = arrival.model()
    assert folder.exists()
    del arrival
    assert not folder.exists()
    assert model(torch.zeros(1, 3, dtype=torch.long)).isfinite().all()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # no_child is the same for every example
@given(data=st.data())
def test_a_pickled_file_with_random_damage_raises_nothing_but_value_errors(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, no_child: None
) -> None:
    """FAULTS 38, 40: truncated anywhere, or with some bytes changed."""
    path = tmp_path_factory.mktemp("damage") / "ckpt.pt"
    save_nanogpt(path, bias=False)
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1), "length")])
    with suppress(ValueError):
        load_model(path)
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(changed)
    with suppress(ValueError):
        load_model(path)


# --- nanoGPT's meta.pkl


def test_the_characters_of_a_meta_pkl(tmp_path: Path, no_unpickling_here: None) -> None:
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(META))
    assert read_meta(tmp_path / "meta.pkl") == {"itos": ["\n", "a", "é"]}


def test_the_two_lines_for_strangers_give_the_same_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(META))
    monkeypatch.setenv("GLASSBOX_STRANGERS", "1")
    with pytest.raises(ValueError, match="open to strangers") as refused:
        read_meta(tmp_path / "meta.pkl")
    code = str(refused.value).split("\n", 1)[1]
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert read_meta(tmp_path / "meta.json") == {"itos": ["\n", "a", "é"]}


@pytest.mark.parametrize(
    "content", [[], {}, {"itos": []}, {"itos": {0: 1}}, {"itos": {1: "a"}}, {"itos": {0: b"a"}}]
)
def test_what_is_no_table_of_characters_is_refused(tmp_path: Path, content: object, no_child: None) -> None:
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=r"'meta\.pkl' is no meta\.pkl of nanoGPT: its? .*itos"):
        read_meta(tmp_path / "meta.pkl")


def test_other_files_are_no_meta(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow_no_child(monkeypatch)
    with pytest.raises(ValueError, match="no file"):
        read_meta(tmp_path / "meta.pkl")
    with (tmp_path / "meta.pkl").open("wb") as file:
        file.truncate(9 * 2**20)
    with pytest.raises(ValueError, match="vocabulary is far smaller"):
        read_meta(tmp_path / "meta.pkl")
    (tmp_path / "meta.json").write_text('{"itos": {"0": "a"}}')
    with pytest.raises(ValueError, match="itos"):
        read_meta(tmp_path / "meta.json")
