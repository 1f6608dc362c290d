import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labelled import Labelled
from core.labelled_csv import LONGEST_TEXT, MOST_ROWS, labelled_csv

ROWS = [(f"text {row}, with a comma", "spam" if row % 3 else "ham") for row in range(36)]
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


def written(rows: list[tuple[str, ...]], delimiter: str = ",", end: str = "\r\n") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue()


def expected(rows: list[tuple[str, str]]) -> Labelled:
    classes = tuple(sorted({label for _, label in rows}))
    return Labelled(tuple(text for text, _ in rows), tuple(classes.index(c) for _, c in rows), classes)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("heading", [None, ("text", "label"), ("Satz", "Klasse")])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_text_and_label_in_any_dress(
    delimiter: str, end: str, heading: tuple[str, str] | None, mark: str
) -> None:
    rows = [heading, *ROWS] if heading else ROWS
    assert labelled_csv(mark + written(rows, delimiter, end)) == expected(ROWS)
    turned = [(label, text) for text, label in rows]
    assert labelled_csv(mark + written(turned, delimiter, end) + end) == expected(ROWS)


@given(st.lists(CELLS.filter(str.strip), min_size=20, max_size=40, unique_by=str.strip), st.integers(2, 10))
def test_every_text_comes_back_as_it_was(texts: list[str], classes: int) -> None:
    classes = min(classes, len(texts) // 10)
    rows = [(text, f"class {row % classes}") for row, text in enumerate(texts)]
    if classes > 1:
        assert labelled_csv(written(rows)) == expected(rows)


def many(count: int) -> str:
    return written([(f"text {row}", "ab"[row % 2]) for row in range(count)])


GOOD = many(30)
BAD = {
    "": "nothing to read",
    " \r\n\n": "nothing to read",
    "hello": "row 1 has one column",
    "hello\nworld": "row 1 has one column",
    "only,one": "1 row.*all have the label 'one'",
    written([(f"text {row}", "a") for row in range(30)]): "all have the label 'a'",
    written([(f"text {row}", str(row * 0.37)) for row in range(30)]): "30 classes, and at most 10",
    GOOD + "\n": None,
    GOOD + "one more,c\n": "'c' has 1 row",
    GOOD + "hello, my friend,a\n": "row 31 has 3 columns",
    GOOD + ",a\n": "row 31 has no text",
    GOOD + "text,\n": "row 31 has no label",
    "text,label\n" + GOOD + "text,\n": "row 32 has no label",
    GOOD + '"open,a\nlast,b\n': "row 31 has a quotation mark",
    GOOD + f"{'x' * (LONGEST_TEXT + 1)},a\n": "row 31 has a text of 10,001 characters",
    GOOD + f"{'x' * 200_000},a\n": "row 31 has more text than can be read",
    GOOD + f"text,{'x' * 41}\n": "row 31 has a label of 41 characters",
    many(MOST_ROWS + 1): "20,001 rows",
}


@pytest.mark.parametrize(("text", "says"), BAD.items(), ids=[str(says) for says in BAD.values()])
def test_a_fault_is_one_sentence_with_the_row(text: str, says: str | None) -> None:
    if says is None:
        assert len(labelled_csv(text).texts) == 30
        return
    with pytest.raises(ValueError, match=says) as raised:
        labelled_csv(text)
    assert "\n" not in str(raised.value)
