"""Rows 61, 62 and 64: what other people's files say is obeyed or refused; what they do not say is assumed.

The files are made by transformers and torch, small and uneven; each way in is taken for each field.
"""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from core.config import TINY
from core.foreign import Arrival, HeadsUnknown, read_weights
from core.tokenizer import ASSETS
from core.weight_files import weight_files
from core.weights import load_model, save_model
from runs import offered
from runs.assumptions import FactsAsked
from runs.bringing import bring
from runs.brought import Brought
from tests.core.checkpoints import enliven
from tests.core.mingpt_reference import MinGPT
from tests.core.nanogpt_reference import NanoGPT
from tests.core.strategies import lively
from views.bring_question import likeliest

transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

SIZES = {"vocab_size": 41, "n_positions": 13, "n_embd": 24, "n_layer": 2, "n_head": 3}
SIZES |= {"bos_token_id": 0, "eos_token_id": 0}
IDS = torch.randint(1, 41, (2, 13), generator=torch.Generator().manual_seed(1))
OBEYED = {
    "nothing": {},
    "heads": {"n_head": 6},
    "eps": {"layer_norm_epsilon": 1e-2},
    "width": {"n_inner": 10},
    "usual width": {"n_inner": 96},
    "no scaling": {"scale_attn_weights": False},
    "relu": {"activation_function": "relu"},
    "exact gelu": {"activation_function": "gelu"},
    "swish": {"activation_function": "swish"},
    "upcast": {"reorder_and_upcast_attn": True},
    "untied": {"tie_word_embeddings": False},
    "dropout": {"resid_pdrop": 0.3, "embd_pdrop": 0.2, "attn_pdrop": 0.4},
}
REFUSED = {
    "scale_attn_by_inverse_layer_idx": True,
    "add_cross_attention": True,
    "is_encoder_decoder": True,
    "activation_function": "tanh",
    "quantization_config": {"bits": 4},
    "rope_theta": 1e4,
    "pruned_heads": {"0": [1]},
    "n_ctx": 99,
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[nn.Module, Path]]:
    """A model of transformers with these fields, and the folder that it saved; made once each."""
    made: dict[str, tuple[nn.Module, Path]] = {}

    def get(**fields: object) -> tuple[nn.Module, Path]:
        key = json.dumps(fields)
        if key not in made:
            folder = tmp_path_factory.mktemp("gpt2")
            model = enliven(transformers.GPT2LMHeadModel(transformers.GPT2Config(**SIZES | fields)))
            model.save_pretrained(folder)
            made[key] = model, folder
        return made[key]

    return get


def by_path(source: Path, folder: Path) -> offered.Offered:
    """The path of the file, under a name of its own, with config.json beside it."""
    shutil.copy(source / "config.json", folder)
    shutil.copy(source / "model.safetensors", folder / "my model.safetensors")
    return offered.lying_at(folder / "my model.safetensors", folder)


def by_upload(source: Path, folder: Path) -> offered.Offered:
    names = {"config.json": "config.json", "model.safetensors": "best (1).safetensors"}
    files = [(name, io.BytesIO((source / file).read_bytes())) for file, name in names.items()]
    return offered.from_uploads(files, folder)


def by_zip(source: Path, folder: Path) -> offered.Offered:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(source / "config.json", "mine/config.json")
        archive.write(source / "model.safetensors", "mine/final.safetensors")
    packed.seek(0)
    return offered.from_uploads([("mine.zip", packed)], folder)


def by_folder(source: Path, folder: Path) -> offered.Offered:
    by_path(source, folder)
    return offered.lying_at(folder, folder)


WAYS = {"path": by_path, "upload": by_upload, "zip": by_zip, "folder": by_folder}


