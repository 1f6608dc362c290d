"""Bring a model: what a file of weights holds, how it becomes a model of ours, and the proof that it did.

The layout is told from the names inside, and sizes from shapes. No shape shows the number of heads, the
activation, the eps of LayerNorm, or positions without a table: the file's description states them, or the
person who brings the file does, or they are assumed, and then called so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from core.assembly import Route, Shape, assemble, check_bytes, class_count, same_numbers, skeleton
from core.config import GPTConfig
from core.config_of_file import (
    DAMAGED,
    DESCRIPTION,
    GPT2_HEADS,
    HeadsUnknown,
    fields_of,
    is_tied,
    our_config,
    read_description,
)
from core.gpt import GPTModel, parameter_count
from core.gpt2_names import book_routes, gpt2_routes, mingpt_routes
from core.gpt2_reference import BENDS, MINGPT_NAMES, Rules, book_logits, gpt2_logits
from core.int8 import Int8Tensors, is_int8
from core.json_object import read_json
from core.layouts import Layout, fields_of_shapes, head_of, layout_of
from core.tensor_files import TensorFiles, open_tensors
from core.weight_files import WeightFiles, unused_beside, weight_files

__all__ = ["Arrival", "HeadsUnknown", "NameRow", "read_weights"]

LARGEST = 2**31  # of any size in a description
KINDS = {
    "glassbox": "a checkpoint of Glassbox",
    "int8": "a checkpoint of Glassbox with weights of 8 bits",
    "book": "a state dict under the book's names",
    "nanogpt": "nanoGPT's layout",
    "mingpt": "minGPT's layout of 2020",
    "gpt2": "GPT-2 as Hugging Face keeps it",
}
UNSHOWN = ("position", "n_heads", "activation", "norm_eps")  # no shape shows; position: without a table
FILE, YOU, ASSUMED, OWN_WIDTH = "the file", "you", "assumed", "GPT-2's own width"  # who says a field


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
    routes: Sequence[Route]
    tensors: TensorFiles | Int8Tensors
    stored: Mapping[str, str]  # the tensors' whole names in the file
    sources: Mapping[str, str] = field(default_factory=dict)  # who says each of UNSHOWN
    facts: Mapping = field(default_factory=dict)  # the description as it was read
    unused: tuple[str, ...] = ()  # what was found and not used, a sentence each

    @property
    def heads_from(self) -> str:
        """Who says how many heads there are."""
        return self.sources.get("n_heads", FILE)

    @property
    def assumed(self) -> tuple[str, ...]:
        """The fields that neither a file nor a person has stated."""
        return tuple(name for name, source in self.sources.items() if source in (ASSUMED, OWN_WIDTH))

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

        The reference (core/gpt2_reference.py) computes on the file's own tensors, under their own names, by
        what the file's own description says. It cannot judge what is `assumed`: both assume the same.
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
        config = self.config
        rules = Rules(config.n_heads, BENDS[config.activation], config.norm_eps, config.scale_scores)
        if self.kind in ("gpt2", "nanogpt"):
            rules = rules.as_described(self.facts)._replace(turned=self.kind == "gpt2")
            return gpt2_logits(self.tensors, ids, rules)
        if not is_of_the_book(config):
            raise ValueError("this model has switches of its own: there is no reference to hold it against")
        if self.kind == "mingpt":
            return book_logits(self.tensors, ids, rules.as_described(self.facts), MINGPT_NAMES)
        return book_logits(self.tensors, ids, rules._replace(rotary=config.position == "rotary"))


def is_of_the_book(config: GPTConfig) -> bool:
    """Whether the architecture is the book's, apart from its sizes and how it tells positions."""
    same = (config.causal, config.residual, config.norm) == (True, True, "pre")
    return same and config.position in ("learned", "rotary", "none")


def read_weights(path: str | Path, config: GPTConfig | None = None, **yours: object) -> Arrival:
    """Weights that lie in a file or a folder, told by themselves and not yet loaded.

    Our checkpoints (also of 8 bits), the book's state dicts, nanoGPT's and minGPT's, Hugging Face's GPT-2; a
    config.json beside them is read. `yours` states fields of UNSHOWN where no file does;
    HeadsUnknown, a ValueError, asks for n_heads; `config` overrides all.
    """
    path = Path(path)
    if not (path.is_file() or path.is_dir()):
        raise ValueError(f"there is no file or folder {path.name!r}")
    found = weight_files(path) if path.is_dir() else WeightFiles([path], [None])
    facts = read_description((path if path.is_dir() else path.parent) / "config.json")
    tensors = open_tensors(found.files, found.wanted)
    unused = (unused_beside(found) if path.is_dir() else ()) + left_behind(tensors)
    if "glassbox" in tensors.facts:
        return ours(tensors, unused + ("config.json was not used: the file describes itself",) * bool(facts))
    return theirs(tensors, together(facts, model_args(tensors)), unused, yours, config)


