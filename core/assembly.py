"""From tensors under somebody's names to a model of ours: all of them fit, or none is loaded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor

from core.anatomy import BYTES
from core.classes import class_layer
from core.config import GPTConfig
from core.gpt import GPTModel, parameter_count

State = Mapping[str, Tensor]
Shape = tuple[int, ...]

ZEROS = "zeros: the file has no bias"
TIED = "tied to tok_emb.weight"
FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
MOST_BYTES = 8 * 2**30  # of one model's weights; a server allows what its settings say
MOST_LINES = 20  # of a list of differences, so that a person can read it


class Route(NamedTuple):
    """The way of one tensor from a file into our model."""

    theirs: str  # "" where the file has none
    ours: str  # "" where our model needs none
    turned: bool = False  # the file keeps it as (in, out), we as (out, in)
    third: int | None = None  # the file keeps queries, keys and values side by side
    batched: bool = False  # the file keeps it as a batch of one
    note: str = ""  # what is to be said instead of what happens on the way

    @property
    def how(self) -> str:
        """What happens on the way, in words."""
        steps = ["transposed"] if self.turned else []
        steps += ["out of its batch of one"] if self.batched else []
        steps += [f"third {self.third + 1} of 3"] if self.third is not None else []
        return self.note or ", ".join(steps) or "as it is"

    def take(self, tensor: Tensor) -> Tensor:
        """Our tensor, as a view of theirs."""
        tensor = tensor[0] if self.batched else tensor
        tensor = tensor.mT if self.turned else tensor
        return tensor if self.third is None else tensor.chunk(3)[self.third]

    def shape_there(self, shape: Shape) -> Shape:
        """The shape that their tensor needs for ours to have `shape`."""
        if self.third is not None:
            shape = (3 * shape[0], *shape[1:])
        if self.batched:
            shape = (1, *shape)
        return shape[::-1] if self.turned else shape


def assemble(config: GPTConfig, routes: Sequence[Route], tensors: State, *, copy: bool = True) -> GPTModel:
    """A model made of `tensors`, each by its route. ValueError lists all that does not fit.

    With copy=False, tensors in single precision stay where they lie: in a file that is mapped to memory.
    """
    check_bytes(parameter_count(config), "parameters")
    model = skeleton(config, routes, tensors)
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    wrong = differences_in_names(wanted, routes) + untied(routes, tensors)
    state: dict[str, Tensor] = {}
    # The largest first: it is in memory twice while it is copied, and then little else is.
    for route in sorted(routes, key=lambda route: prod(wanted.get(route.ours, ())), reverse=True):
        if route.ours not in wanted or (route.note == TIED and not route.theirs):
            continue
        tensor = tensors[route.theirs] if route.theirs else torch.zeros(wanted[route.ours])
        complaint = reason_against(route, tensor, wanted[route.ours])
        if complaint:
            wrong.append(complaint)
        elif route.note != TIED and not wrong:
            state[route.ours] = own(route.take(tensor), copy)
    if wrong:
        raise ValueError(f"the weights do not fit the model, and none was loaded: {readable(wrong)}")
    return fill(model, state)


def check_bytes(count: int, what: str, most_bytes: int = MOST_BYTES) -> None:
    """Raise ValueError, with the sum shown, if so many numbers in single precision are more than allowed."""
    if count * BYTES > most_bytes:
        raise ValueError(
            f"{count:,} {what} x {BYTES} bytes = {count * BYTES / 2**20:,.0f} MiB, and at most "
            f"{most_bytes / 2**20:,.0f} MiB are allowed: choose a smaller model"
        )


def skeleton(config: GPTConfig, routes: Sequence[Route], tensors: State) -> GPTModel:
    """The model's names and shapes only: no memory, no random numbers."""
    with torch.device("meta"):
        model = GPTModel(config)
        if classes := class_count(config, routes, tensors):
            bias = any(route.ours == "out_head.bias" for route in routes)
            model.out_head = class_layer(config.emb_dim, classes, bias=bias)
    return model


def class_count(config: GPTConfig, routes: Sequence[Route], tensors: State) -> int | None:
    """How many classes the output layer scores, as in the book's chapter 6; None if it scores tokens."""
    ours = {route.ours: route.theirs for route in routes}
    theirs = ours.get("out_head.weight", "")
    if theirs not in tensors or tensors[theirs].ndim != 2:
        return None
    rows = len(tensors[theirs])
    is_other_size = rows != config.vocab_size and theirs != "lm_head.weight"  # an lm_head scores tokens
    return rows if is_other_size or "out_head.bias" in ours else None


def differences_in_names(wanted: Mapping[str, Shape], routes: Sequence[Route]) -> list[str]:
    """What our model lacks, what it has no place for, and what is there twice."""
    ours = Counter(route.ours for route in routes if route.ours)
    wrong = [f"{name} is given {count} times" for name, count in ours.items() if count > 1]
    wrong += [f"{name} is missing" for name in wanted.keys() - ours]
    return wrong + [f"{r.theirs} is unknown" for r in routes if r.ours and r.ours not in wanted]


def reason_against(route: Route, tensor: Tensor, wanted: Shape) -> str:
    """What is wrong with a tensor of the file, as a clause; "" if it fits."""
    shape = route.shape_there(wanted)
    if tuple(tensor.shape) != shape:
        return f"{route.theirs} has shape {tuple(tensor.shape)} instead of {shape}"
    if tensor.dtype not in FLOATS:
        return f"{route.theirs} holds {tensor.dtype} instead of floating-point numbers of 16, 32 or 64 bits"
    return "" if is_finite(tensor) else f"{route.theirs} holds NaN or infinity"


def is_finite(tensor: Tensor) -> bool:
    """Whether all numbers are finite in single precision; without a second tensor of the same size."""
    low, high = tensor.aminmax()  # NaN anywhere is both
    return bool(low.float().isfinite() and high.float().isfinite())


def untied(routes: Sequence[Route], tensors: State) -> list[str]:
    """The complaint that an output layer of its own would be lost by tying it to the token table."""
    theirs = {route.ours: route.theirs for route in routes}
    head, table = theirs.get("out_head.weight"), theirs.get("tok_emb.weight")
    is_to_be_tied = any(route.note == TIED for route in routes) and head and table
    if not is_to_be_tied or same_numbers(tensors[head], tensors[table]):
        return []
    return [f"{head} differs from {table}, but the config ties them: set tie_weights=False"]


def same_numbers(first: Tensor, second: Tensor) -> bool:
    """Whether two tensors are equal, in their kind of number too."""
    return first.dtype == second.dtype and torch.equal(first, second)


def own(tensor: Tensor, copy: bool) -> Tensor:
    """The tensor in single precision, row after row; in memory of its own if `copy`."""
    if not copy and tensor.dtype == torch.float32 and tensor.is_contiguous():
        return tensor
    return torch.empty(tensor.shape).copy_(tensor)


def readable(wrong: Sequence[str]) -> str:
    """The list as one sentence, each difference once, cut where nobody would read on."""
    lines = sorted(set(wrong))
    more = len(lines) - MOST_LINES
    return "; ".join(lines[:MOST_LINES]) + (f"; ... and {more} more" if more > 0 else "")


def fill(model: GPTModel, state: dict[str, Tensor]) -> GPTModel:
    """The skeleton with its numbers, ready to look at."""
    if model.config.tie_weights:
        state["out_head.weight"] = state["tok_emb.weight"]
    model.load_state_dict(state, assign=True)
    if model.config.tie_weights:
        model.out_head.weight = model.tok_emb.weight
    return model.requires_grad_(True).eval()
