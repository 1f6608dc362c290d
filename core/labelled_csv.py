"""Texts with labels out of a person's own table: two columns of a CSV file, in either order."""

import csv
from collections.abc import Sequence
from io import StringIO

from core.labelled import Labelled, labelled
from core.pieces import without_surrogates

DELIMITERS = "\t;,"  # of two that part the rows as well, the one that is rarer in texts
MOST_ROWS = 20_000
LONGEST_LABEL = 40  # characters: a label stands in tables and on axes
LONGEST_TEXT = 10_000  # characters: the model reads the first words of it
Row = tuple[int, str, str]  # its number in the file, and two cells


def labelled_csv(text: str) -> Labelled:
    """Read rows of text and label, or label and text; a first row of headings is left out.

    The column with fewer different values is the labels. Columns are parted by commas, semicolons or tabs.
    ValueError says what is amiss, and in which row.
    """
    rows = two_columns(without_surrogates(text).removeprefix("\ufeff"))
    label = label_column(rows)
    rows = [(number, cells[1 - label], cells[label]) for number, *cells in rows]
    rows = rows[starts_with_headings(rows) :]
    for row in rows:
        check_row(*row)
    return labelled([text for _, text, _ in rows], [label for _, _, label in rows])


def two_columns(text: str) -> list[Row]:
    """The rows that are not empty, read with the delimiter that leaves most of them with two cells."""
    tables = {delimiter: read_rows(text, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: sum(len(cells) == 2 for _, cells in tables[delimiter]))
    table = read_rows(text, best, strict=True)
    if not table:
        raise ValueError("there is nothing to read: give rows of a text and its label")
    if len(table) > MOST_ROWS:
        raise ValueError(f"there are {len(table):,} rows, and {MOST_ROWS:,} is the most: leave some out")
    for number, cells in table:
        if len(cells) == 1:
            raise ValueError(
                f"row {number} has one column, and a row needs two, the text and its label: "
                "put a comma, a semicolon or a tab between them"
            )
        if len(cells) > 2:
            raise ValueError(
                f"row {number} has {len(cells)} columns, and a row needs two, the text and its label: "
                'put the text between quotation marks ("), or leave the other columns out'
            )
    return [(number, *cells) for number, cells in table]


def read_rows(text: str, delimiter: str, *, strict: bool = False) -> list[tuple[int, list[str]]]:
    """Each row that is not empty: its number, from 1, and its cells. Strict minds quotation marks."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    rows: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if any(map(str.strip, cells)):
                rows.append((number, cells))
    except csv.Error as problem:
        raise ValueError(
            f"row {number + 1} has more text than can be read: give a part of it"
            if "limit" in str(problem)
            else f'row {number + 1} has a quotation mark (") without a second one at the end of the text: '
            'put it there, and write one inside the text twice ("")'
        ) from problem
    return rows


def label_column(rows: Sequence[Row]) -> int:
    """0 or 1: the column with fewer different values; of two with as many, the second."""
    first, second = (len({row[place].strip() for row in rows}) for place in (1, 2))
    return 0 if first < second else 1


def starts_with_headings(rows: Sequence[Row]) -> bool:
    """Whether the first row names the columns: its label stands in no other row, though labels come again."""
    labels = [label.strip() for _, _, label in rows]
    return labels.count(labels[0]) == 1 and len(set(labels)) - 1 < len(labels) - 1


def check_row(number: int, text: str, label: str) -> None:
    """Raise ValueError, with the row's number, for a row that is empty on one side, or too long."""
    for name, cell in (("text", text), ("label", label)):
        if not cell.strip():
            raise ValueError(f"row {number} has no {name}: fill it in, or leave the row out")
    if len(label.strip()) > LONGEST_LABEL:
        raise ValueError(
            f"row {number} has a label of {len(label.strip()):,} characters, and {LONGEST_LABEL} is the "
            "most: labels are the few words that come again and again"
        )
    if len(text) > LONGEST_TEXT:
        raise ValueError(
            f"row {number} has a text of {len(text):,} characters, and {LONGEST_TEXT:,} is the most: "
            "give a part of it"
        )
