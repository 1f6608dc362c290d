"""Files that a person offers as a model: uploaded, zipped, or in a folder; only known names are read.

A name of theirs never becomes a path: each file that is taken is written under a name of ours.
"""

import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from core.foreign import weight_files
from runs.home import Home
from runs.settings import settings

VOCABULARIES = ("tokenizer.json", "vocab.json", "merges.txt", "meta.pkl", "meta.json")
OURS = {"config.json", "model.safetensors", "pytorch_model.bin", *VOCABULARIES}
PART = re.compile(r"(model-\d{5}-of-\d{5}\.safetensors|pytorch_model-\d{5}-of-\d{5}\.bin)")
NO_WEIGHTS = ("optimizer", "scheduler", "rng_state", "training_args")  # how such files begin
READ = (
    "weights (.safetensors, .pth, .pt, .bin), config.json, tokenizer.json, vocab.json, merges.txt, meta.pkl"
)
LARGEST_ZIP = 8 * 2**30  # bytes, unpacked
MOST_FILES = 2000
LONGEST_PATH = 1000


@dataclass(frozen=True)
class Offered:
    """What was found: the weights as core.foreign reads them, and the vocabularies beside them."""

    name: str  # what to call the model until it gets a better name
    weights: Path
    beside: Mapping[str, Path] = field(default_factory=dict)


def our_name(name: str) -> str:
    """The name under which a file is taken; "" for one that is left."""
    base = re.split(r"[/\\]", name)[-1].lower()
    if base in OURS or PART.fullmatch(base):
        return base
    if base.startswith(NO_WEIGHTS):
        return ""
    suffix = Path(base).suffix
    if suffix == ".safetensors":
        return "weights.safetensors"
    return "weights.pth" if suffix in (".pth", ".pt", ".ckpt", ".bin") else ""


def from_uploads(files: Iterable[tuple[str, BinaryIO]], folder: Path) -> Offered:
    """Uploaded files, or one zip, written to `folder`. ValueError says what is missing or refused."""
    files = list(files)
    if not files:
        raise ValueError("there is no file yet: choose one")
    zips = [file for name, file in files if name.lower().endswith(".zip")]
    if zips and len(files) > 1:
        raise ValueError("bring one zip by itself, or the files without a zip")
    if zips:
        unpack(zips[0], folder)
    else:
        take([(name, file) for name, file in files if our_name(name)], folder)
    weights = [name for name, _ in files if our_name(name) not in ("", "config.json", *VOCABULARIES)]
    return in_folder(folder, weights[0] if weights and not zips else files[0][0])


def take(files: list[tuple[str, BinaryIO]], folder: Path) -> None:
    """Write files under our names. ValueError if two would have the same."""
    taken = [our_name(name) for name, _ in files]
    if twice := sorted({name for name in taken if taken.count(name) > 1}):
        kind = "weights" if "weights" in twice[0] else twice[0]
        raise ValueError(f"there are several files of {kind}: bring one model at a time")
    for name, (_, file) in zip(taken, files, strict=True):
        with (folder / name).open("xb") as target:
            shutil.copyfileobj(file, target, 2**20)


def unpack(file: BinaryIO | Path, folder: Path) -> None:
    """Take what has a known name out of a zip; its size is checked before anything is read."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            check_zip(parts)
            wanted = [part for part in parts if our_name(part.filename) and not part.is_dir()]
            take_from(archive, wanted, folder)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise ValueError(f"the zip is damaged or locked: {error}") from error


def take_from(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], folder: Path) -> None:
    """Write parts of a zip under our names, one open at a time."""
    taken = [our_name(part.filename) for part in parts]
    if len(set(taken)) < len(taken):
        raise ValueError("there are several models in the zip: bring one at a time")
    for part in parts:
        with archive.open(part) as source:
            take([(part.filename, source)], folder)


def check_zip(parts: list[zipfile.ZipInfo]) -> None:
    """Raise ValueError for a zip that unpacks to far more than it is, or holds links."""
    claimed, packed = (sum(getattr(part, size) for part in parts) for size in ("file_size", "compress_size"))
    if len(parts) > MOST_FILES or claimed > min(LARGEST_ZIP, 100 * packed + 2**20):
        raise ValueError(
            f"the zip unpacks to {claimed:,} bytes in {len(parts):,} files from {packed:,}: refused"
        )
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise ValueError("the zip is packed in a rare way: pack it again as an ordinary zip")
    if any(stat.S_ISLNK(part.external_attr >> 16) for part in parts):
        raise ValueError("the zip holds links to other files: refused")


def refuse_pickles_of_strangers(path: Path, instead: str) -> None:
    """Raise ValueError for a pickled file on a server open to strangers, with two lines that help."""
    if settings().strangers:
        raise ValueError(
            f"{path.name!r} is pickled, and a pickle can hold code: this server is open to strangers and "
            f"reads none. Write what it holds as a plain file yourself, and bring that:\n{instead}"
        )


def from_path(written: str, folder: Path) -> Offered:
    """A file or folder of the computer that runs Glassbox, named by a person."""
    if settings().strangers:
        raise ValueError("this server is open to strangers: only the files of its own folder can be chosen")
    return lying_at(written, folder)


def lying_at(written: str, folder: Path) -> Offered:
    """A file or folder, read where it lies; a zip is unpacked to `folder`."""
    try:
        path = Path(written.strip().strip("\"'")[:LONGEST_PATH]).expanduser()
        is_file, is_folder = path.is_file(), path.is_dir()
    except (OSError, RuntimeError) as error:
        raise ValueError("this path cannot be read on this computer") from error
    if not written.strip() or not (is_file or is_folder):
        raise ValueError(
            f"there is no file or folder {written.strip()[:80]!r} on the computer that runs Glassbox"
        )
    if is_folder:
        return in_folder(path, path.resolve().name)
    if path.suffix.lower() == ".zip":
        unpack(path, folder)
        return in_folder(folder, path.name)
    return Offered(path.name, path, vocabularies(path.parent))


def to_choose_from(home: Home) -> list[str]:
    """What lies in the server's folder for everybody."""
    if not home.models_to_bring.is_dir():
        return []
    found = [path for path in home.models_to_bring.iterdir() if not path.name.startswith(".")]
    return sorted(
        path.name for path in found if path.is_dir() or our_name(path.name) or path.suffix == ".zip"
    )


def from_server(home: Home, name: str, folder: Path) -> Offered:
    """One of them. ValueError for any other name."""
    if name not in to_choose_from(home):
        raise ValueError("this file is no longer in the server's folder: choose another")
    return lying_at(str(home.models_to_bring / name), folder)


def in_folder(folder: Path, name: str) -> Offered:
    """The model that lies in a folder. ValueError if there is none, or several."""
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and our_name(path.name))
    except OSError as error:
        raise ValueError(f"the folder {folder.name!r} cannot be read: {error.strerror}") from error
    if (folder / "config.json").is_file() and weight_files(folder):
        return Offered(name, folder, vocabularies(folder))
    weights = [path for path in files if path.name.lower() not in ("config.json", *VOCABULARIES)]
    if len(weights) != 1:
        found = "no weights" if not weights else f"{len(weights)} files of weights and no config.json"
        raise ValueError(f"there are {found} in {name[:80]!r}: Glassbox reads {READ}")
    return Offered(name, weights[0], vocabularies(folder))


def vocabularies(folder: Path) -> dict[str, Path]:
    """The files of a folder that tell which text each token id stands for."""
    return {name: folder / name for name in VOCABULARIES if (folder / name).is_file()}
