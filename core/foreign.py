"""Bring a model: what a file of weights holds, how it becomes a model of ours, and the proof that it did.

The kind is told from the names inside, and sizes from shapes. Heads are shown by no shape: the file's
description tells them, or GPT-2's own four widths, or the person who brings the file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from core.assembly import Route, Shape, assemble, check_bytes, class_count, same_numbers, skeleton
from core.config import GPTConfig
from core.config_of_file import (
    DAMAGED,
    DESCRIPTION,
    HeadsUnknown,
    book_config,
    gpt2_config,
    our_config,
    refuse_other_types,
)
from core.gpt import GPTModel, parameter_count
from core.gpt2_names import book_routes, gpt2_routes, uses_gpt2_names
from core.gpt2_reference import BENDS, book_logits, gpt2_logits
from core.int8 import Int8Tensors, is_int8
from core.json_object import read_json, read_json_file
from core.tensor_files import TensorFiles, open_tensors
from core.weight_files import weight_files

__all__ = ["Arrival", "HeadsUnknown", "NameRow", "read_weights"]

LARGEST = 2**31  # of any size in a description
KINDS = {
    "glassbox": "a checkpoint of Glassbox",
    "int8": "a checkpoint of Glassbox with weights of 8 bits",
    "book": "a state dict under the book's names",
    "nanogpt": "nanoGPT's checkpoint",
    "gpt2": "GPT-2 as Hugging Face keeps it",
}


@dataclass(frozen=True)
class NameRow:
    """One tensor of the file, and what became of it."""

    theirs: str  # its name in the file, "" where the file has none
    their_shape: Shape
    how: str  # "as it is", "transposed, third 1 of 3", "left out: a mask, not a weight"
    ours: str  # "" where it is left out
    our_shape: Shape


@dataclass(frozen=True)
class Arrival:
    """Weights as they came: nothing of them is copied before `model()`."""

    kind: str  # a key of KINDS
    config: GPTConfig
    heads_from: str  # "the file", "GPT-2's own width" or "you"
    routes: Sequence[Route]
    tensors: TensorFiles | Int8Tensors
    stored: Mapping[str, str]  # the tensors' whole names in the file

    @cached_property
    def classes(self) -> int | None:
        """How many classes a classifier tells apart (book chapter 6); None for a model that writes."""
        return class_count(self.config, self.routes, self.tensors)

    @cached_property
    def rows(self) -> tuple[NameRow, ...]:
        """Every tensor of the file and every weight of the model, side by side, in the model's order."""
        wanted = skeleton(self.config, self.routes, self.tensors).state_dict()
        order = {name: number for number, name in enumerate(wanted)}
        routes = sorted(self.routes, key=lambda route: order.get(route.ours, len(order)))
        return tuple(self.row(route, wanted) for route in routes)

    def row(self, route: Route, wanted: Mapping[str, Tensor]) -> NameRow:
        """One route as a row; a tensor that our model has no place for has no name of ours."""
        theirs = tuple(self.tensors[route.theirs].shape) if route.theirs else ()
        stored = self.stored.get(route.theirs, route.theirs)
        if route.ours and route.ours not in wanted:
            return NameRow(stored, theirs, "unknown: our model has no such weight", "", ())
        ours = tuple(wanted[route.ours].shape) if route.ours else ()
        return NameRow(stored, theirs, route.how, route.ours, ours)

    def model(self) -> GPTModel:
        """The model, all of it or nothing. ValueError lists everything that does not fit."""
        if self.kind == "glassbox":  # its file is written aside and renamed: nobody changes it under a map
            return assemble(self.config, self.routes, self.tensors.mapped(), copy=False)
        return assemble(self.config, self.routes, self.tensors)

    def parity(self, model: GPTModel, ids: Tensor) -> float:
        """The largest difference between the model's logits and the reference's: ids (T,) or (B, T).

        The reference (core/gpt2_reference.py) computes on the file's own tensors, under their own names.
        """
        texts = torch.as_tensor(ids).reshape(-1, torch.as_tensor(ids).shape[-1])  # (B, T)
        with torch.inference_mode():
            ours = model(texts)
            theirs = torch.stack([self.reference_logits(text) for text in texts])
        if ours.shape != theirs.shape:
            raise ValueError(f"the model gives {ours.shape[-1]} logits a token, the file {theirs.shape[-1]}")
        return (ours - theirs).abs().max().item()

    def reference_logits(self, ids: Tensor) -> Tensor:
        """What the file's own architecture computes: ids (T,) -> (T, V)."""
        config, bend = self.config, BENDS[self.config.activation]
        if self.kind in ("gpt2", "nanogpt"):
            turned = self.kind == "gpt2"
            return gpt2_logits(
                self.tensors, ids, config.n_heads, bend, turned=turned, scale=config.scale_scores
            )
        if not is_of_the_book(config):
            raise ValueError("this model has switches of its own: there is no reference to hold it against")
        return book_logits(self.tensors, ids, config.n_heads, bend, rotary=config.position == "rotary")


def is_of_the_book(config: GPTConfig) -> bool:
    """Whether the architecture is the book's, apart from its sizes and how it tells positions."""
    same = (config.causal, config.scale_scores, config.residual, config.norm) == (True, True, True, "pre")
    return same and config.position in ("learned", "rotary", "none")


