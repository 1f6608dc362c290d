"""Rows of a person's table, however it was written: four delimiters, with or without quotation marks."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple

DELIMITERS = "\t;|,"  # of two that fit equally well, the one that is rarer in texts
DECLARED = re.compile(r'"?sep=([\t;|,])"?[\t;|,]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)  # a first line, by Excel
UNCLOSED = (
    'row {} has a quotation mark (") without a second one at the end of the text: '
    'put it there, and write one inside the text twice ("")'
)


class Row(NamedTuple):
    """One row: its number in the file, as a spreadsheet counts, and its cells, without empty ones at the end.

    The first two cells are kept, empty or not.
    """

    number: int
    cells: tuple[str, ...]


class Reading(NamedTuple):
    """A text, read as a table with one of the delimiters."""

    delimiter: str
    rows: tuple[Row, ...]
    problem: str = ""  # why the file cannot be read to its end, in a sentence
    plain: "Reading | None" = None  # the same without regard to quotation marks, where that finds more rows

    @property
    def width(self) -> int:
        """Cells of most rows."""
        counts = Counter(len(cells) for _, cells in self.rows)
        return max(counts, key=lambda width: (counts[width], width), default=0)

    @property
    def uneven(self) -> int:
        """Rows that are wider or narrower than most."""
        width = self.width
        return sum(len(cells) != width for _, cells in self.rows)


def readings(text: str) -> list[Reading]:
    """The ways to read a text as a table of two or more columns, the most likely first."""
    declared = DECLARED.match(text)
    found = (with_plain(text, delimiter) for delimiter in (declared[1] if declared else DELIMITERS))
    tables = [one for one in found if one.width > 1 or one.problem]
    return sorted(tables, key=lambda one: (bool(one.problem and not one.plain), (one.plain or one).uneven))


def with_plain(text: str, delimiter: str) -> Reading:
    """A text read with one delimiter, and its plain reading if all of that's rows have one width."""
    quoted, plain = (read(text, delimiter, quoting) for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE))
    more = quoted.problem or len(plain.rows) > len(quoted.rows)
    return quoted._replace(plain=plain) if more and plain.width > 1 and not plain.uneven else quoted


def read(text: str, delimiter: str, quoting: int) -> Reading:
    """A text read in one way; what is before the first problem, if there is one."""
    declared = DECLARED.match(text)  # it is a row of the file, but none of the table
    rows: list[Row] = []
    problem = ""
    for number, cells in numbered(text, delimiter, quoting):
        if isinstance(cells, str):
            problem = cells
        elif any(map(str.strip, cells)) and not (declared and number == 1):
            rows.append(Row(number, cells))
    return Reading(delimiter, tuple(rows), problem)


def numbered(text: str, delimiter: str, quoting: int) -> Iterator[tuple[int, tuple[str, ...] | str]]:
    """Each row's number and cells; last, if it cannot be read to its end, the number and why."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            while len(cells) > 2 and not cells[-1].strip():
                cells.pop()
            yield number, tuple(cells)
    except csv.Error as problem:
        too_long = f"row {number + 1} has more text than can be read: give a part of it"
        yield number + 1, too_long if "limit" in str(problem) else UNCLOSED.format(number + 1)


def unclosed(reading: Reading) -> str:
    """The sentence about the first cell that begins with a quotation mark but is not enclosed in two."""
    return UNCLOSED.format(next(number for number, cells in reading.rows if any(map(opens, cells))))


def opens(cell: str) -> bool:
    """Whether a cell begins with a quotation mark, and the one that closes it is not at its end."""
    return cell.startswith('"') and not re.fullmatch('"(?:[^"]|"")*"', cell)
