"""Save and load weights: ours, and under the names of the book, of GPT-2 and of nanoGPT (book 5.5)."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from uuid import uuid4

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from core import budget, gpt2_names
from core.config import GPTConfig
from core.gpt import GPTModel
from core.unpickle import read_pickled

State = Mapping[str, Tensor]
IGNORED = (".mask", ".attn.bias", ".attn.masked_bias", "cos", "sin")  # buffers, not weights


def save_model(model: GPTModel, path: str | Path) -> Path:
    """Write weights and config to one safetensors file, aside first and then renamed: whole or not at all."""
    path = Path(path)
    aside = path.with_name(f".{path.name}.{uuid4().hex}")
    state = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    if model.config.tie_weights:
        state.pop("out_head.weight")
    try:
        save_file(state, aside, metadata={"glassbox": json.dumps(asdict(model.config))})
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def load_model(path: str | Path, config: GPTConfig | None = None) -> GPTModel:
    """A model from our checkpoint, a Hugging Face GPT-2 folder, the book's state dict or nanoGPT's ckpt.pt.

    The kind is told from the names inside. A bare state dict does not say how many heads it has: then, and
    only then, `config` is needed (GPT-2's own widths are known). ValueError lists all that does not fit.
    """
    path = Path(path)
    if not path.exists():
        raise ValueError(f"there is no file or folder {path.name!r}")
    if path.is_dir():
        return from_gpt2_folder(path, config)
    state, facts = read_state(path)
    if "glassbox" in facts:
        return from_book_state(read_config(facts["glassbox"]), state)
    if gpt2_names.uses_gpt2_names(state):
        return from_gpt2_state(state, facts.get("model_args"), config)
    return from_book_state(config or guess_config(state), state)


def read_state(path: Path) -> tuple[dict[str, Tensor], dict]:
    """All tensors of a file by name, and what it says about itself. A pickle is read by a child process."""
    if path.suffix != ".safetensors" and not is_safetensors(path):
        state, facts = read_pickled(path)
        return gpt2_names.without_wrapper(state), facts
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata() or {}
        return gpt2_names.without_wrapper(load_file(path)), facts
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name!r} is not a whole safetensors file: {error}") from error


def is_safetensors(path: Path) -> bool:
    """Whether the file begins as safetensors do, whatever its name: a length of 8 bytes, then JSON."""
    with path.open("rb") as file:
        return file.read(9)[8:] == b"{"


def read_config(facts: str) -> GPTConfig:
    """The config that a checkpoint of ours carries. ValueError if it is damaged."""
    try:
        return GPTConfig(**json.loads(facts))
    except (TypeError, ValueError) as error:
        raise ValueError(f"the checkpoint's description of its model is damaged: {error}") from error


def from_gpt2_folder(folder: Path, config: GPTConfig | None = None) -> GPTModel:
    """A Hugging Face GPT-2 folder: config.json beside model.safetensors or pytorch_model.bin, or parts."""
    files = weight_files(folder)
    if not (folder / "config.json").exists() or not files:
        raise ValueError(
            f"the folder {folder.name!r} needs config.json and model.safetensors (or pytorch_model.bin)"
        )
    try:
        facts = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"config.json of {folder.name!r} is damaged: {error}") from error
    state = {name: tensor for file in files for name, tensor in read_state(file)[0].items()}
    return from_gpt2_state(state, facts, config)


def weight_files(folder: Path) -> list[Path]:
    """A folder's weights: one file, or parts as `model-00001-of-00003.safetensors`; [] if there are none."""
    for stem, suffix in (("model", "safetensors"), ("pytorch_model", "bin")):
        if (folder / f"{stem}.{suffix}").exists():
            return [folder / f"{stem}.{suffix}"]
        if parts := sorted(folder.glob(f"{stem}-*-of-*.{suffix}")):
            return parts
    return []


def from_gpt2_state(state: State, facts: Mapping | None, config: GPTConfig | None) -> GPTModel:
    """A model from tensors under GPT-2's names, Hugging Face's or nanoGPT's."""
    try:
        config = config or gpt2_names.config_from(facts or {}, state)
    except (AttributeError, TypeError) as error:  # a list, or text where a number should be
        raise ValueError(f"the description of the model is damaged: {error}") from error
    book = gpt2_names.to_book_names(state, config)
    if "tok_emb.weight" in book:
        book.setdefault("out_head.weight", book["tok_emb.weight"])  # GPT-2's files leave it out: it is tied
    return from_book_state(config, book)


def from_book_state(config: GPTConfig, state: State) -> GPTModel:
    """A model with the weights of a state dict under the book's names; all of it fits, or none is loaded."""
    state = {name: tensor for name, tensor in state.items() if not name.endswith(IGNORED)}
    if config.tie_weights and "tok_emb.weight" in state:
        state.setdefault("out_head.weight", state["tok_emb.weight"])
    budget.check(config)
    with torch.device("meta"):  # names and shapes only: no memory, no random numbers
        model = GPTModel(config)
    check_fits(model.state_dict(), state)
    if config.tie_weights and not gpt2_names.is_tied(state["out_head.weight"], state["tok_emb.weight"]):
        raise ValueError(
            "out_head.weight differs from tok_emb.weight, but the config ties them: set tie_weights=False"
        )
    # A copy, so that the model neither shares nor keeps the memory that it came from.
    model.load_state_dict({name: tensor.float().clone() for name, tensor in state.items()}, assign=True)
    if config.tie_weights:
        model.out_head.weight = model.tok_emb.weight
    return model.requires_grad_(True).eval()


def book_state(model: GPTModel) -> dict[str, Tensor]:
    """The model's weights under the book's names, which are ours; tied weights appear under both."""
    return {name: tensor.detach() for name, tensor in model.state_dict().items()}


def check_fits(wanted: State, given: State) -> None:
    """Raise ValueError that lists every missing, unknown, misshapen or broken tensor."""
    wrong = [f"{name} is missing" for name in wanted.keys() - given.keys()]
    wrong += [f"{name} is unknown" for name in given.keys() - wanted.keys()]
    for name in wanted.keys() & given.keys():
        want, have = tuple(wanted[name].shape), tuple(given[name].shape)
        if want != have:
            wrong.append(f"{name} has shape {have} instead of {want}")
        elif not given[name].is_floating_point():
            wrong.append(f"{name} holds {given[name].dtype} instead of floating-point numbers")
        elif not given[name].float().isfinite().all():
            wrong.append(f"{name} holds NaN or infinity")
    if wrong:
        raise ValueError(f"the weights do not fit the model, and none was loaded: {'; '.join(sorted(wrong))}")


def guess_config(state: State) -> GPTConfig:
    """The config of a bare state dict under the book's names, read from its shapes."""
    vocab_size, emb_dim = gpt2_names.table_shape(state, "tok_emb.weight")
    return replace(
        GPTConfig(drop_rate=0.0),
        vocab_size=vocab_size,
        emb_dim=emb_dim,
        context_length=gpt2_names.table_shape(state, "pos_emb.weight")[0]
        if "pos_emb.weight" in state
        else 1024,
        position="learned" if "pos_emb.weight" in state else "none",
        n_heads=gpt2_names.known_heads(emb_dim),
        n_layers=gpt2_names.count_layers(state, "trf_blocks"),
        qkv_bias="trf_blocks.0.att.W_query.bias" in state,
        tie_weights=gpt2_names.is_tied(state.get("out_head.weight"), state["tok_emb.weight"]),
    )
