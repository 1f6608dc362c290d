"""GPT-2 as transformers saves it: folders, parts, single files, classifiers, descriptions (FAULTS 39, 46)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from checkpoints import enliven
from safetensors.torch import load_file, save_file
from torch import nn

from core.classes import as_language_model
from core.foreign import HeadsUnknown, read_weights
from core.weights import load_model

transformers = pytest.importorskip("transformers")

SIZES = {"vocab_size": 40, "n_positions": 12, "n_embd": 24, "n_layer": 2, "n_head": 3}
SIZES |= {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
IDS = torch.randint(1, 40, (2, 12), generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def gpt2() -> nn.Module:
    return enliven(transformers.GPT2LMHeadModel(transformers.GPT2Config(**SIZES)))


def logits_of(model: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model(IDS).logits


def save_parts_of_bin(model: nn.Module, folder: Path) -> None:
    """pytorch_model-00001-of-00002.bin and its twin, as transformers wrote them until 2023."""
    model.config.save_pretrained(folder)
    state = list(model.state_dict().items())
    for part, half in enumerate((state[:9], state[9:]), start=1):
        torch.save(dict(half), folder / f"pytorch_model-{part:05}-of-00002.bin")


def save_with_masks(model: nn.Module, folder: Path) -> None:
    """With the buffers that older versions saved."""
    model.save_pretrained(folder)
    state = load_file(folder / "model.safetensors")
    for layer in range(2):
        state[f"transformer.h.{layer}.attn.bias"] = torch.ones(1, 1, 12, 12).tril().bool()
        state[f"transformer.h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    save_file(state, folder / "model.safetensors")


def save_bin(model: nn.Module, folder: Path) -> None:
    model.config.save_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")


SAVES = {
    "safetensors": lambda model, folder: model.save_pretrained(folder),
    "parts": lambda model, folder: model.save_pretrained(folder, max_shard_size="20KB"),
    "body alone": lambda model, folder: model.transformer.save_pretrained(folder),
    "masks": save_with_masks,
    "bin": save_bin,
    "parts of bin": save_parts_of_bin,
}


@pytest.mark.parametrize("form", SAVES)
def test_a_folder_gives_the_same_logits(gpt2: nn.Module, tmp_path: Path, form: str, no_child: None) -> None:
    SAVES[form](gpt2, tmp_path)
    arrival = read_weights(tmp_path)
    model, expected = arrival.model(), logits_of(gpt2)
    size = max(1.0, expected.abs().max().item())
    assert (model(IDS) - expected).abs().max() <= 1e-5 * size
    assert arrival.parity(model, IDS) <= 1e-5 * size
    assert (arrival.kind, arrival.heads_from, arrival.config.tie_weights) == ("gpt2", "the file", True)
    ways = {row.ours: row.how for row in arrival.rows}
    assert ways["trf_blocks.1.att.W_value.weight"] == "transposed, third 3 of 3"
    assert ways["trf_blocks.0.ff.layers.0.weight"] == "transposed"
    assert ways["out_head.weight"] == "tied to tok_emb.weight"
    assert len([row for row in arrival.rows if row.how.startswith("left out")]) == 4 * (form == "masks")


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_single_file_gives_the_same_logits(
    gpt2: nn.Module, tmp_path: Path, name: str, no_child: None
) -> None:
    SAVES["safetensors" if name == "model.safetensors" else "bin"](gpt2, tmp_path)
    (tmp_path / "config.json").unlink()
    with pytest.raises(HeadsUnknown, match="width of 24"):
        load_model(tmp_path / name)
    arrival = read_weights(tmp_path / name, n_heads=3)
    torch.testing.assert_close(arrival.model()(IDS), logits_of(gpt2), atol=1e-4, rtol=0)
    assert (arrival.kind, arrival.heads_from, arrival.config.activation) == ("gpt2", "you", "gelu_tanh")


def test_a_classifier_gives_the_same_scores(tmp_path: Path) -> None:
    config = transformers.GPT2Config(**SIZES, num_labels=3)
    theirs = enliven(transformers.GPT2ForSequenceClassification(config))
    theirs.save_pretrained(tmp_path)
    arrival = read_weights(tmp_path)
    model = arrival.model()
    assert arrival.classes == 3
    # Theirs reads the scores of the last token alone.
    torch.testing.assert_close(model(IDS)[:, -1], logits_of(theirs), atol=1e-4, rtol=0)
    assert arrival.parity(model, IDS) < 1e-4
    assert as_language_model(model)(IDS).shape == (2, 12, 40)
    state = load_file(tmp_path / "model.safetensors")
    save_file(state | {"lm_head.weight": torch.ones(40, 24)}, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=r"out_head\.weight is given 2 times"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("variant", "rule"),
    [
        ({"model_type": "llama"}, "a model of the type 'llama'"),
        ({"model_type": "bert"}, "GPT-2's type only"),
        ({"n_head": 0}, "n_heads is 0"),
        ({"n_head": [3]}, r"n_heads is \[3\]"),
        ({"n_layer": {}}, "n_layers is {}"),
        ({"n_layer": 10**400}, "a size of more than"),
        ({"n_layer": 10**9}, "MiB are allowed"),
        ({"n_embd": [24]}, r"emb_dim is \[24\]"),
        ({"vocab_size": "40"}, "vocab_size is '40'"),
        ({"n_positions": -1}, "context_length is -1"),
        ({"n_positions": 13}, r"wpe.weight has shape \(12, 24\) instead of \(13, 24\)"),
        ({"n_inner": [96]}, r"n_inner is \[96\]"),
        ({"resid_pdrop": [0.1]}, "resid_pdrop is .*no number"),
        ({"resid_pdrop": float("nan")}, "drop_rate nan"),
        ({"layer_norm_epsilon": float("nan")}, "norm_eps is nan"),
        ({"scale_attn_weights": 1}, "neither true nor false"),
        ({"activation_function": {}}, "activation_function is {}"),
    ],
)
def test_a_description_with_odd_values_is_refused_in_one_sentence(
    gpt2: nn.Module, tmp_path: Path, variant: dict, rule: str
) -> None:
    """FAULTS 39, 46."""
    gpt2.save_pretrained(tmp_path)
    facts = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(facts | variant))
    with pytest.raises(ValueError, match=rule) as refused:
        load_model(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_llama_is_refused_by_its_type_before_its_weights_are_read(tmp_path: Path) -> None:
    """FAULTS 46."""
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", "hidden_size": 24}))
    (tmp_path / "model.safetensors").write_bytes(b"not read")
    with pytest.raises(ValueError, match="a model of the type 'llama'"):
        load_model(tmp_path)
    save_file({"model.embed_tokens.weight": torch.ones(4, 4)}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").unlink()
    with pytest.raises(ValueError, match=r"model\.embed_tokens\.weight is a name of the Llama family"):
        load_model(tmp_path / "model.safetensors")


def test_a_description_nested_without_end_is_refused(gpt2: nn.Module, tmp_path: Path) -> None:
    """FAULTS 46."""
    gpt2.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text("[" * 100_000)
    with pytest.raises(ValueError, match="damaged"):
        load_model(tmp_path)


MEASURE = """
import sys, torch
from pathlib import Path
from core.weights import load_model

def kilobytes(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if what in line)

torch.set_num_threads(1)
load_model(sys.argv[2])  # what the first call needs beyond the weights
Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
before = kilobytes("VmRSS")
model = load_model(sys.argv[1])
print(kilobytes("VmRSS") - before, kilobytes("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_folder_is_never_in_memory_twice(gpt2: nn.Module, tmp_path: Path) -> None:
    """Not at the end, nor at the peak: 57 MB of weights, in a process of their own."""
    gpt2.save_pretrained(tmp_path / "small")
    config = transformers.GPT2Config(**SIZES | {"vocab_size": 2000, "n_embd": 384, "n_layer": 8})
    transformers.GPT2LMHeadModel(config).save_pretrained(tmp_path / "large")
    size = (tmp_path / "large" / "model.safetensors").stat().st_size / 1024
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "large"), str(tmp_path / "small")]
    root = Path(__file__).parents[2]
    words = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    resident, peak = (int(word) / size for word in words.split())
    assert resident <= 1.3
    assert peak <= 1.3