def logits_of(model: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        found = model(IDS)
    return getattr(found, "logits", found)


def assert_gives(arrival: Arrival, expected: torch.Tensor) -> None:
    """Our model and the reference give these logits."""
    size = max(1.0, expected.abs().max().item())
    model = arrival.model()
    with torch.no_grad():
        assert (model(IDS) - expected).abs().max() <= 1e-5 * size
    assert (arrival.reference_logits(IDS[1]) - expected[1]).abs().max() <= 1e-5 * size


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", OBEYED)
def test_61_every_field_is_obeyed_whichever_way_the_weights_come(saved, tmp_path, case, way) -> None:
    theirs, source = saved(**OBEYED[case])
    arrival = read_weights(WAYS[way](source, tmp_path).weights)
    assert_gives(arrival, logits_of(theirs))
    assert (arrival.heads_from, arrival.assumed) == ("the file", ())


@pytest.mark.parametrize("way", WAYS)
def test_61_every_other_field_is_refused_by_its_name_and_value(saved, tmp_path, way) -> None:
    _, source = saved()
    found = WAYS[way](source, tmp_path)
    description = (found.weights if found.weights.is_dir() else found.weights.parent) / "config.json"
    facts = json.loads(description.read_text())
    for name, value in REFUSED.items():
        description.write_text(json.dumps(facts | {name: value}))
        with pytest.raises(ValueError, match=name) as refused:
            read_weights(found.weights)
        assert str(value) in str(refused.value)


def test_61_a_description_that_contradicts_its_weights_is_refused(saved, tmp_path) -> None:
    _, source = saved(tie_word_embeddings=False)
    shutil.copytree(source, tmp_path, dirs_exist_ok=True)
    facts = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(facts | {"tie_word_embeddings": True}))
    with pytest.raises(ValueError, match=r"tie_word_embeddings = True, and lm_head\.weight in the file"):
        load_model(tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    del state["lm_head.weight"]
    save_file(state, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps(facts))
    with pytest.raises(ValueError, match=r"tie_word_embeddings = False, and the file has no lm_head\.weight"):
        load_model(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(facts | {"tie_word_embeddings": True}))
    assert load_model(tmp_path).config.tie_weights  # tied, and the head is missing: the table is the head


def test_61_eps_and_width_are_kept_when_it_is_saved(saved, tmp_path) -> None:
    theirs, source = saved(n_inner=10, layer_norm_epsilon=1e-2)
    model = load_model(source)
    again = load_model(save_model(model, tmp_path / "ours.safetensors"))
    assert (again.config.norm_eps, again.config.ffn_width) == (1e-2, 10)
    torch.testing.assert_close(again(IDS), logits_of(theirs), atol=1e-4, rtol=1e-5)


def test_61_the_proof_reads_the_description_itself(saved, tmp_path) -> None:
    """A config of ours that went wrong shows, although tensors and names are right."""
    _, source = saved(n_head=6)
    arrival = read_weights(source)
    for wrong in ({"n_heads": 3}, {"norm_eps": 0.1}, {"activation": "relu"}, {"scale_scores": False}):
        changed = replace(arrival, config=replace(arrival.config, **wrong))
        assert changed.parity(changed.model(), IDS) > 1e-2, wrong


# --- row 62


@pytest.mark.parametrize("activation", ["gelu", "gelu_tanh"])
def test_62_what_no_file_says_is_assumed_and_can_be_said(tmp_path, activation) -> None:
    """nanoGPT computes exact GELU, build-nanogpt the tanh formula, under the same names."""
    theirs = enliven(NanoGPT(n_layer=2, n_head=3, n_embd=24, block_size=13, bias=True, vocab_size=41))
    for block in theirs.transformer.h:
        block.mlp.approximate = "tanh" if activation == "gelu_tanh" else "none"
    state = {name: x.contiguous() for name, x in theirs.state_dict().items() if name != "lm_head.weight"}
    save_file(state, tmp_path / "x.safetensors")
    with pytest.raises(HeadsUnknown):
        read_weights(tmp_path / "x.safetensors")
    assumed = read_weights(tmp_path / "x.safetensors", n_heads=3)
    assert assumed.assumed == ("activation", "norm_eps")
    said = read_weights(tmp_path / "x.safetensors", n_heads=3, activation=activation, norm_eps=1e-5)
    assert said.assumed == ()
    assert_gives(said, logits_of(theirs))


def test_62_the_question_brings_a_loss_for_each_choice(store, tmp_path) -> None:
    model = lively(replace(TINY, vocab_size=50257, n_heads=2, activation="relu", context_length=40))
    save_file(model.state_dict(), tmp_path / "x.safetensors")
    offer = lambda folder: offered.lying_at(tmp_path / "x.safetensors", folder)  # noqa: E731
    with pytest.raises(FactsAsked) as asked:
        bring(store.home, offer, "ada", ask=True)
    facts = {fact.field: fact for fact in asked.value.facts}
    assert list(facts) == ["n_heads", "activation", "norm_eps"]
    assert (facts["n_heads"].source, facts["activation"].source) == ("nobody", "assumed")
    assert facts["n_heads"].choices == (1, 2, 4, 8, 16)
    for fact in facts.values():
        assert set(fact.losses) == set(fact.choices)
        assert len(set(fact.losses.values())) > 1
    model_id = bring(store.home, offer, "ada", ask=True, n_heads=2, activation="relu", norm_eps=1e-5)
    about = Brought(store.home).about(model_id)
    assert [(fact.field, fact.value, fact.source) for fact in about.facts] == [
        ("n_heads", 2, "you"),
        ("activation", "relu", "you"),
        ("norm_eps", 1e-5, "you"),
    ]
    assert set(about.facts[1].losses) == set(about.facts[1].choices)
    assert Brought(store.home).model(model_id).config.activation == "relu"


def test_62_positions_without_a_table_are_asked_for_with_their_best_heads(store, tmp_path) -> None:
    """A model that rotates has no table either: it was taken for one without positions."""
    theirs = load_model(ASSETS / "models" / "storyteller.safetensors")
    assert theirs.config.position == "rotary"
    state = {name: x.clone() for name, x in theirs.state_dict().items() if name != "out_head.weight"}
    save_file(state, tmp_path / "x.safetensors")
    offer = lambda folder: offered.lying_at(tmp_path / "x.safetensors", folder)  # noqa: E731
    with pytest.raises(FactsAsked) as asked:
        bring(store.home, offer, "ada", ask=True)
    positions, heads, activation, _ = asked.value.facts
    assert (positions.field, positions.source) == ("position", "assumed")
    assert min(positions.losses, key=positions.losses.get) == "rotary"
    assert heads.value == theirs.config.n_heads
    assert activation.value == "gelu_tanh"  # silu reads this text better, and is wrong: the usual one stays
    assert likeliest(activation) == "gelu_tanh"
    answers = {fact.field: likeliest(fact) for fact in asked.value.facts}
    assert answers == {"position": "rotary", "n_heads": 6, "activation": "gelu_tanh", "norm_eps": 1e-5}
    model_id = bring(store.home, offer, "ada", ask=True, **answers)
    ids = torch.tensor([[5, 17, 42, 9]])
    torch.testing.assert_close(Brought(store.home).model(model_id)(ids), theirs(ids), atol=1e-4, rtol=1e-4)


# --- row 63


def byte_level(folder: Path) -> tokenizers.Tokenizer:
    """A small tokenizer with a template and an added token, and its files in a folder."""
    found = tokenizers.Tokenizer(tokenizers.models.BPE())
    found.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<|begin|>"], initial_alphabet=alphabet, show_progress=False
    )
    found.train_from_iterator(["the king and the queen and the king's daughter"], trainer)
    found.add_special_tokens(["<|end|>"])
    return found