def read_weights(path: str | Path, n_heads: int | None = None, config: GPTConfig | None = None) -> Arrival:
    """Weights that lie in a file or a folder, told by themselves and not yet loaded.

    Our checkpoints (also of 8 bits), the book's state dicts, nanoGPT's ckpt.pt, Hugging Face's GPT-2 as a
    folder or a single file. HeadsUnknown, a ValueError, asks for `n_heads`; `config` overrides all.
    """
    path = Path(path)
    if not (path.is_file() or path.is_dir()):
        raise ValueError(f"there is no file or folder {path.name!r}")
    files, facts = folder_content(path) if path.is_dir() else ([path], {})
    tensors = open_tensors(files)
    if "glassbox" in tensors.facts:
        return ours(tensors)
    if uses_gpt2_names(tensors):
        return gpt2s(tensors, facts | model_args(tensors), n_heads, config)
    return books(tensors, n_heads, config)


def model_args(tensors: TensorFiles) -> dict:
    """What nanoGPT's ckpt.pt says of its model, as the child process has written it down."""
    args = read_json(tensors.facts.get("facts", "{}"), DESCRIPTION).get("model_args", {})
    if not isinstance(args, dict):
        raise ValueError(f"{DAMAGED}: model_args is {args!r}, which is no dict")
    return args


def ours(tensors: TensorFiles) -> Arrival:
    """A checkpoint that Glassbox wrote, and which describes itself."""
    config = our_config(tensors.facts["glassbox"])
    check_size(config, tensors)
    kind = "int8" if is_int8(tensors) else "glassbox"
    content = Int8Tensors(tensors) if kind == "int8" else tensors
    return Arrival(kind, config, "the file", book_routes(content, config), content, tensors.stored_names())


def books(tensors: TensorFiles, n_heads: int | None, config: GPTConfig | None) -> Arrival:
    """A bare state dict under the book's names."""
    heads_from = "you"
    if config is None:
        is_tied = has_tied_head(tensors, "out_head.weight", "tok_emb.weight")
        config, heads_from = book_config(tensors.shapes(), is_tied=is_tied, n_heads=n_heads)
    check_size(config, tensors)
    return Arrival("book", config, heads_from, book_routes(tensors, config), tensors, tensors.stored_names())


def gpt2s(tensors: TensorFiles, facts: Mapping, n_heads: int | None, config: GPTConfig | None) -> Arrival:
    """Tensors under GPT-2's names, Hugging Face's or nanoGPT's: these keep their layers differently."""
    shapes = tensors.shapes()
    turned = not ("block_size" in facts or keeps_out_in(shapes))
    heads_from = "you"
    if config is None:
        head = "score.weight" if "score.weight" in tensors else "lm_head.weight"
        is_tied = has_tied_head(tensors, head, "wte.weight")
        config, heads_from = gpt2_config(
            facts, shapes, is_tied=is_tied, is_nanogpt=not turned, n_heads=n_heads
        )
    check_size(config, tensors)
    routes = gpt2_routes(tensors, config, turned=turned)
    kind = "gpt2" if turned else "nanogpt"
    return Arrival(kind, config, heads_from, routes, tensors, tensors.stored_names())


def check_size(config: GPTConfig, tensors: Mapping[str, Tensor]) -> None:
    """Raise ValueError for a description that is too large, by arithmetic, before anything is built."""
    V, T, C, L = config.vocab_size, config.context_length, config.emb_dim, config.n_layers
    if max(V, T, C, L) > LARGEST:
        raise ValueError(f"its description is damaged: a size of more than {LARGEST:,} is no model's")
    check_bytes(parameter_count(config), "parameters")
    cache = 2 * L * T * C  # keys and values of a text of full length; no table bounds T without positions
    check_bytes(cache, "keys and values")
    if config.n_layers > len(tensors):
        raise ValueError(f"it describes {config.n_layers:,} layers, but holds {len(tensors)} tensors")


def keeps_out_in(shapes: Mapping[str, Shape]) -> bool:
    """Whether layers are kept as (out, in), as in nanoGPT; Hugging Face keeps GPT-2's as (in, out)."""
    rows, columns = (*shapes.get("h.0.mlp.c_fc.weight", ()), 0, 0)[:2]
    return rows > columns


def has_tied_head(tensors: Mapping[str, Tensor], head: str, table: str) -> bool:
    """Whether the output layer is the token table: it is absent, or holds the same numbers."""
    if head not in tensors or table not in tensors:
        return True
    return same_numbers(tensors[head], tensors[table])


def folder_content(folder: Path) -> tuple[list[Path], dict]:
    """A Hugging Face GPT-2 folder: its weights, in one file or in parts, and what config.json says."""
    files = weight_files(folder)
    if not (folder / "config.json").exists() or not files:
        raise ValueError(
            f"the folder {folder.name!r} needs config.json and model.safetensors (or pytorch_model.bin)"
        )
    facts = read_json_file(folder / "config.json", f"config.json of {folder.name!r}")
    refuse_other_types(facts)
    return files, facts
