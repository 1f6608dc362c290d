"""Models that others saved: kinds, names, heads, parity with their programs, refusals (FAULTS 38, 39, 46)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from llms_from_scratch.ch04 import GPTModel as BookGPT
from safetensors.torch import load_file, save_file
from safetensors.torch import save_model as save_as_safetensors
from torch import nn

from core.classes import as_language_model, number_of_classes
from core.config import TINY, GPTConfig
from core.foreign import Arrival, HeadsUnknown, NameRow, is_of_the_book, read_weights
from core.gpt import with_switches
from core.int8 import save_int8
from core.weights import load_model, save_model
from tests.core.checkpoints import enliven, save_nanogpt
from tests.core.strategies import configs, lively

BOOK = {"vocab_size": 40, "context_length": 10, "emb_dim": 24, "n_heads": 3, "n_layers": 2, "drop_rate": 0.0}
IDS = torch.randint(40, (2, 10), generator=torch.Generator().manual_seed(1))


def book_model(**changes: object) -> nn.Module:
    return enliven(BookGPT(BOOK | {"qkv_bias": True} | changes))


def book_classifier(classes: int = 2) -> nn.Module:
    """The book's chapter 6: its GPT with a class layer in the place of the output layer."""
    model = BookGPT(BOOK | {"qkv_bias": True})
    model.out_head = nn.Linear(in_features=BOOK["emb_dim"], out_features=classes)
    return enliven(model)


def assert_is(arrival: Arrival, theirs: nn.Module, tolerance: float = 1e-5) -> None:
    """Our model, the reference and the other program give the same logits, up to rounding."""
    model = arrival.model()
    with torch.no_grad():
        expected = theirs(IDS)
        actual = model(IDS)
    expected = getattr(expected, "logits", expected)
    size = max(1.0, expected.abs().max().item())
    assert (actual - expected).abs().max() <= tolerance * size
    assert arrival.parity(model, IDS) <= tolerance * size
    assert arrival.parity(model, IDS[0]) <= tolerance * size


# --- kinds


@pytest.mark.parametrize("qkv_bias", [True, False])
def test_the_books_weights_arrive(tmp_path: Path, qkv_bias: bool) -> None:
    book = book_model(qkv_bias=qkv_bias)
    save_file(book.state_dict(), tmp_path / "model.safetensors")
    arrival = read_weights(tmp_path / "model.safetensors", n_heads=3)
    assert_is(arrival, book)
    assert (arrival.kind, arrival.heads_from, arrival.classes) == ("book", "you", None)
    assert arrival.config == GPTConfig(**BOOK, qkv_bias=qkv_bias)
    rows = {row.theirs: row for row in arrival.rows}
    assert rows["trf_blocks.0.att.mask"].how == "left out: a mask, not a weight"
    assert rows["tok_emb.weight"].how == "as it is"


def test_the_books_classifier_scores_classes(tmp_path: Path, no_child: None) -> None:
    book = book_classifier(3)
    torch.save(book.state_dict(), tmp_path / "review_classifier.pth")
    arrival = read_weights(tmp_path / "review_classifier.pth", n_heads=3)
    assert_is(arrival, book)
    assert (arrival.classes, arrival.model()(IDS).shape) == (3, (2, 10, 3))
    heads = {row.theirs: (row.their_shape, row.our_shape) for row in arrival.rows if "out_head" in row.theirs}
    assert heads == {"out_head.weight": ((3, 24), (3, 24)), "out_head.bias": ((3,), (3,))}
    with pytest.raises(ValueError, match="the model gives 40 logits a token, the file 3"):
        arrival.parity(as_language_model(arrival.model()), IDS)


def test_a_classifier_is_saved_and_loaded(tmp_path: Path) -> None:
    book = book_classifier()
    save_file(book.state_dict(), tmp_path / "theirs.safetensors")
    model = read_weights(tmp_path / "theirs.safetensors", n_heads=3).model()
    again = load_model(save_model(model, tmp_path / "ours.safetensors"))
    assert number_of_classes(again) == 2
    assert torch.equal(again(IDS), model(IDS))
    assert read_weights(tmp_path / "ours.safetensors").classes == 2


def test_a_classifiers_body_writes_again(tmp_path: Path) -> None:
    book = book_classifier()
    save_file(book.state_dict(), tmp_path / "theirs.safetensors")
    model = read_weights(tmp_path / "theirs.safetensors", n_heads=3).model()
    body = as_language_model(model)
    with torch.no_grad():
        torch.testing.assert_close(body(IDS), model.final_vectors(IDS) @ model.tok_emb.weight.T)
    blind = with_switches(model, replace(model.config, scale_scores=False))
    assert blind(IDS).shape == (2, 10, 2)
    assert not torch.equal(blind(IDS), model(IDS))
    assert body.tok_emb.weight.data_ptr() == model.tok_emb.weight.data_ptr()
    assert number_of_classes(body) is None
    assert number_of_classes(model) == 2
    assert as_language_model(body) is body


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("prefix", ["", "_orig_mod."])
def test_nanogpts_checkpoint_arrives(tmp_path: Path, bias: bool, prefix: str, no_child: None) -> None:
    theirs = save_nanogpt(tmp_path / "ckpt.pt", bias=bias, prefix=prefix)
    arrival = read_weights(tmp_path / "ckpt.pt")
    assert_is(arrival, theirs)
    assert (arrival.kind, arrival.heads_from, arrival.config.activation) == ("nanogpt", "the file", "gelu")
    rows = {row.ours: row for row in arrival.rows if row.ours}
    key = "trf_blocks.1.att.W_key.weight"
    joined = f"{prefix}transformer.h.1.attn.c_attn.weight"
    assert rows[key] == NameRow(joined, (72, 24), "third 2 of 3", key, (24, 24))
    zeros = [row for row in arrival.rows if row.how.startswith("zeros")]
    assert len(zeros) == (0 if bias else 2 * 8 + 1)
    assert rows["out_head.weight"].theirs == f"{prefix}lm_head.weight"
    assert rows["out_head.weight"].how == "tied to tok_emb.weight"


