"""Every byte from elsewhere is accounted for: source, licence and hash."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ASSETS = Path(__file__).parent.parent / "assets"
ROOMS = ["tokenizers", "texts", "models"]
# file, source, path inside, hash, licence: only the path may be empty
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| [^|]+ \|[^|]*\| `(?P<sha256>[0-9a-f]{64})` \| [^|]+ \|")


def shipped() -> list[str]:
    files = (path for room in ROOMS for path in (ASSETS / room).rglob("*"))
    return sorted(path.relative_to(ASSETS).as_posix() for path in files if path.is_file())


def rows() -> dict[str, re.Match[str]]:
    lines = (ASSETS / "PROVENANCE.md").read_text(encoding="utf-8").splitlines()
    return {match["file"]: match for line in lines if (match := ROW.match(line))}


@pytest.mark.parametrize("file", shipped())
def test_a_shipped_file_is_the_one_of_its_row(file: str) -> None:
    assert file in rows(), f"assets/{file} has no row in assets/PROVENANCE.md"
    assert hashlib.sha256((ASSETS / file).read_bytes()).hexdigest() == rows()[file]["sha256"]


@pytest.mark.parametrize("file", rows())
def test_a_row_has_its_file(file: str) -> None:
    assert (ASSETS / file).is_file()


def test_the_library_lists_the_texts() -> None:
    texts = tomllib.loads((ASSETS / "texts/library.toml").read_text(encoding="utf-8"))["text"]
    listed = [text["file"] for text in texts]
    assert sorted(listed) == sorted(path.name for path in (ASSETS / "texts").glob("*.txt"))
    assert all(set(text) == {"key", "title", "author", "year", "licence", "file"} for text in texts)
