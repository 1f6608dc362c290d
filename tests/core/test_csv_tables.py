"""Tables as people save them: read as a spreadsheet reads them, or refused with the row and the reason."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labelled_csv import labelled_csv, read_table
from tests.core.test_labelled_csv import ROWS, expected, written

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12)
DIALECTS = {
    "excel": {},
    "tabs": {"dialect": "excel-tab"},
    "unix": {"dialect": "unix"},
    "semicolons": {"delimiter": ";"},
    "bars": {"delimiter": "|", "quoting": csv.QUOTE_NONNUMERIC},
}
INDEXED = [("", "text", "label"), *((str(n), *row) for n, row in enumerate(ROWS))]
SHUFFLED = [("Unnamed: 0", "text", "label"), *((str(n * 7 % 36), *row) for n, row in enumerate(ROWS))]
PLAIN = [(text.replace(",", ""), label) for text, label in ROWS]
LONE = [(f'"{text}' if row in (5, 20) else text, label) for row, (text, label) in enumerate(PLAIN)]
LONE[20] = (LONE[20][0] + ' "he said"', LONE[20][1])
MULTILINE = [(f"{text}\n\r\nb", label) for text, label in ROWS]
DECIMALS = [(f"{row},5 points", f"{row % 2},5") for row in range(36)]


def lines(rows: list[tuple[str, ...]], delimiter: str = ",") -> str:
    """Without any quotation mark of csv's own."""
    return "".join(delimiter.join(cells) + "\n" for cells in rows)


def dressed(rows: list[tuple[str, ...]], **dialect: object) -> str:
    file = io.StringIO()
    csv.writer(file, **dialect).writerows(rows)
    return file.getvalue()


READ = {
    "empty columns": (written([(*row, "", "") for row in ROWS]), ROWS),
    "empty columns with headings": (
        written([("v1", "v2", "", ""), *((b, a, "", "") for a, b in ROWS)]),
        ROWS,
    ),
    "an empty column first": (written([("", *row) for row in ROWS]), ROWS),
    "an index column": (written(INDEXED), ROWS),
    "an index column without a name for the labels": (written([("", "text", "spam"), *INDEXED[1:]]), ROWS),
    "an index column without headings": (written(INDEXED[1:]), ROWS),
    "a shuffled index": (written(SHUFFLED), ROWS),
    "five columns, two named": (
        written([("date", "text", "x", "label", "by"), *(("May", a, "7", b, "me") for a, b in ROWS)]),
        ROWS,
    ),
    "a heading that names a class": (written([("text", "spam"), *ROWS]), ROWS),
    "a heading that names a class, turned": (written([("ham", "text"), *((b, a) for a, b in ROWS)]), ROWS),
    "a sep line": ("sep=;\r\n" + written([("text", "label"), *ROWS], ";"), ROWS),
    "a sep line of bars": ('\ufeff"sep=|"\n' + written(ROWS, "|"), ROWS),
    "tabs with a lone quote": (lines([*PLAIN[:5], ('"open', "ham"), *PLAIN[5:]], "\t"), None),
    "tabs with two lone quotes": (lines(LONE, "\t"), LONE),
    "tabs with a quote that swallows rows": (
        lines([*PLAIN[:3], ('"Open', "ham"), *PLAIN[3:9], ('he said "yes"', "ham"), *PLAIN[9:]], "\t"),
        [*PLAIN[:3], ('"Open', "ham"), *PLAIN[3:9], ('he said "yes"', "ham"), *PLAIN[9:]],
    ),
    "line ends of an old Mac": (written(ROWS, end="\r"), ROWS),
    "decimal commas": (lines(DECIMALS, ";"), DECIMALS),
    "ragged rows": (
        written([("text", "label", "note"), *((*row, "") for row in ROWS), ROWS[0]]),
        [*ROWS, ROWS[0]],
    ),
    "line ends in cells": (written(MULTILINE), MULTILINE),
    "labels that are names of headings": (
        written([(text, "class" if label == "ham" else "topic") for text, label in ROWS]),
        [(text, "class" if label == "ham" else "topic") for text, label in ROWS],
    ),
}
REFUSED = {
    "lost rows": (
        lines([*PLAIN[:3], ('"Open', "ham"), *PLAIN[3:9], ('he said "yes"', "ham"), *PLAIN[9:]]),
        "row 4 has a quotation mark",
    ),
    "quoted word": (lines([*PLAIN, ('"Great" film', "ham")]), "row 37 has a quotation mark"),
    "five columns": (
        written([("a", "b", "c", "d", "e"), *(("May", a, "7", b, "me") for a, b in ROWS)]),
        r"the table has 5 columns \(row 1: a, b, c, d, e\)",
    ),
    "one column": (written([(text, "") for text, _ in ROWS]), "only one column holds something"),
    "a heading or a text": (written([("phrase", "spam"), *ROWS]), r"row 1 \(phrase, spam\) can be headings"),
    "a first row with a label of its own": (
        written([("this is a whole sentence of a text", "spma"), *ROWS]),
        "the class 'spma' has 1 row",
    ),
    "too wide a row": (written([*ROWS, ("a", "b", "c")]), "row 37 has 3 columns, and the others have 2"),
    "too wide a row below a sep line": (
        "sep=,\n" + written([*ROWS, ("a", "b", "c")]),
        "row 38 has 3 columns",
    ),
    "half a row": (written([("x", *row) for row in ROWS[:-1]] + [("x", "only")]), "3 columns"),
    "half a row below headings": (
        written([("by", "text", "label"), *(("x", *row) for row in ROWS), ("x", "only")]),
        "row 38 has no label",
    ),
}


@pytest.mark.parametrize(("text", "rows"), READ.values(), ids=READ)
def test_a_table_is_read_as_a_spreadsheet_reads_it(text: str, rows: list[tuple[str, str]] | None) -> None:
    assert labelled_csv(text) == expected(rows or [*PLAIN[:5], ('"open', "ham"), *PLAIN[5:]])


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED)
def test_what_no_spreadsheet_can_tell_is_refused_with_the_row(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        labelled_csv(text)


def test_what_is_left_out_is_said() -> None:
    table = [("", "text", "mine", ""), *((str(n), *row, "") for n, row in enumerate(ROWS))]
    assert read_table(written(table)).notes == (
        "Column 1 numbers the rows and is left out.",
        "The first row (text, mine) is read as headings.",
    )
    assert read_table(written(ROWS)).notes == ()


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@given(
    texts=st.lists(CELLS, min_size=18, max_size=30),
    turned=st.booleans(),
    headed=st.booleans(),
    extra=st.integers(0, 2),
)
def test_a_table_of_any_dialect_comes_back(
    dialect: dict, texts: list[str], turned: bool, headed: bool, extra: int
) -> None:
    rows = [(f"{row} {text}", f"class {row % 2}") for row, text in enumerate(["", "", *texts])]
    table = [("text", "label"), *rows] if headed else rows
    shown = [(row[::-1] if turned else row) + ("",) * extra for row in table]
    assert labelled_csv(dressed(shown, **dialect)) == expected(rows)