def left_behind(tensors: TensorFiles) -> tuple[str, ...]:
    """A sentence about tensors that stand in another part than the index says."""
    if not tensors.left:
        return ()
    return (
        f"{len(tensors.left)} tensors were not used, {tensors.left[0]} first: the index names other files",
    )


def model_args(tensors: TensorFiles) -> dict:
    """What nanoGPT's ckpt.pt says of its model, as the child process has written it down."""
    args = read_json(tensors.facts.get("facts", "{}"), DESCRIPTION).get("model_args", {})
    if not isinstance(args, dict):
        raise ValueError(f"{DAMAGED}: model_args is {args!r}, which is no dict")
    return args


def together(facts: Mapping, args: Mapping) -> dict:
    """What config.json says, and model_args. ValueError where they contradict each other."""
    if different := [name for name in facts.keys() & args.keys() if facts[name] != args[name]]:
        name = sorted(different)[0]
        raise ValueError(f"config.json says {name} = {facts[name]!r}, the checkpoint says {args[name]!r}")
    return {**facts, **args}


def ours(tensors: TensorFiles, unused: tuple[str, ...]) -> Arrival:
    """A checkpoint that Glassbox wrote, and which describes itself."""
    config = our_config(tensors.facts["glassbox"])
    check_size(config, tensors)
    kind = "int8" if is_int8(tensors) else "glassbox"
    content = Int8Tensors(tensors) if kind == "int8" else tensors
    routes = book_routes(content, config)
    return Arrival(kind, config, routes, content, tensors.stored_names(), unused=unused)


def theirs(
    tensors: TensorFiles, facts: dict, unused: tuple[str, ...], yours: Mapping, config: GPTConfig | None
) -> Arrival:
    """Weights that another program wrote, in a layout that is told from their names."""
    layout = layout_of(tensors.shapes(), says_nanogpt="block_size" in facts)
    sources = dict.fromkeys(UNSHOWN, YOU)
    if config is None:
        config, sources = settled(layout, tensors, facts, yours)
    check_size(config, tensors)
    if layout.kind in ("gpt2", "nanogpt"):
        routes = gpt2_routes(tensors, config, turned=layout.kind == "gpt2")
    else:
        routes = (book_routes if layout.kind == "book" else mingpt_routes)(tensors, config)
    return Arrival(layout.kind, config, routes, tensors, tensors.stored_names(), sources, facts, unused)


def settled(
    layout: Layout, tensors: TensorFiles, facts: dict, yours: Mapping
) -> tuple[GPTConfig, dict[str, str]]:
    """The config, and who says each field that no shape shows. HeadsUnknown if nobody says the heads."""
    shown, said = fields_of_shapes(layout, tensors.shapes()), fields_of(facts)
    yours = {name: value for name, value in yours.items() if value is not None}
    width = shown["emb_dim"]
    assumed = {"activation": layout.activation, "norm_eps": 1e-5}
    assumed |= {"n_heads": GPT2_HEADS[width]} if width in GPT2_HEADS else {}
    unshown = UNSHOWN[shown["position"] == "learned" :]  # a table of positions shows itself
    sources = dict.fromkeys(unshown, ASSUMED) | ({"n_heads": OWN_WIDTH} if "n_heads" in assumed else {})
    sources |= dict.fromkeys(said.keys() & set(unshown), FILE) | dict.fromkeys(yours, YOU)
    values = shown | assumed | said | yours
    if "n_heads" not in values:
        raise HeadsUnknown(width)
    head = head_of(layout, tensors)
    same = head not in tensors or same_numbers(tensors[head], tensors[layout.table])
    is_classifier = not head.startswith(layout.heads[-1])
    tie = same if is_classifier else is_tied(facts, head=head, has_head=head in tensors, is_same=same)
    return GPTConfig(**values, tie_weights=tie), sources


def check_size(config: GPTConfig, tensors: Mapping[str, Tensor]) -> None:
    """Raise ValueError for a description that is too large, by arithmetic, before anything is built."""
    V, T, C, L = config.vocab_size, config.context_length, config.emb_dim, config.n_layers
    if max(V, T, C, L, config.hidden_dim) > LARGEST:
        raise ValueError(f"its description is damaged: a size of more than {LARGEST:,} is no model's")
    check_bytes(parameter_count(config), "parameters")
    cache = 2 * L * T * C  # keys and values of a text of full length; no table bounds T without positions
    check_bytes(cache, "keys and values")
    if config.n_layers > len(tensors):
        raise ValueError(f"it describes {config.n_layers:,} layers, but holds {len(tensors)} tensors")
