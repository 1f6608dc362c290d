"""Files that want to do harm: nothing is unpickled here, unpacked by name, or grown (FAULTS 40, 41, 42)."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.foreign import read_weights
from core.nanogpt_meta import INSTEAD, read_meta
from core.tensor_files import open_tensors
from tests.core.checkpoints import save_nanogpt

META = {"vocab_size": 3, "itos": {0: "\n", 1: "a", 2: "é"}, "stoi": {"\n": 0, "a": 1, "é": 2}}


@pytest.fixture
def no_unpickling_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever unpickles in this process fails the test; a child may."""
    for module, name in ((torch, "load"), (pickle, "load"), (pickle, "loads"), (pickle, "Unpickler")):
        monkeypatch.setattr(module, name, lambda *a, **k: pytest.fail("it was unpickled in this process"))


def allow_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.child.subprocess.run", lambda *a, **k: pytest.fail("a child was started"))


# --- FAULTS 40: pickle bombs


# --- FAULTS 41: archives that grow


# --- FAULTS 42: names that lead out of the archive


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


# --- nanoGPT's meta.pkl


def test_the_characters_of_a_meta_pkl(tmp_path: Path, no_unpickling_here: None) -> None:
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(META))
    assert read_meta(tmp_path / "meta.pkl") == {"itos": ["\n", "a", "é"]}


def test_the_two_lines_for_strangers_give_the_same_characters(tmp_path: Path) -> None:
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(META))
    subprocess.run([sys.executable, "-c", INSTEAD], cwd=tmp_path, check=True)
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