@pytest.mark.parametrize("form", ["tokenizer.json", "vocab.json"])
def test_63_added_tokens_and_a_templates_first_token_are_the_librarys(saved, store, tmp_path, form) -> None:
    theirs = byte_level(tmp_path)
    added = {"<|end|>": theirs.token_to_id("<|end|>")}
    if form == "tokenizer.json":
        theirs.post_processor = tokenizers.processors.TemplateProcessing(
            single="<|begin|> $A", special_tokens=[("<|begin|>", theirs.token_to_id("<|begin|>"))]
        )
        theirs.save(str(tmp_path / form))
    else:
        theirs.model.save(str(tmp_path))
        (tmp_path / "added_tokens.json").write_text(json.dumps(added))
        (tmp_path / "special_tokens_map.json").write_text(json.dumps({"bos_token": {"content": "<|begin|>"}}))
    _, source = saved(vocab_size=theirs.get_vocab_size())
    files = [*tmp_path.glob("*.json"), *tmp_path.glob("*.txt"), source / "model.safetensors"]
    parts = [(path.name, io.BytesIO(path.read_bytes())) for path in [*files, source / "config.json"]]
    model_id = bring(store.home, lambda folder: offered.from_uploads(parts, folder), "ada", ask=True)
    ours = Brought(store.home).tokenizer(model_id)
    text = "the king<|end|> <|begin|>"
    assert ours.encode(text, special=True) == theirs.encode(text).ids
    assert ours.decode(theirs.encode(text).ids) == theirs.decode(theirs.encode(text).ids, False)
    assert added["<|end|>"] not in ours.encode(text)
    assert ours.pieces("the king")[0].text == ("<|begin|>" if form == "tokenizer.json" else "the")
    assert Brought(store.home).about(model_id).said == ()


# --- row 64


def test_64_the_index_is_followed_and_a_stale_part_is_named(saved, tmp_path) -> None:
    theirs, _ = saved()
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    count = len(weight_files(tmp_path).files)
    assert count > 2
    stale = {"transformer.wte.weight": torch.zeros(41, 24)}
    save_file(stale, tmp_path / "model-00001-of-00009.safetensors")
    first = tmp_path / f"model-00001-of-{count:05}.safetensors"
    last = tmp_path / f"model-{count:05}-of-{count:05}.safetensors"
    moved = next(iter(load_file(first)))
    save_file(load_file(last) | {moved: torch.zeros(2)}, last)
    arrival = read_weights(tmp_path)
    assert_gives(arrival, logits_of(theirs))
    assert "model-00001-of-00009.safetensors was not used: the index names others" in arrival.unused
    assert moved in arrival.unused[-1]
    (tmp_path / "model.safetensors.index.json").unlink()
    first.unlink()
    with pytest.raises(ValueError, match="is missing, a part of the weights"):
        read_weights(tmp_path)


