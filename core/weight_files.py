"""Which files of a folder are a model's weights, and which lie beside them and are not used.

Names that are known are asked for; a folder is looked through only for what has none of them.
"""

import os
import re
from collections.abc import Collection
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from core.json_object import read_json_file

STEMS = (("model", "safetensors"), ("pytorch_model", "bin"))  # the order in which transformers looks for them
PART = re.compile(r"(model-\d{5}-of-\d{5}\.safetensors|pytorch_model-\d{5}-of-\d{5}\.bin)")
ADAPTERS = ("adapter_model.safetensors", "adapter_model.bin", "adapter_config.json")
WEIGHTS = (".safetensors", ".bin", ".pth", ".pt", ".ckpt")
NO_WEIGHTS = ("optimizer", "scheduler", "rng_state", "training_args", "adapter_")  # how such files begin
MOST_PARTS = 256  # files of one model
MOST_ENTRIES = 2000  # of a folder that is looked through


class WeightFiles(NamedTuple):
    """A model's weights: one file, or parts."""

    files: list[Path]
    wanted: list[Collection[str] | None]  # for each file, the tensors that the index takes from it; None: all


def weight_files(folder: Path) -> WeightFiles:
    """The weights in a folder: by the names that transformers gives them, or the only file of weights.

    ValueError if there is none, if parts are missing, or if nothing tells which of several files it is.
    """
    for stem, suffix in STEMS:
        if (folder / f"{stem}.{suffix}").exists():
            return WeightFiles([folder / f"{stem}.{suffix}"], [None])
        if found := parts_in(folder, stem, suffix):
            return found
    lying = [name for name in names_in(folder) if is_weights(folder / name)]
    if len(lying) != 1:
        many = f"{len(lying)} files of weights ({listed(lying)}) and no index" if lying else "no weights"
        only = ", only an adapter (LoRA), which is no model by itself" * bool(adapters_beside(folder))
        raise ValueError(f"there are {many} in {folder.name[:80]!r}{only}")
    return WeightFiles([folder / lying[0]], [None])


def parts_in(folder: Path, stem: str, suffix: str) -> WeightFiles | None:
    """The parts that an index names, else the one whole set of them; None if there are none."""
    index = folder / f"{stem}.{suffix}.index.json"
    if index.is_file():
        return parts_of_index(index, stem, suffix)
    sets = [parts_named(stem, suffix, count) for count in range(1, MOST_PARTS + 1)]
    begun = [names for names in sets if (folder / names[0]).is_file()]
    whole = [names for names in begun if all((folder / name).is_file() for name in names)]
    if len(whole) > 1:
        raise ValueError(f"there are parts of {len(whole)} models and no index: bring those of one")
    if begun and not whole:
        refuse_missing(folder, begun[0])
    return WeightFiles([folder / name for name in whole[0]], [None] * len(whole[0])) if whole else None


def parts_named(stem: str, suffix: str, count: int) -> list[str]:
    """The names of so many parts."""
    return [f"{stem}-{part:05d}-of-{count:05d}.{suffix}" for part in range(1, count + 1)]


def parts_of_index(index: Path, stem: str, suffix: str) -> WeightFiles:
    """The parts that an index names, and which tensors to take from each. ValueError if one is missing."""
    places = read_json_file(index, f"{index.name!r}").get("weight_map")
    places = places if isinstance(places, dict) else {}
    names = sorted(set(map(str, places.values())))
    if not names or not all(PART.fullmatch(name) and name.startswith(stem) for name in names):
        raise ValueError(f"{index.name!r} names no parts as {stem}-00001-of-00002.{suffix}")
    refuse_missing(index.parent, names)
    wanted = [{tensor for tensor, file in places.items() if file == name} for name in names]
    return WeightFiles([index.parent / name for name in names], wanted)


def refuse_missing(folder: Path, names: list[str]) -> None:
    """Raise ValueError for the first part that is not there."""
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise ValueError(f"{missing[0]!r} is missing, a part of the weights")


def unused_beside(found: WeightFiles) -> tuple[str, ...]:
    """A sentence for each kind of weights that lies in the folder and was not used."""
    folder = found.files[0].parent
    try:
        names = [name for name in names_in(folder) if is_weights(folder / name)]
    except ValueError:  # far too many to look through
        names = []
    others = [name for name in names if folder / name not in found.files]
    used = "the index names others" if found.wanted[0] is not None else f"{found.files[0].name} was"
    return adapters_beside(folder) + ((f"{listed(others)} was not used: {used}",) if others else ())


def adapters_beside(folder: Path) -> tuple[str, ...]:
    """A sentence if an adapter lies in the folder."""
    if not any((folder / name).is_file() for name in ADAPTERS):
        return ()
    return (
        "An adapter (LoRA) lies beside the weights and was not used: this is the base model without it. "
        "Merge it first (merge_and_unload) to see what it changes.",
    )


def is_weights(path: Path) -> bool:
    """Whether a file may hold a model's weights, by its name."""
    name = path.name.lower()
    return path.suffix.lower() in WEIGHTS and not name.startswith((".", *NO_WEIGHTS)) and path.is_file()


def names_in(folder: Path) -> list[str]:
    """The names in a folder, sorted. ValueError if there are too many to look through."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in islice(entries, MOST_ENTRIES + 1)]
    if len(names) > MOST_ENTRIES:
        raise ValueError(
            f"the folder holds more than {MOST_ENTRIES:,} files: put those of one model into its own folder"
        )
    return sorted(names)


def listed(names: list[str], most: int = 4) -> str:
    """The first names, and how many there are beyond them."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
