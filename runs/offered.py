"""Files that a person offers as a model: uploaded, zipped, or in a folder; only known names are read.

A name of theirs never becomes a path: each file that is taken is written under a name of ours.
"""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from core.weight_files import names_in, weight_files
from runs.home import Home
from runs.known_names import NOT_WEIGHTS, READ, VOCABULARIES, not_taken, our_name
from runs.server_folder import NOTHING, bring_from, check_size, path_inside
from runs.settings import settings
from runs.zip_directory import directory_bytes

LARGEST_ZIP = 8 * 2**30  # bytes, unpacked
MOST_FILES = 2000  # of a zip,
LONGEST_DIRECTORY = 512 * MOST_FILES  # and bytes that their names take in it


@dataclass(frozen=True)
class Offered:
    """What was found: the weights as core.foreign reads them, and the vocabularies beside them."""

    name: str  # what to call the model until it gets a better name
    weights: Path
    beside: Mapping[str, Path] = field(default_factory=dict)
    unused: tuple[str, ...] = ()  # what else was offered, a sentence each


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
    weights = [name for name, _ in files if our_name(name) not in ("", *NOT_WEIGHTS)]
    names = names_in_zip(zips[0]) if zips else [name for name, _ in files]
    found = in_folder(folder, weights[0] if weights and not zips else files[0][0])
    return replace(found, unused=not_taken(names))


def names_in_zip(file: BinaryIO | Path) -> list[str]:
    """The names in a zip that has been unpacked before."""
    with zipfile.ZipFile(file) as archive:
        return [name for name in archive.namelist() if not name.startswith("__MACOSX")]


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
        if directory_bytes(file) > LONGEST_DIRECTORY:
            raise ValueError(f"the zip holds more than {MOST_FILES:,} files: refused")
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


def from_path(home: Home, written: str, folder: Path) -> Offered:
    """A file or folder of the computer that runs Glassbox, named by a person."""
    if settings().strangers:
        raise ValueError("this server is open to strangers: only the files of its own folder can be chosen")
    return from_inside(home, written, folder)


def from_inside(home: Home, written: str, folder: Path) -> Offered:
    """A file or folder inside the server's folder. ValueError, always the same, for anything else."""
    path = path_inside(home, written)
    try:
        found = lying_at(path, folder)
        is_folder = found.weights.is_dir()
        parts = weight_files(found.weights).files if is_folder else [found.weights]
        notes = [(found.weights if is_folder else found.weights.parent) / one for one in NOT_WEIGHTS]
        for one in (*parts, *(note for note in notes if note.is_file())):
            if folder not in one.parents:  # what lies there came out of a zip
                path_inside(home, str(one))
    except OSError as error:  # a folder that may be seen and not entered
        raise ValueError(NOTHING) from error
    return found


def lying_at(path: Path, folder: Path) -> Offered:
    """A file or folder, read where it lies; a zip is unpacked to `folder`."""
    if path.is_dir():
        return in_folder(path, path.name)
    check_size(path)
    if path.suffix.lower() == ".zip":
        unpack(path, folder)
        return replace(in_folder(folder, path.name), unused=not_taken(names_in_zip(path)))
    return Offered(path.name, path, vocabularies(path.parent))


def to_choose_from(home: Home) -> list[str]:
    """What lies in the server's folder for everybody; nothing if it holds far too much to choose from."""
    root = bring_from(home)
    try:
        names = [name for name in names_in(root) if not name.startswith(".")]
        return [n for n in names if our_name(n) or n.endswith(".zip") or (root / n).is_dir()]
    except (OSError, ValueError):
        return []


def from_server(home: Home, name: str, folder: Path) -> Offered:
    """One of them. ValueError for any other name."""
    if name not in to_choose_from(home):
        raise ValueError("this file is no longer in the server's folder: choose another")
    return from_inside(home, name, folder)


def in_folder(folder: Path, name: str) -> Offered:
    """The model that lies in a folder. ValueError if there is none, or several."""
    try:
        weight_files(folder)
    except ValueError as error:
        told = str(error).replace(repr(folder.name), repr(name[:80]))  # a folder of ours has no name to tell
        raise ValueError(f"{told}: Glassbox reads {READ}") from error
    return Offered(name, folder, vocabularies(folder))


def vocabularies(folder: Path) -> dict[str, Path]:
    """The files of a folder that tell which text each token id stands for."""
    return {name: folder / name for name in VOCABULARIES if (folder / name).is_file()}
