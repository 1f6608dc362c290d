import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from checkpoints import NANOGPT, enliven, save_nanogpt
from llms_from_scratch.ch04 import GPTModel as BookGPT
from safetensors.torch import load_file, save_file
from strategies import lively, random_ids

from core import weights
from core.config import TINY, GPTConfig
from core.gpt import GPTModel
from core.weights import book_state, from_book_state, load_model, save_model

transformers = pytest.importorskip("transformers")

BOOK = {
    "vocab_size": 40,
    "context_length": 10,
    "emb_dim": 24,
    "n_heads": 3,
    "n_layers": 2,
    "drop_rate": 0.0,
    "qkv_bias": False,
}


def assert_same_logits(ours: GPTModel, theirs: object, tolerance: float = 1e-4) -> None:
    ids = random_ids(ours.config, ours.config.context_length, 2)
    with torch.no_grad():
        expected = theirs(ids)
        torch.testing.assert_close(ours(ids), getattr(expected, "logits", expected), atol=tolerance, rtol=0)
    assert not ours.training
    assert all(p.requires_grad for p in ours.parameters())


# --- our own checkpoints


def test_a_failing_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_model(lively(TINY, 1), tmp_path / "model.safetensors")
    old = path.read_bytes()

    def full_disk(state: dict, target: Path, metadata: dict) -> None:
        target.write_bytes(b"half a fi")
        raise OSError("No space left on device")

    monkeypatch.setattr(weights, "save_file", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_model(lively(TINY, 2), path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_is_replaced_only_by_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_model(lively(TINY, 1), tmp_path / "model.safetensors")
    old = path.read_bytes()

    def power_cut(source: Path, target: Path) -> None:
        assert torch.equal(load_file(source)["tok_emb.weight"], lively(TINY, 2).tok_emb.weight)
        raise OSError("power cut")

    monkeypatch.setattr(weights.os, "replace", power_cut)
    with pytest.raises(OSError, match="power cut"):
        save_model(lively(TINY, 2), path)
    assert path.read_bytes() == old


def test_a_save_replaces_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    for seed in (1, 2):
        save_model(lively(TINY, seed), path)
    assert torch.equal(load_model(path).tok_emb.weight, lively(TINY, 2).tok_emb.weight)


def test_a_loaded_model_is_its_own(tmp_path: Path) -> None:
    model = lively()
    state = book_state(model)
    again = from_book_state(TINY, state)
    with torch.no_grad():
        again.tok_emb.weight.zero_()
    assert model.tok_emb.weight.abs().sum() > 0
    assert not any(x.requires_grad for x in state.values())


@pytest.mark.parametrize(
    ("field", "value"), [("norm_eps", 0.01), ("ffn_width", 7), ("causal", False), ("position", "rotary")]
)
def test_what_the_books_class_computes_otherwise_is_not_written_for_it(
    tmp_path: Path, field: str, value: object
) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value!r}"):
        book_state(lively(replace(TINY, **{field: value})))
    saved = save_model(
        lively(replace(TINY, **{field: value})), tmp_path / "ours.safetensors"
    )  # ours knows it
    assert getattr(load_model(saved).config, field) == value


# --- Hugging Face


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> object:
    config = transformers.GPT2Config(
        vocab_size=40, n_positions=12, n_embd=24, n_layer=2, n_head=3, bos_token_id=0, eos_token_id=0
    )
    return enliven(transformers.GPT2LMHeadModel(config))


@pytest.mark.parametrize("kind", ["LMHead", "without prefix", "pytorch_model.bin"])
def test_a_hugging_face_folder(gpt2: object, tmp_path: Path, kind: str, no_child: None) -> None:
    (gpt2.transformer if kind == "without prefix" else gpt2).save_pretrained(tmp_path)
    names = load_file(tmp_path / "model.safetensors").keys()
    assert any(name.startswith("transformer.") for name in names) == (kind != "without prefix")
    if kind == "pytorch_model.bin":
        (tmp_path / "model.safetensors").unlink()
        torch.save(gpt2.state_dict(), tmp_path / "pytorch_model.bin")
    ours = load_model(tmp_path)
    assert_same_logits(ours, gpt2)
    assert (ours.config.qkv_bias, ours.config.tie_weights, ours.config.activation) == (
        True,
        True,
        "gelu_tanh",
    )
    assert (ours.config.n_heads, ours.config.n_layers, ours.config.context_length) == (3, 2, 12)
    assert ours.out_head.weight is ours.tok_emb.weight


def test_a_hugging_face_folder_in_parts(gpt2: object, tmp_path: Path) -> None:
    gpt2.save_pretrained(tmp_path, max_shard_size="20KB")
    parts = sorted(tmp_path.glob("*.safetensors"))
    assert len(parts) > 1
    assert_same_logits(load_model(tmp_path), gpt2)
    parts[1].unlink()
    with pytest.raises(ValueError, match=r"is missing|no table"):
        load_model(tmp_path)


@pytest.mark.parametrize("name", ["model.pt", "model.pth", "model"])
def test_our_checkpoint_is_known_whatever_its_name(tmp_path: Path, name: str) -> None:
    model = lively()
    loaded = load_model(save_model(model, tmp_path / name))
    assert loaded.config == model.config
    assert torch.equal(loaded.tok_emb.weight, model.tok_emb.weight)


def test_the_books_weights_from_a_compiled_model_and_a_file_without_ending(
    tmp_path: Path, no_child: None
) -> None:
    model = lively()
    torch.save({f"_orig_mod.{name}": x for name, x in book_state(model).items()}, tmp_path / "weights")
    loaded = load_model(tmp_path / "weights", model.config)
    assert torch.equal(loaded.out_head.weight, model.out_head.weight)


@pytest.mark.parametrize(
    "variant",
    [
        {"activation_function": "gelu"},
        {"activation_function": "relu"},
        {"activation_function": "silu"},
        {"scale_attn_weights": False},
        {"tie_word_embeddings": False},
        {"n_inner": 96},
    ],
)
def test_the_variants_that_we_compute(variant: dict, tmp_path: Path) -> None:
    sizes = {"vocab_size": 40, "n_positions": 12, "n_embd": 24, "n_layer": 2, "n_head": 3}
    config = transformers.GPT2Config(**sizes, **variant, bos_token_id=0, eos_token_id=0)
    model = enliven(transformers.GPT2LMHeadModel(config))
    model.save_pretrained(tmp_path)
    ours = load_model(tmp_path)
    assert_same_logits(ours, model)
    assert ours.config.tie_weights == variant.get("tie_word_embeddings", True)


@pytest.mark.parametrize(
    ("variant", "rule"),
    [
        ({"activation_function": "mish"}, "activation_function is 'mish'"),
        ({"n_inner": 50}, r"mlp\.c_fc\.weight has shape \(24, 96\) instead of \(24, 50\)"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx = True"),
        ({"n_head": "three"}, "n_heads is 'three'"),
        ({"n_head": 5}, "multiple of n_heads 5"),
        ({"resid_pdrop": "0.1"}, "description of the model is damaged"),
        ({"activation_function": []}, "description of the model is damaged"),
        ({"layer_norm_epsilon": "small"}, "description of the model is damaged"),
    ],
)
def test_a_config_that_we_cannot_follow_is_refused(
    gpt2: object, tmp_path: Path, variant: dict, rule: str
) -> None:
    gpt2.save_pretrained(tmp_path)
    facts = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(facts | variant))
    with pytest.raises(ValueError, match=rule):
        load_model(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[1]", "3", "\x00"])
def test_a_damaged_config_is_refused(gpt2: object, tmp_path: Path, content: str) -> None:
    gpt2.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(ValueError, match="damaged"):
        load_model(tmp_path)


def test_an_incomplete_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are no weights in"):
        load_model(tmp_path)
    with pytest.raises(ValueError, match="there is no file or folder 'nowhere'"):
        load_model(tmp_path / "nowhere")


# --- nanoGPT


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("prefix", ["", "_orig_mod."])
def test_nanogpts_checkpoint(tmp_path: Path, bias: bool, prefix: str, no_child: None) -> None:
    theirs = save_nanogpt(tmp_path / "ckpt.pt", bias=bias, prefix=prefix)
    ours = load_model(tmp_path / "ckpt.pt")
    assert_same_logits(ours, theirs)
    assert (ours.config.activation, ours.config.n_heads, ours.config.tie_weights) == ("gelu", 3, True)


def test_nanogpts_dropout_is_kept(tmp_path: Path, no_child: None) -> None:
    save_nanogpt(tmp_path / "ckpt.pt", bias=False, dropout=0.2)
    assert load_model(tmp_path / "ckpt.pt").config.drop_rate == 0.2


@pytest.mark.parametrize(
    "name", ["wte.weight", "wpe.weight", "h.0.attn.c_attn.weight", "h.1.mlp.c_fc.bias", "ln_f.weight"]
)
@pytest.mark.parametrize("damage", ["missing", "flat", "short", "scalar"])
def test_a_damaged_gpt2_tensor_is_refused(tmp_path: Path, name: str, damage: str, no_child: None) -> None:
    save_nanogpt(tmp_path / "ckpt.pt", bias=True)
    checkpoint = torch.load(tmp_path / "ckpt.pt", weights_only=True)
    x = checkpoint["model"].pop(f"transformer.{name}")
    damaged = {"flat": x.flatten()[:7], "short": x[:-1].clone(), "scalar": x.sum()}
    if damage != "missing":
        checkpoint["model"][f"transformer.{name}"] = damaged[damage]
    torch.save(checkpoint, tmp_path / "ckpt.pt")
    if (name, damage) == ("wpe.weight", "short"):
        return  # a shorter context, and a model
    with pytest.raises(ValueError, match=r"no table|fit the model|fit"):
        load_model(tmp_path / "ckpt.pt")


# --- the book


@pytest.mark.parametrize("form", ["state dict", "with optimizer", "safetensors"])
@pytest.mark.parametrize("qkv_bias", [True, False])
def test_the_books_weights(tmp_path: Path, form: str, qkv_bias: bool, no_child: None) -> None:
    book = enliven(BookGPT(BOOK | {"qkv_bias": qkv_bias}))
    state = book.state_dict()
    if form == "safetensors":
        path = tmp_path / "model.safetensors"
        save_file({name: x.clone() for name, x in state.items()}, path)
    else:
        path = tmp_path / "model.pth"
        optimizer = torch.optim.AdamW(book.parameters())
        both = {"model_state_dict": state, "optimizer_state_dict": optimizer.state_dict()}
        torch.save(both if form == "with optimizer" else state, path)
    assert_same_logits(load_model(path, GPTConfig(**BOOK | {"qkv_bias": qkv_bias})), book)
    with pytest.raises(
        ValueError, match=r"how many heads share its width of 24: give a config .* one of 1, 2, 3"
    ):
        load_model(path)


def test_the_books_gpt2_width_says_its_heads(tmp_path: Path, no_child: None) -> None:
    book = enliven(BookGPT(BOOK | {"emb_dim": 768, "n_heads": 12, "n_layers": 1}))
    torch.save(book.state_dict(), tmp_path / "model.pth")
    ours = load_model(tmp_path / "model.pth")
    assert_same_logits(ours, book, 1e-3)
    assert (ours.config.n_heads, ours.config.context_length, ours.config.tie_weights) == (12, 10, False)


@pytest.mark.parametrize("prefix", ["", "_orig_mod."])
def test_our_state_under_the_books_names_is_the_books(prefix: str) -> None:
    book = BookGPT(BOOK)
    ours = book_state(lively(GPTConfig(**BOOK)))
    missing, unknown = book.load_state_dict(ours, strict=False)
    assert not unknown
    assert all(name.endswith("mask") for name in missing)
    assert ours["trf_blocks.0.att.W_query.weight"].shape == (24, 24)


# --- everything that does not fit


def test_a_missing_output_layer_is_missing_unless_it_is_tied() -> None:
    state = book_state(lively(TINY))
    del state["out_head.weight"]
    with pytest.raises(ValueError, match=r"out_head\.weight is missing"):
        from_book_state(TINY, state)
    tied = from_book_state(replace(TINY, tie_weights=True), state)
    assert torch.equal(tied.out_head.weight, state["tok_emb.weight"])


def test_an_output_layer_of_its_own_is_not_dropped_silently() -> None:
    with pytest.raises(ValueError, match="set tie_weights=False"):
        from_book_state(replace(TINY, tie_weights=True), book_state(lively(TINY)))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_other_precisions_are_read_as_single(dtype: torch.dtype) -> None:
    state = {name: x.to(dtype) for name, x in book_state(lively(TINY)).items()}
    model = from_book_state(TINY, state)
    assert all(p.dtype == torch.float32 for p in model.parameters())
    assert torch.equal(model.tok_emb.weight, state["tok_emb.weight"].float())


@pytest.mark.parametrize(
    "facts", ["", "[]", "3", '{"vocab_size": 0}', '{"colour": "red"}', '{"drop_rate": "x"}']
)
def test_a_checkpoint_whose_description_is_damaged_is_refused(tmp_path: Path, facts: str) -> None:
    save_file({"tok_emb.weight": torch.ones(2, 2)}, tmp_path / "x.safetensors", metadata={"glassbox": facts})
    with pytest.raises(ValueError, match="description of its model is damaged"):
        load_model(tmp_path / "x.safetensors")


def test_a_description_that_asks_for_too_much_is_refused_before_it_is_built(tmp_path: Path) -> None:
    huge = json.dumps(asdict(replace(TINY, emb_dim=2**20, n_heads=1)))
    save_file({"tok_emb.weight": torch.ones(2, 2)}, tmp_path / "x.safetensors", metadata={"glassbox": huge})
    with pytest.raises(ValueError, match="MiB are allowed"):
        load_model(tmp_path / "x.safetensors")


def test_bare_tensors_of_wrong_shape_are_refused(tmp_path: Path) -> None:
    for state in (
        {"tok_emb.weight": torch.ones(3)},
        {"tok_emb.weight": torch.ones(3, 768), "pos_emb.weight": torch.ones(())},
    ):
        save_file(state, tmp_path / "x.safetensors")
        with pytest.raises(ValueError, match="no table"):
            load_model(tmp_path / "x.safetensors")


def test_nothing_asks_the_network(gpt2: object, tmp_path: Path, no_network: None) -> None:
    gpt2.save_pretrained(tmp_path)
    assert load_model(tmp_path).config.vocab_size == NANOGPT["vocab_size"]
