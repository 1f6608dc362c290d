"""Rows 38 and 39: files of weights that are torn, too large, or of another model."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.config import TINY
from core.foreign import read_weights
from core.weights import book_state, from_book_state, load_model, save_model
from runs import resume
from runs.journal import Journal
from runs.prepare import prepared
from runs.resume import LAST, PREVIOUS, load_training, save_training
from runs.training import Training
from tests.core.checkpoints import save_nanogpt
from tests.core.strategies import lively
from tests.core.test_foreign import book_model
from tests.faults.at_work import finish
from tests.runs.test_resume import assert_same, train_to
from tests.runs.test_store import claim
from tests.runs.test_worker import assert_equals
from tests.runs.tiny import RECIPE


def test_39_all_differences_are_listed_and_nothing_is_loaded() -> None:
    """FAULTS 39."""
    state = book_state(lively(TINY))
    state = {name: x.clone() for name, x in state.items()}
    del state["final_norm.scale"]
    state["extra"] = torch.ones(1)
    state["pos_emb.weight"] = torch.ones(31, 16)
    state["final_norm.shift"] = torch.ones(16, dtype=torch.int64)
    state["tok_emb.weight"][3, 3] = torch.nan
    state["out_head.weight"][0, 0] = torch.inf
    state["trf_blocks.0.ff.layers.0.bias"] = torch.full(
        (64,), 1e300, dtype=torch.float64
    )  # too large for ours
    with pytest.raises(ValueError, match="none was loaded") as refused:
        from_book_state(TINY, state)
    for difference in (
        "extra is unknown",
        "final_norm.scale is missing",
        r"pos_emb.weight has shape (31, 16) instead of (32, 16)",
        "final_norm.shift holds torch.int64 instead of floating-point numbers",
        "tok_emb.weight holds NaN or infinity",
        "out_head.weight holds NaN or infinity",
        "trf_blocks.0.ff.layers.0.bias holds NaN or infinity",
    ):
        assert difference in str(refused.value)


def header(facts: object, tail: bytes = b"") -> bytes:
    text = json.dumps(facts).encode()
    return len(text).to_bytes(8, "little") + text + tail


TENSOR = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        bytes(range(256)) * 20,
        (2**40).to_bytes(8, "little") + b"{}",
        header({"a": TENSOR | {"shape": [2**40, 2**40]}}, bytes(16)),
        header({"a": TENSOR | {"data_offsets": [0, 2**50]}}, bytes(16)),
        header({"a": TENSOR | {"dtype": "F99"}}, bytes(16)),
        header([], bytes(16)),
        header({"a": TENSOR}, bytes(16)),
        header({}),
    ],
    ids=[
        "empty",
        "one byte",
        "noise",
        "header 2^40",
        "shape",
        "offsets",
        "dtype",
        "list",
        "stranger",
        "no tensors",
    ],
)
def test_38_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """FAULTS 38."""
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match=r"not a whole safetensors file|no weights of a GPT"):
        load_model(tmp_path / "x.safetensors")


def test_38_a_truncated_file_is_refused(tmp_path: Path) -> None:
    """FAULTS 38."""
    path = save_model(lively(), tmp_path / "model.safetensors")
    whole = path.read_bytes()
    for part in (4, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:part])
        with pytest.raises(ValueError, match="not a whole safetensors file"):
            load_model(path)


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\xff" * 100])
def test_38_a_damaged_checkpoint_falls_back_to_the_one_before(damage, tmp_path, uninterrupted):
    losses, weights = uninterrupted
    training = Training.begin(prepared(RECIPE))
    train_to(training, 5)
    save_training(training, tmp_path)
    train_to(training, 9)
    save_training(training, tmp_path)
    assert (tmp_path / PREVIOUS).exists()
    whole = (tmp_path / LAST).read_bytes()
    (tmp_path / LAST).write_bytes(damage or whole[: len(whole) // 2])
    rest, resumed = finish(tmp_path)
    assert rest == losses[5:]
    assert_same(weights, resumed)


def test_39_a_checkpoint_with_broken_weights_is_not_taken_up(tmp_path):
    training = Training.begin(prepared(RECIPE))
    save_training(training, tmp_path)
    tensors, facts = load_file(tmp_path / LAST), resume.facts_of(training)
    tensors["model.tok_emb.weight"][0, 0] = torch.nan
    save_file(tensors, tmp_path / LAST, metadata={"glassbox": resume.json.dumps(facts)})
    with pytest.raises(ValueError, match=r"last\.safetensors: .*NaN"):
        load_training(prepared(RECIPE), tmp_path)


def test_39_every_difference_is_in_their_names_and_a_long_list_is_cut(tmp_path: Path) -> None:
    """FAULTS 39: all differences listed, nothing half-loaded."""
    state = book_model().state_dict()
    state["final_norm.scale"] = torch.full((24,), torch.nan)
    state["final_norm.shift"] = torch.ones(24, dtype=torch.int32)
    state["pos_emb.weight"] = torch.ones(10, 23)
    del state["trf_blocks.1.ff.layers.0.bias"]
    path = tmp_path / "model.safetensors"
    save_file(state | {"odd": torch.ones(1)}, path)
    arrival = read_weights(path, n_heads=3)
    with pytest.raises(ValueError, match="none was loaded") as refused:
        arrival.model()
    for difference in (
        "final_norm.scale holds NaN or infinity",
        "final_norm.shift holds torch.int32 instead of floating-point numbers",
        "pos_emb.weight has shape (10, 23) instead of (10, 24)",
        "trf_blocks.1.ff.layers.0.bias is missing",
        "odd is unknown",
    ):
        assert difference in str(refused.value)
    assert next(row for row in arrival.rows if row.theirs == "odd").how.startswith("unknown")

    save_file(state | {f"odd.{i}": torch.ones(1) for i in range(156)}, path)
    with pytest.raises(ValueError, match=r"; \.\.\. and 140 more$"):
        read_weights(path, n_heads=3).model()


def test_39_a_joined_matrix_of_the_wrong_shape_is_named_once(tmp_path: Path, no_child: None) -> None:
    """FAULTS 39: the wanted shape is given as the file would keep it."""
    save_nanogpt(tmp_path / "ckpt.pt", bias=True)
    checkpoint = torch.load(tmp_path / "ckpt.pt", weights_only=True)
    checkpoint["model"]["transformer.h.0.attn.c_attn.weight"] = torch.ones(71, 24)
    torch.save(checkpoint, tmp_path / "ckpt.pt")
    with pytest.raises(ValueError, match="none was loaded") as refused:
        load_model(tmp_path / "ckpt.pt")
    assert str(refused.value).count("h.0.attn.c_attn.weight has shape (71, 24) instead of (72, 24)") == 1


def test_39_a_lost_last_layer_is_missed(tmp_path: Path, no_child: None) -> None:
    """FAULTS 39: what the file says of itself counts, or half a model would pass for a smaller one."""
    save_nanogpt(tmp_path / "ckpt.pt", bias=True)
    checkpoint = torch.load(tmp_path / "ckpt.pt", weights_only=True)
    checkpoint["model"] = {name: x for name, x in checkpoint["model"].items() if ".h.1." not in name}
    torch.save(checkpoint, tmp_path / "ckpt.pt")
    with pytest.raises(ValueError, match=r"trf_blocks\.1\.att\.W_query\.weight is missing"):
        load_model(tmp_path / "ckpt.pt")


def test_38_a_file_that_describes_layers_without_end_is_refused_at_once(tmp_path: Path) -> None:
    """FAULTS 38, 39: modules cost memory too, even without weights."""
    facts = {name: getattr(TINY, name) for name in TINY.__slots__} | {"n_layers": 10**5}
    save_file(lively(TINY).state_dict(), tmp_path / "x.safetensors", metadata={"glassbox": json.dumps(facts)})
    with pytest.raises(ValueError, match="describes 100,000 layers, but holds 31 tensors"):
        load_model(tmp_path / "x.safetensors")


@pytest.mark.parametrize("length", [2**22 + 1, 10**8, 2**40, 2**64 - 1])
def test_38_a_long_header_is_refused_before_it_is_read(tmp_path: Path, length: int) -> None:
    """FAULTS 38: names and shapes of a million tensors would fill the server's memory."""
    (tmp_path / "x.safetensors").write_bytes(length.to_bytes(8, "little") + b"{}")
    with pytest.raises(ValueError, match=f"not a whole safetensors file: it claims {length:,} bytes"):
        read_weights(tmp_path / "x.safetensors")


