"""Files that lie on the server: one folder and one sentence, and nothing large or crowded is read."""

import errno
import io
import os
import zipfile
from pathlib import Path

import pytest

from core import json_object
from core.foreign import read_weights
from core.weight_files import MOST_ENTRIES
from runs import offered, server_folder, zip_directory
from runs.bringing import bring
from runs.home import Home
from runs.server_folder import NOTHING
from tests.runs.test_brought import ours


@pytest.fixture
def folder(home: Home) -> Path:
    """The folder from which people may bring models."""
    home.models_to_bring.mkdir()
    return home.models_to_bring


def said_of(home: Home, path: object) -> str:
    """What a person is told who names this path."""
    with pytest.raises(ValueError, match=r".") as refused:
        bring(home, lambda unpacked: offered.from_path(home, str(path), unpacked), "ada")
    return str(refused.value)


@pytest.mark.parametrize(
    "way", ["absent", "outside", "secret", "device", "climbing", "link", "links", "pipe"]
)
def test_74_whatever_may_not_be_read_is_the_same_sentence(home: Home, folder: Path, tmp_path: Path, way: str):
    outside = ours(tmp_path / "outside.safetensors")
    (folder / "link.safetensors").symlink_to(outside)
    (folder / "links").mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / "links" / name).symlink_to(outside)
    os.mkfifo(folder / "pipe.pth")
    named = {
        "absent": "nothing.pth",
        "outside": outside,
        "secret": "/etc/shadow",
        "device": "/dev/zero",
        "climbing": f"../{os.path.relpath(outside, folder)}",
        "link": "link.safetensors",
        "links": "links",
        "pipe": "pipe.pth",
    }
    assert said_of(home, named[way]) == NOTHING


def test_74_a_file_that_must_not_be_read_is_the_same_sentence(home: Home, folder: Path, monkeypatch):
    ours(folder / "a.safetensors")
    monkeypatch.setattr(server_folder.os, "access", lambda *_: False)
    assert said_of(home, "a.safetensors") == NOTHING


def test_74_a_folder_that_must_not_be_entered_is_the_same_sentence(home: Home, folder: Path, monkeypatch):
    (folder / "closed").mkdir()

    def refuse(_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "closed")

    monkeypatch.setattr(server_folder.os, "scandir", refuse)
    assert said_of(home, "closed") == NOTHING