def test_64_a_part_that_the_index_names_and_is_missing_is_named(saved, tmp_path) -> None:
    theirs, _ = saved()
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    weight_files(tmp_path).files[1].unlink()
    with pytest.raises(ValueError, match=r"'model-00002-of-.* is missing"):
        read_weights(tmp_path)
    for odd in ({}, {"weight_map": {"a": "../../secret.safetensors"}}):
        (tmp_path / "model.safetensors.index.json").write_text(json.dumps(odd))
        with pytest.raises(ValueError, match="names no parts as"):
            read_weights(tmp_path)


@pytest.mark.parametrize("way", ["upload", "folder"])
def test_64_an_adapter_beside_a_base_is_named_and_the_base_is_used(saved, store, tmp_path, way) -> None:
    theirs, source = saved()
    folder_of_it = tmp_path / "base"
    shutil.copytree(source, folder_of_it)
    save_file(
        {"base_model.model.h.0.lora_A.weight": torch.ones(2, 2)}, folder_of_it / "adapter_model.safetensors"
    )
    (folder_of_it / "adapter_config.json").write_text("{}")
    (folder_of_it / "optimizer.pt").write_bytes(b"PK")
    files = [(path.name, io.BytesIO(path.read_bytes())) for path in sorted(folder_of_it.iterdir())]
    offer = lambda folder: (  # noqa: E731
        offered.from_uploads(files, folder) if way == "upload" else offered.lying_at(folder_of_it, folder)
    )
    model_id = bring(store.home, offer, "ada", ask=True)
    brought = Brought(store.home)
    torch.testing.assert_close(brought.model(model_id)(IDS), logits_of(theirs), atol=1e-4, rtol=1e-5)
    assert any("An adapter (LoRA) lies beside the weights" in said for said in brought.about(model_id).said)
    assert way == "folder" or any("optimizer.pt" in said for said in brought.about(model_id).said)


def test_64_an_adapter_alone_is_no_model(tmp_path) -> None:
    path = tmp_path / "adapter_model.safetensors"
    save_file({"base_model.model.h.0.lora_A.weight": torch.ones(2, 2)}, path)
    with pytest.raises(ValueError, match="only an adapter"):
        offered.lying_at(tmp_path, tmp_path)
    with pytest.raises(ValueError, match=r"an adapter \(LoRA\), which changes a base model"):
        read_weights(path)


@pytest.mark.parametrize(
    "wrap", ["_orig_mod.transformer.h.{}.", "transformer.h.{}._orig_mod.", "module.h.{}."]
)
def test_64_what_programs_put_into_names_is_taken_out(saved, tmp_path, wrap) -> None:
    theirs, source = saved()
    state = {
        wrap.format(name.split(".")[2]) + ".".join(name.split(".")[3:]) if ".h." in name else name: x
        for name, x in load_file(source / "model.safetensors").items()
    }
    shutil.copy(source / "config.json", tmp_path)
    save_file(state, tmp_path / "model.safetensors")
    assert_gives(read_weights(tmp_path), logits_of(theirs))


def test_64_mingpts_names_of_2020_arrive(tmp_path, no_child: None) -> None:
    theirs = enliven(MinGPT(vocab_size=41, n_embd=24, n_layer=2, n_head=3, block_size=13))
    torch.save(theirs.state_dict(), tmp_path / "model.pt")
    with pytest.raises(HeadsUnknown):
        read_weights(tmp_path / "model.pt")
    arrival = read_weights(tmp_path / "model.pt", n_heads=3)
    assert (arrival.kind, arrival.config.tie_weights, arrival.config.activation) == ("mingpt", False, "gelu")
    assert_gives(arrival, logits_of(theirs))
    positions = next(row for row in arrival.rows if row.theirs == "pos_emb")
    assert (positions.their_shape, positions.our_shape) == ((1, 13, 24), (13, 24))


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("model.embed_tokens.weight", "the Llama family"),
        ("gpt_neox.embed_in.weight", "GPT-NeoX"),
        ("transformer.h.0.attn.attention.q_proj.weight", "GPT-Neo"),
        ("transformer.h.0.attn.q_proj.weight", "GPT-J"),
        ("blocks.0.attn.W_Q", "TransformerLens"),
        ("bert.embeddings.word_embeddings.weight", "BERT"),
    ],
)
def test_64_a_known_foreign_layout_is_named(tmp_path, name, whose) -> None:
    save_file(
        {"transformer.wte.weight": torch.ones(2, 2), name: torch.ones(2, 2)}, tmp_path / "x.safetensors"
    )
    with pytest.raises(ValueError, match=whose):
        read_weights(tmp_path / "x.safetensors")