@pytest.mark.parametrize("name", ["x.pth", "x.safetensors", "x.bin", "x.pt", "x"])
@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00\x03" + bytes(500), b"Once upon a time", b"", b"\x89PNG\r\n\x1a\n" + bytes(40)]
)
def test_46_what_is_no_weights_file_is_refused_without_a_child(
    tmp_path: Path, name: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 46: the content is looked at, not the name."""
    monkeypatch.setattr("core.child.subprocess.run", lambda *a, **k: pytest.fail("a child was started"))
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"'{name}' (is empty|holds no weights|is not a whole safetensors)"):
        read_weights(tmp_path / name)


def header(content):
    return len(content).to_bytes(8, "little") + content


DAMAGE = {
    "empty": lambda whole: b"",
    "cut off": lambda whole: whole[: len(whole) // 2],
    "random": lambda whole: bytes(torch.randint(256, (5000,), dtype=torch.uint8).tolist()),
    "a header of 2^40 bytes": lambda whole: (2**40).to_bytes(8, "little") + whole[8:],
    "a shape that overflows": lambda whole: header(
        b'{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}' + bytes(4)
    ),
    "offsets beyond the file": lambda whole: header(
        b'{"a":{"dtype":"F32","shape":[99],"data_offsets":[0,396]}}'
    ),
    "no facts": lambda whole: header(b"{}"),
    "facts that are no JSON": lambda whole: header(b'{"__metadata__":{"glassbox":"{"}}'),
    "facts that are no facts": lambda whole: header(b'{"__metadata__":{"glassbox":"[1]"}}'),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_38_a_damaged_checkpoint_never_stops_a_run(store, recipe, here, damage, uninterrupted):
    """The one before is taken up, as many times as that takes, and its damaged tokenizer is made again."""
    run_id = store.start(recipe, "ada")
    folder = store.home.run_dir(run_id)
    folder.mkdir()
    training = Training.begin(prepared(recipe))
    events = training.events()
    for step in (20, 40):
        while training.step < step:
            Journal(folder).write([next(events)], training.step)
        save_training(training, folder)
    (folder / LAST).write_bytes(DAMAGE[damage]((folder / LAST).read_bytes()))
    assert load_training(prepared(recipe), folder).step == 20
    (folder / "tokenizer.json").write_text("{")
    claim(store)
    assert here(run_id) == 0
    assert_equals(store, run_id, uninterrupted)