def test_74_nothing_outside_is_even_asked_for(home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[object] = []
    stat, lstat = os.stat, os.lstat
    monkeypatch.setattr(os, "stat", lambda path, **how: asked.append(path) or stat(path, **how))
    monkeypatch.setattr(os, "lstat", lambda path, **how: asked.append(path) or lstat(path, **how))
    with pytest.raises(ValueError, match="no model can be read there"):
        server_folder.path_inside(home, "/etc/shadow")
    assert not [path for path in asked if "shadow" in str(path)]


def test_74_no_byte_of_a_file_is_shown(home: Home, folder: Path):
    (folder / "passwords.pth").write_bytes(b"root:secret")
    told = said_of(home, "passwords.pth")
    assert "root" not in told
    assert "neither" in told


def test_74_what_lies_inside_is_brought_by_either_way_of_naming_it(home: Home, folder: Path):
    (folder / "mine").mkdir()
    path = ours(folder / "mine" / "a.safetensors")
    ids = {
        bring(home, lambda unpacked, named=named: offered.from_path(home, named, unpacked), "ada")
        for named in ("mine/a.safetensors", str(path), "mine", f' "{path}" ')
    }
    assert len(ids) == 1


def test_74_the_operator_names_another_folder(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "mine").mkdir()
    path = ours(tmp_path / "mine" / "a.safetensors")
    assert said_of(home, path) == NOTHING
    monkeypatch.setenv("GLASSBOX_BRING_FROM", str(tmp_path / "mine"))
    assert bring(home, lambda unpacked: offered.from_path(home, str(path), unpacked), "ada")
    assert offered.to_choose_from(home) == ["a.safetensors"]


def sparse(path: Path, size: int) -> Path:
    """A file that claims so many bytes, and takes none."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


@pytest.mark.parametrize("name", ["a.safetensors", "a.pth", "a.zip"])
def test_84_a_file_is_refused_by_its_size_before_it_is_read(home: Home, folder: Path, name: str, monkeypatch):
    sparse(folder / name, 10**13)
    opened: list[Path] = []
    read = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *how: opened.append(path) or read(path, *how))
    assert "10,000,000,000,000 bytes" in said_of(home, name)
    assert not [path for path in opened if path.name == name]


@pytest.mark.parametrize("large", ["model.safetensors", "config.json"])
def test_84_so_is_each_file_of_a_folder(tmp_path: Path, large: str):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").touch()
    sparse(tmp_path / large, 10**13)
    with pytest.raises(ValueError, match="10,000,000,000,000"):
        read_weights(tmp_path)


def test_84_the_parts_are_those_that_the_index_names(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    sparse(tmp_path / "model.safetensors.index.json", json_object.LARGEST + 1)
    with pytest.raises(ValueError, match=f"{json_object.LARGEST:,} is the most"):
        read_weights(tmp_path)
    for place in ("../model-00001-of-00001.safetensors", "/etc/passwd", "other.safetensors"):
        (tmp_path / "model.safetensors.index.json").write_text(f'{{"weight_map": {{"a": "{place}"}}}}')
        with pytest.raises(ValueError, match="names no parts"):
            read_weights(tmp_path)
    named = '{"weight_map": {"a": "model-00001-of-00002.safetensors"}}'
    (tmp_path / "model.safetensors.index.json").write_text(named)
    with pytest.raises(ValueError, match=r"'model-00001-of-00002\.safetensors' is missing"):
        read_weights(tmp_path)


class Crowd:
    """A folder with files without end, as os.scandir shows it."""

    shown = 0

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> "Crowd":
        return self

    def __next__(self) -> os.DirEntry:
        self.shown += 1
        assert self.shown <= MOST_ENTRIES + 1, "the whole folder is listed"
        return type("Entry", (), {"name": f"{self.shown}.txt"})


def test_84_a_folder_with_files_without_end_is_looked_at_for_known_names_only(
    home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    for path in ("crowded", "nothing"):
        (folder / path).mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / "crowded" / name).touch()
    crowd = Crowd()
    monkeypatch.setattr(Path, "iterdir", lambda path: pytest.fail("the whole folder is listed"))
    monkeypatch.setattr(Path, "glob", lambda path, pattern: pytest.fail("the whole folder is listed"))
    monkeypatch.setattr(server_folder.os, "scandir", lambda path: crowd)
    assert offered.from_path(home, "crowded", folder).weights == folder / "crowded"
    assert crowd.shown == 0
    with pytest.raises(ValueError, match="more than 2,000 files"):
        offered.from_path(home, "nothing", folder)
    crowd.shown = 0
    assert offered.to_choose_from(home) == []


def test_84_a_zip_with_a_million_names_is_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number:0200d}.txt", b"")
    length = zip_directory.directory_bytes(packed)
    assert 600 < length < 1000
    monkeypatch.setattr(offered, "LONGEST_DIRECTORY", length - 1)
    monkeypatch.setattr(offered.zipfile, "ZipFile", lambda *_: pytest.fail("the list of files was read"))
    with pytest.raises(ValueError, match="the zip holds more than"):
        offered.unpack(packed, Path())


@pytest.mark.parametrize(("limit", "record"), [(65535, b"PK\x05\x06"), (2, b"PK\x06\x06")])
def test_84_the_list_of_a_zip_is_as_long_as_its_end_says(limit: int, record: bytes, monkeypatch):
    """Beyond so many entries another record says so."""
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", limit)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}", b"")
    ends = packed.getvalue().rfind(record)
    assert ends > 0
    assert zip_directory.directory_bytes(packed) == ends - archive.start_dir
