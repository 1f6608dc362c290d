"""A zip that arrived damaged is refused in a sentence, wherever the damage is (FAULTS 41, 46)."""

import io
import random
import zipfile
from pathlib import Path

import pytest

from runs.offered import unpack


def a_zip(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.writestr("config.json", '{"n_head": 4}' * 50)
        archive.writestr("model.safetensors", bytes(random.Random(1).choices(range(40), k=20_000)))
    return written.getvalue()


def test_damage_anywhere_is_said(tmp_path: Path) -> None:
    refused = 0
    for seed in range(300):
        dice, damaged = random.Random(seed), bytearray(a_zip())
        for _ in range(dice.randint(1, 4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            unpack(io.BytesIO(bytes(damaged)), folder)
        except ValueError:
            refused += 1
    assert refused > 250  # a byte of a date may be wrong and nobody minds


def test_rare_ways_of_packing_are_refused(tmp_path: Path) -> None:
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with pytest.raises(ValueError, match="ordinary zip"):
            unpack(io.BytesIO(a_zip(method)), tmp_path)
    assert not list(tmp_path.iterdir())
