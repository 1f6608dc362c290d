"""Which files of a folder hold a model's weights: only names that are known are looked for."""

import re
from pathlib import Path

from core.json_object import read_json_file

MOST_PARTS = 256  # files of one model


def weight_files(folder: Path) -> list[Path]:
    """A folder's weights: one file, or parts as `model-00001-of-00003.safetensors`; [] if there are none."""
    for stem, suffix in (("model", "safetensors"), ("pytorch_model", "bin")):
        if (folder / f"{stem}.{suffix}").exists():
            return [folder / f"{stem}.{suffix}"]
        if parts := weight_parts(folder, stem, suffix):
            return [folder / part for part in parts]
    return []


def weight_parts(folder: Path, stem: str, suffix: str) -> list[str]:
    """The names of the parts: those of the index, else 1 to N; [] if there are none."""
    numbered = re.compile(rf"{stem}-\d{{5}}-of-\d{{5}}\.{suffix}")
    index = folder / f"{stem}.{suffix}.index.json"
    if index.is_file():
        places = read_json_file(index, f"{index.name!r}").get("weight_map")
        names = sorted(set(map(str, places.values()))) if isinstance(places, dict) else []
        if not names or not all(numbered.fullmatch(name) for name in names):
            raise ValueError(f"{index.name!r} names no parts as {stem}-00001-of-00002.{suffix}")
    else:
        firsts = (folder / f"{stem}-00001-of-{n:05d}.{suffix}" for n in range(1, MOST_PARTS + 1))
        last = next((n for n, first in enumerate(firsts, start=1) if first.is_file()), 0)
        names = [f"{stem}-{n:05d}-of-{last:05d}.{suffix}" for n in range(1, last + 1)]
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise ValueError(f"{missing[0]!r} is missing, a part of the weights")
    return names
