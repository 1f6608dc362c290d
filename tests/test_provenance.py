"""Every byte in assets/ is accounted for: source, licence and hash, or a group of our own."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ASSETS = Path(__file__).parent.parent / "assets"
PROVENANCE = (ASSETS / "PROVENANCE.md").read_text(encoding="utf-8")
# file, source, path inside, hash, licence: only the path may be empty
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| [^|]+ \|[^|]*\| `(?P<sha256>[0-9a-f]{64})` \| [^|]+ \|", re.M)
GROUP = re.compile(r"^\| `(?P<pattern>[^`|]+)` \| [^|]+ \|$", re.M)
ROWS = {match["file"]: match["sha256"] for match in ROW.finditer(PROVENANCE)}
GROUPS = [match["pattern"] for match in GROUP.finditer(PROVENANCE)]
WITH_ROWS = ("tokenizers", "texts", "models", "embeddings", "classes")  # a group never speaks for these
MOST_BYTES = 25_000_000
FOR_MODELS = 16_000_000


def shipped() -> list[str]:
    files = (path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file())
    return sorted(file for file in files if "__pycache__" not in file and file != "PROVENANCE.md")


def ours() -> set[str]:
    return {path.relative_to(ASSETS).as_posix() for pattern in GROUPS for path in ASSETS.glob(pattern)}


@pytest.mark.parametrize("file", [file for file in shipped() if file not in ours()])
def test_a_shipped_file_is_the_one_of_its_row(file: str) -> None:
    assert file in ROWS, f"assets/{file} has no row in assets/PROVENANCE.md, and no group there holds it"
    assert hashlib.sha256((ASSETS / file).read_bytes()).hexdigest() == ROWS[file]


@pytest.mark.parametrize("file", ROWS)
def test_a_row_has_its_file(file: str) -> None:
    assert (ASSETS / file).is_file()


def test_groups_are_of_our_own_files_alone() -> None:
    assert len(GROUPS) >= 8
    assert not [file for file in ours() if file.startswith(WITH_ROWS)]
    assert not ours() & set(ROWS)


def test_a_file_from_elsewhere_would_be_noticed() -> None:
    for file in ("components/font.woff2", "texts/new.txt", "models/new.safetensors", "new/style.css"):
        assert file not in ROWS
        assert not any(Path(file).match(pattern) for pattern in GROUPS if "/" in pattern)


def test_everything_together_is_small() -> None:
    sizes = {file: (ASSETS / file).stat().st_size for file in shipped()}
    models = sum(size for file, size in sizes.items() if file.startswith("models/"))
    assert models < FOR_MODELS
    assert sum(sizes.values()) - models < MOST_BYTES - FOR_MODELS


def test_the_library_lists_the_texts() -> None:
    texts = tomllib.loads((ASSETS / "texts/library.toml").read_text(encoding="utf-8"))["text"]
    listed = [text["file"] for text in texts]
    assert sorted(listed) == sorted(path.name for path in (ASSETS / "texts").glob("*.txt*"))
    assert all(set(text) == {"key", "title", "author", "year", "licence", "tokens", "file"} for text in texts)