def test_nanogpts_weights_alone_arrive_with_the_exact_gelu(tmp_path: Path, no_child: None) -> None:
    """As the message for strangers proposes: safetensors' save_model keeps one of the two tied names."""
    theirs = save_nanogpt(tmp_path / "ckpt.pt", bias=True)
    save_as_safetensors(theirs, str(tmp_path / "model.safetensors"))
    assert len(load_file(tmp_path / "model.safetensors")) == len(theirs.state_dict()) - 1
    with pytest.raises(HeadsUnknown):
        read_weights(tmp_path / "model.safetensors")
    arrival = read_weights(tmp_path / "model.safetensors", n_heads=3)
    assert_is(arrival, theirs)
    assert (arrival.kind, arrival.config.tie_weights) == ("nanogpt", True)


@given(config=configs())
def test_our_own_checkpoints_arrive_without_a_copy(
    tmp_path_factory: pytest.TempPathFactory, config: GPTConfig
) -> None:
    model = lively(config)
    path = save_model(model, tmp_path_factory.mktemp("ours") / "model.safetensors")
    before, ids = path.read_bytes(), torch.tensor([[0, 1]])
    arrival = read_weights(path)
    again = arrival.model()
    assert (arrival.kind, arrival.config) == ("glassbox", config)
    with torch.no_grad():
        again.tok_emb.weight.zero_()  # a learner's own model may be changed, its file not
    assert path.read_bytes() == before
    assert [row.ours for row in arrival.rows] == list(model.state_dict())
    if is_of_the_book(config):
        with torch.no_grad():
            assert arrival.parity(model, ids) <= 1e-5 * max(1.0, model(ids).abs().max())
    else:
        with pytest.raises(ValueError, match="switches of its own"):
            arrival.parity(model, ids)


def test_our_checkpoints_of_8_bits_tell_themselves(tmp_path: Path) -> None:
    model = lively(TINY)
    save_int8(model, tmp_path / "small.safetensors")
    arrival = read_weights(tmp_path / "small.safetensors")
    again = load_model(tmp_path / "small.safetensors")
    assert arrival.kind == "int8"
    assert arrival.config == again.config == TINY
    assert (again.tok_emb.weight - model.tok_emb.weight).abs().max() < 0.02
    assert arrival.parity(again, IDS) < 1e-4


def test_steps_of_another_shape_are_refused(tmp_path: Path) -> None:
    """A step of a thousand columns would blow a small file up."""
    save_int8(lively(TINY), tmp_path / "small.safetensors")
    tensors = load_file(tmp_path / "small.safetensors")
    tensors["tok_emb.weight:step"] = torch.ones(50, 1000)
    facts = json.dumps({name: getattr(TINY, name) for name in TINY.__slots__})
    save_file(tensors, tmp_path / "small.safetensors", metadata={"glassbox": facts})
    with pytest.raises(ValueError, match="one step for each row"):
        load_model(tmp_path / "small.safetensors")


# --- what a file does not say


def test_heads_that_nobody_tells_are_asked_for(tmp_path: Path) -> None:
    save_file(book_model().state_dict(), tmp_path / "model.safetensors")
    with pytest.raises(HeadsUnknown) as unknown:
        read_weights(tmp_path / "model.safetensors")
    assert (unknown.value.emb_dim, unknown.value.divisors) == (24, (1, 2, 3, 4, 6, 8, 12, 24))
    with pytest.raises(ValueError, match="multiple of n_heads 5"):
        read_weights(tmp_path / "model.safetensors", n_heads=5)


def test_gpt2s_own_width_says_its_heads(tmp_path: Path) -> None:
    book = book_model(emb_dim=768, n_heads=12, n_layers=1)
    save_file(book.state_dict(), tmp_path / "model.safetensors")
    arrival = read_weights(tmp_path / "model.safetensors")
    assert_is(arrival, book, 2e-5)  # logits up to 34; from sums in float64 both are as far away
    assert (arrival.config.n_heads, arrival.heads_from) == (12, "GPT-2's own width")


def test_a_book_model_without_a_table_of_positions(tmp_path: Path) -> None:
    model = lively(replace(TINY, position="none"))
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    arrival = read_weights(tmp_path / "model.safetensors", n_heads=2)
    assert arrival.config.position == "none"
    assert arrival.parity(model, IDS) < 1e-4


# --- everything that does not fit


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    save_file(
        {"wte.weight": torch.ones(2, 2), "transformer.wte.weight": torch.ones(2, 2)},
        tmp_path / "x.safetensors",
    )
    with pytest.raises(ValueError, match="there twice"):
        read_weights(tmp_path / "x.safetensors")
