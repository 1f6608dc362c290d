"""The code lens shows code as it is, lights what matters, and counts shapes right."""

import inspect
from textwrap import dedent

import pytest

from core.attention import MultiHeadAttention, causal_scores
from core.sampling import next_token_probs
from views.code_lens import lines_of, lit, name_of, numbers_of, shapes_in
from views.components.source import coloured

LETTERS = {"B": 1, "T": 21, "Tq": 21, "Tk": 21, "C": 192, "H": 6, "D": 32, "L": 6, "V": 2048}


@pytest.mark.parametrize("function", [causal_scores, MultiHeadAttention.explicit, next_token_probs, coloured])
def test_the_lines_are_the_source(function):
    shown = ["".join(text for _, text in line.spans) for line in lines_of(function, LETTERS)]
    assert shown == dedent(inspect.getsource(function)).splitlines()


def test_what_matters_is_lit_and_nothing_else():
    lines = lines_of(causal_scores, LETTERS)
    texts = ["".join(text for _, text in line.spans) for line in lines if line.lit]
    assert len(texts) == 3
    assert "queries @ keys" in texts[0]


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("x = f(y)  # (B, H, Tq, Tk): all of them", "(1, 6, 21, 21)"),
        ("def forward(  # (B, T, C) -> (B, T, C)", "(1, 21, 192) → (1, 21, 192)"),
        ("y  # (T, 4C)", "(21, 768)"),
        ("y  # (T, D / 2)", "(21, 16)"),
        ("y  # (B, T + 1) tokens", "(1, 22)"),
        ("y  # (V,)", "(2048,)"),
        ("y = (T, C)", ""),
        ("y  # as in the book (3.5)", ""),
        ("y  # (N, context_length)", ""),
        ("y  # plain words (as here)", ""),
        ("y  # empty ()", ""),
    ],
)
def test_a_shape_comment_becomes_numbers(line: str, shape: str):
    assert shapes_in(line, LETTERS) == shape


def test_a_letter_without_a_number_is_no_shape():
    assert numbers_of("T, Q", LETTERS) == ""


def test_colours_know_names_words_and_comments():
    (line,) = coloured("def f(x): return len(x)  # why")
    assert [part for part in line if part[0]] == [
        ("keyword", "def"),
        ("name", "f"),
        ("keyword", "return"),
        ("builtin", "len"),
        ("comment", "# why"),
    ]


def test_every_mark_is_found_in_its_function():
    for name, marks in lit().items():
        module, *path = name.split(".")
        for depth in range(len(path), 0, -1):  # core.attention | MultiHeadAttention.explicit
            try:
                thing = __import__(".".join([module, *path[:depth]]), fromlist=["x"])
            except ModuleNotFoundError:
                continue
            for part in path[depth:]:
                thing = getattr(thing, part)
            break
        assert name_of(thing) == name
        assert all(mark in inspect.getsource(thing) for mark in marks), name
