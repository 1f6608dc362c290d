"""Texts with labels out of a person's own table: two columns of a CSV file, in either order."""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from core.csv_rows import Reading, Row, readings, unclosed
from core.labelled import Labelled, labelled
from core.pieces import without_surrogates

MOST_ROWS = 20_000
LONGEST_LABEL = 40  # characters: a label stands in tables and on axes
LONGEST_TEXT = 10_000  # characters: the model reads the first words of it
LONGEST_HEADING = 40  # characters
TEXT_HEADINGS = frozenset(
    ["text", "texts", "sentence", "message", "review", "comment", "tweet", "document", "content", "sms", "v2"]
)
LABEL_HEADINGS = frozenset(["label", "labels", "class", "category", "target", "sentiment", "topic", "v1"])
INDEX_HEADINGS = frozenset(["", "unnamed: 0", "index", "id", "#", "no", "no.", "nr", "row"])
Columns = list[int]  # places of columns, from 0


class Table(NamedTuple):
    """A person's table, and what of it was taken for what."""

    data: Labelled
    notes: tuple[str, ...]  # sentences: which row and columns were no texts and labels


def labelled_csv(text: str) -> Labelled:
    """The texts and labels of `read_table`."""
    return read_table(text).data


def read_table(text: str) -> Table:
    """Read rows of text and label, or label and text, as a spreadsheet would.

    Commas, semicolons, tabs or vertical bars separate the columns. Empty columns and one that numbers the
    rows are left out; of more than two, those named "text" and "label" (or alike) are taken. A first row of
    headings is left out. ValueError says what is wrong, and in which row.
    """
    text = without_surrogates(text).removeprefix("\ufeff")
    if not text.strip():
        raise ValueError("there is nothing to read: give rows of a text and its label")
    problems: list[ValueError] = []
    for reading in readings(text):
        try:
            return best_table(reading)
        except ValueError as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
    raise ValueError(
        "row 1 has one column, and a row needs two, the text and its label: "
        "put a comma, a semicolon or a tab between them"
    )


def best_table(reading: Reading) -> Table:
    """The table of a reading, or of its plain one if rows would be lost between two quotation marks.

    Files with tabs often quote nothing. ValueError names the row of such a mark in any other file.
    """
    plain = None
    if reading.plain:
        with suppress(ValueError):
            plain = learnable(reading.plain)
    if plain is None:
        return learnable(reading)
    with suppress(ValueError):
        table = learnable(reading)
        if table.data.classes != plain.data.classes:  # parts of texts as classes: the marks are meant
            return table
    if reading.delimiter == "\t":
        return plain
    raise ValueError(unclosed(reading.plain))


def learnable(reading: Reading) -> Table:
    """The table of one reading. ValueError for one that cannot be learned from."""
    if reading.problem:
        raise ValueError(reading.problem)
    count = len(reading.rows)
    if count > MOST_ROWS:
        raise ValueError(f"there are {count:,} rows, and {MOST_ROWS:,} is the most: leave some out")
    rows = even_rows(reading)
    columns, notes = used_columns(rows)
    text, label, headed = text_and_label(rows, columns)
    if headed:
        names = ", ".join(rows[0].cells[column].strip() or "no name" for column in sorted((text, label)))
        notes.append(f"The first row ({names}) is read as headings.")
    if len(columns) > 2:
        notes.append(f"{len(columns) - 2} more column{'s' * (len(columns) > 3)} left out.")
    pairs = [(number, cells[text], cells[label]) for number, cells in rows[headed:]]
    for pair in pairs:
        check_row(*pair)
    return Table(labelled([text for _, text, _ in pairs], [label for _, _, label in pairs]), tuple(notes))


def even_rows(reading: Reading) -> list[Row]:
    """All rows at one width: narrow ones get empty cells, as in a spreadsheet. ValueError for a wider one.

    Headings may be wider: columns that have nothing but a heading.
    """
    width = reading.width
    headings = {cell.strip().lower() for cell in reading.rows[0].cells}
    if headings & (TEXT_HEADINGS | LABEL_HEADINGS):
        width = max(width, len(reading.rows[0].cells))
    for number, cells in reading.rows:
        if len(cells) == 1:
            raise ValueError(
                f"row {number} has one column, and a row needs two, the text and its label: "
                "put a comma, a semicolon or a tab between them"
            )
        if len(cells) > width:
            raise ValueError(
                f"row {number} has {len(cells)} columns, and the others have {width}: "
                'put the text between quotation marks ("), or leave the other columns out'
            )
    return [Row(number, cells + ("",) * (width - len(cells))) for number, cells in reading.rows]


