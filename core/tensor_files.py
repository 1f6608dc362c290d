"""Tensors that lie in files: names and shapes first, and each one only when it is asked for."""

import re
import shutil
import tempfile
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from core.unpickle import MAX_BYTES, rewrite_pickled

MAX_HEADER = 4 * 2**20  # bytes of names and shapes; GPT-2 XL has 60,000
# What torch.compile, DataParallel and FSDP put into a name, at its beginning or around one block.
WRAPPERS = re.compile(r"(?<![^.])(_orig_mod|module|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")


class Place(NamedTuple):
    """Where a tensor lies, and what it looks like from outside."""

    path: Path
    key: str  # under which the file keeps it
    whole_name: str  # the same, but for the second name of tied weights
    shape: tuple[int, ...]


class TensorFiles(Mapping[str, Tensor]):
    """What safetensors files hold. A tensor is a view of its file, mapped anew each time it is asked for.

    Whoever drops the tensor gives its memory back: a model can be copied piece by piece, and a file of
    500 MB is never in memory beside its copy. ValueError if a file is damaged.
    """

    def __init__(self, paths: Sequence[Path], wanted: Sequence[Collection[str] | None] = ()) -> None:
        """`wanted` names the tensors to take from each file, as an index does; None stands for all."""
        self.facts: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        self.left: list[str] = []  # tensors that the index says to take from another file
        for path, names in zip_longest(paths, wanted):
            check_header(path)
            with opened(path) as file:
                self.facts |= file.metadata() or {}
                for name in file.keys():  # noqa: SIM118
                    if names is not None and name not in names:
                        self.left.append(name)
                        continue
                    shape = tuple(file.get_slice(name).get_shape())
                    self.add(plain_name(name), Place(path, name, name, shape))
        for second, first in self.facts.items():  # as safetensors' save_model keeps the names of tied weights
            if plain_name(first) in self.places and plain_name(second) not in self.places:
                self.add(plain_name(second), self.places[plain_name(first)]._replace(whole_name=second))

    def add(self, name: str, place: Place) -> None:
        """Remember where a tensor lies. ValueError if two have the same name."""
        if name in self.places:
            raise ValueError(
                f"{name} is there twice: as {self.places[name].whole_name} and {place.whole_name}"
            )
        self.places[name] = place

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every tensor's shape, from the files' headers."""
        return {name: place.shape for name, place in self.places.items()}

    def stored_names(self) -> dict[str, str]:
        """Every tensor's whole name in its file."""
        return {name: place.whole_name for name, place in self.places.items()}

    def __getitem__(self, name: str) -> Tensor:
        place = self.places[name]
        with opened(place.path) as file:
            return file.get_tensor(place.key)

    def mapped(self) -> dict[str, Tensor]:
        """All tensors as views of their files, for as long as they are kept. A write to one stays private."""
        tensors: dict[str, Tensor] = {}
        for path in {place.path for place in self.places.values()}:
            with opened(path):
                tensors |= load_file(path)
        return tensors

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def plain_name(name: str) -> str:
    """The name without what torch.compile, DataParallel or Hugging Face put before it."""
    return re.sub(r"^(transformer\.)+", "", WRAPPERS.sub("", name))


def check_header(path: Path) -> None:
    """Raise ValueError for a header that is longer than any model's, before it is read."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if length > MAX_HEADER:
        raise ValueError(
            f"{path.name!r} is not a whole safetensors file: it claims {length:,} bytes of names and shapes, "
            f"and {MAX_HEADER:,} are allowed"
        )


@contextmanager
def opened(path: Path) -> Iterator[safe_open]:
    """An open safetensors file. ValueError if it is damaged, whether that shows now or later."""
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name!r} is not a whole safetensors file: {error}") from error


def open_tensors(paths: Sequence[Path], wanted: Sequence[Collection[str] | None] = ()) -> TensorFiles:
    """The tensors of a weights file of any format, or of its parts. A child process rewrites the pickled."""
    size = sum(path.stat().st_size for path in paths)
    if size > MAX_BYTES:
        raise ValueError(f"the weights take {size:,} bytes, and {MAX_BYTES:,} is the most that is read")
    if all(path.suffix == ".safetensors" or is_safetensors(path) for path in paths):
        return TensorFiles(paths, wanted)
    folder = Path(tempfile.mkdtemp(prefix="glassbox-"))
    targets = [folder / f"{part}.safetensors" for part in range(len(paths))]
    try:
        for path, target in zip(paths, targets, strict=True):
            rewrite_pickled(path, target)
        tensors = TensorFiles(targets, wanted)
    except BaseException:
        shutil.rmtree(folder)
        raise
    weakref.finalize(tensors, shutil.rmtree, folder, ignore_errors=True)  # they go together
    return tensors


def is_safetensors(path: Path) -> bool:
    """Whether the file begins as safetensors do, whatever its name: a length of 8 bytes, then JSON."""
    with path.open("rb") as file:
        return file.read(9)[8:] == b"{"
