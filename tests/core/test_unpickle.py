import json
import zipfile
from pathlib import Path

import pytest
import torch

from core import child, unpickle
from core.tensor_files import open_tensors, plain_name
from core.unpickle import check_sizes, tensors_of
from core.weights import load_model
from tests.core.checkpoints import save_nanogpt

ONE = torch.ones(2, 3)


class Bomb:
    """Runs code of its choice when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return (Path.touch, (self.target,))


def test_a_child_process_reads_the_pickle(tmp_path: Path) -> None:
    path, target = tmp_path / "ckpt.pt", tmp_path / "went off"
    model = save_nanogpt(path, bias=True)
    tensors = open_tensors([path])
    assert json.loads(tensors.facts["facts"])["model_args"]["n_head"] == 3
    assert all(torch.equal(x, tensors[plain_name(name)]) for name, x in model.state_dict().items())

    torch.save({"a": Bomb(target)}, path)
    with pytest.raises(ValueError, match=r"'ckpt.pt' is no checkpoint of plain tensors: .+"):
        open_tensors([path])
    assert not target.exists()


def test_a_child_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({"a": ONE}, tmp_path / "a.pt")
    monkeypatch.setattr(child, "STARTING", 0.05 - child.SECONDS)
    with pytest.raises(ValueError, match="took longer than 20 s"):
        open_tensors([tmp_path / "a.pt"])


def test_a_zip_bomb_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_child: None
) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(50_000_000))
    assert path.stat().st_size < 60_000
    monkeypatch.setattr(torch, "load", lambda *a, **k: pytest.fail("it was opened"))
    with pytest.raises(ValueError, match="unpacks to 50,000,000 bytes"):
        open_tensors([path])


def test_many_names_for_one_storage_are_counted_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpickle, "MAX_BYTES", 100)
    check_sizes({"a": ONE, "b": ONE})
    with pytest.raises(ValueError, match="more memory than is allowed"):
        check_sizes({str(i): ONE for i in range(5)})


@pytest.mark.parametrize("odd", [torch.ones(3, 3).to_sparse(), torch.ones(2, device="meta")])
def test_tensors_without_numbers_of_their_own_are_refused(
    tmp_path: Path, odd: torch.Tensor, no_child: None
) -> None:
    torch.save({"tok_emb.weight": odd}, tmp_path / "odd.pt")
    with pytest.raises(ValueError, match="no checkpoint of plain tensors"):
        open_tensors([tmp_path / "odd.pt"])


@pytest.mark.parametrize(
    "content",
    [{"a": ONE}, {"model": {"a": ONE}}, {"model_state_dict": {"a": ONE}, "optimizer_state_dict": {}}],
)
def test_the_state_dict_is_found(content: dict) -> None:
    assert tensors_of(content) == {"a": ONE}


@pytest.mark.parametrize(
    "content", [{}, [], None, ONE, {"a": 1}, {1: ONE}, {"model": {}}, {"a": ONE, "b": "text"}]
)
def test_what_holds_no_state_dict_is_refused(content: object) -> None:
    with pytest.raises(ValueError, match="state dict"):
        tensors_of(content)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x80\x02}q\x00.", bytes(range(256)) * 8, b"not a pickle"]
)
def test_files_that_are_no_pickle_are_refused(tmp_path: Path, content: bytes, no_child: None) -> None:
    (tmp_path / "x.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.pt"):
        open_tensors([tmp_path / "x.pt"])


def test_a_truncated_checkpoint_is_refused(tmp_path: Path, no_child: None) -> None:
    path = tmp_path / "ckpt.pt"
    save_nanogpt(path, bias=False)
    whole = path.read_bytes()
    for part in (10, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:part])
        with pytest.raises(ValueError, match=r"ckpt\.pt"):
            load_model(path)