def used_columns(rows: Sequence[Row]) -> tuple[Columns, list[str]]:
    """The columns that hold something, and a sentence about each that does not or only numbers the rows."""
    width = len(rows[0].cells)
    filled = [column for column in range(width) if any(cells[column].strip() for _, cells in rows[1:])]
    notes = [f"Column {column + 1} is empty and left out." for column in range(width) if column not in filled]
    used = list(filled)
    for column in filled:
        if len(used) > 2 and counts_rows(rows, column):
            used.remove(column)
            notes.append(f"Column {column + 1} numbers the rows and is left out.")
    return used or list(range(width)), notes


def counts_rows(rows: Sequence[Row], column: int) -> bool:
    """Whether a column numbers the rows: 0, 1, 2, ..., or different numbers under a heading such as "id"."""
    heading, *cells = (cells[column].strip() for _, cells in rows)
    if not all(cell.isascii() and cell.isdigit() and len(cell) < 19 for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    in_order = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return in_order or (heading.lower() in INDEX_HEADINGS and len(set(numbers)) == len(numbers))


def text_and_label(rows: Sequence[Row], columns: Columns) -> tuple[int, int, bool]:
    """The column of the texts, that of the labels, and whether the first row is a row of headings.

    ValueError for more columns than two without names that tell which are meant.
    """
    texts = [column for column in columns if is_named(rows, column, TEXT_HEADINGS)]
    labels = [column for column in columns if is_named(rows, column, LABEL_HEADINGS)]
    if len(texts) == len(labels) == 1:
        return texts[0], labels[0], True
    if len(columns) < 2:
        raise ValueError("only one column holds something, and two are needed: the text and its label")
    if len(columns) > 2:
        raise ValueError(
            f"the table has {len(columns)} columns (row {rows[0].number}: {shown(rows[0], columns)}), and "
            "two are needed: name two of them text and label in the first row, or leave the others out"
        )
    label = label_column(rows, columns)
    if len(texts) + len(labels) == 1:
        label = labels[0] if labels else next(column for column in columns if column not in texts)
    text = next(column for column in columns if column != label)
    headed = bool(texts or labels) or starts_with_headings(rows, text, label)
    return text, label, headed or numbered_below(rows, columns)


def is_named(rows: Sequence[Row], column: int, names: frozenset[str]) -> bool:
    """Whether the first row gives a column one of these names, and no other row has it there."""
    first, *others = (cells[column].strip().lower() for _, cells in rows)
    return first in names and first not in others


def label_column(rows: Sequence[Row], columns: Columns) -> int:
    """The column with fewer different values; of two with as many, the second."""
    first, second = (len({cells[column].strip() for _, cells in rows}) for column in columns)
    return columns[0] if first < second else columns[1]


def numbered_below(rows: Sequence[Row], columns: Columns) -> bool:
    """Whether a column that numbers the rows begins below the first row, which then has headings."""
    others = [column for column in range(len(rows[0].cells)) if column not in columns]
    below = [column for column in others if any(cells[column].strip() for _, cells in rows[1:])]
    return any(not rows[0].cells[column].strip().isdigit() for column in below)


def starts_with_headings(rows: Sequence[Row], text: int, label: int) -> bool:
    """Whether the first row names the columns: two short names, of which the label stands in no other row.

    ValueError where one cannot tell: its label is a class, but its text is the only one of a single word.
    """
    first, *others = (cells[label].strip() for _, cells in rows)
    name = rows[0].cells[text].strip()
    if first not in others:
        return len(set(others)) < len(others) and len(name) <= LONGEST_HEADING and len(name.split()) <= 4
    words = [len(cells[text].split()) for _, cells in rows]
    if words.count(1) == 1 == words[0] and len(name) <= LONGEST_HEADING:
        raise ValueError(
            f"row {rows[0].number} ({shown(rows[0], sorted((text, label)))}) can be headings or a text with "
            "its label: write a first row with the headings text and label"
        )
    return False


def shown(row: Row, columns: Columns) -> str:
    """Some cells of a row, for a sentence."""
    cells = [row.cells[column].strip() for column in columns]
    return ", ".join(cell if len(cell) <= 20 else f"{cell[:20]}…" for cell in cells)


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
