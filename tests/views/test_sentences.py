"""Sentences are true at the ends of their numbers: nothing, one, all; and speak of what is on the screen."""

import ast
import re
import tomllib

import numpy as np
import pytest

from core.anatomy import tables_share
from core.by_hand import WORDS
from core.instruct import encode_item
from core.templates import ALPACA, PLAIN
from runs import storyteller
from tests.test_imports import FILES, ROOT
from views import bring_found, cost, live
from views.attention import by_hand
from views.attention.steps import STEPS
from views.cache.instructing import items_of
from views.classification import what_moved
from views.classification.reading import reading_sentence
from views.embeddings.sums import alike
from views.instructions.controls import EACH
from views.lessons import LESSONS, lesson
from views.phrases import fill, names_in
from views.sampling.draws import rare_words
from views.sampling.expected import bars_sentence
from views.sizes import PRESETS

PLURALS = (  # that a number in a lesson may stand before
    "tokens|examples|windows|heads|layers|blocks|rows|texts|words|characters|bytes|targets|numbers|runs|draws|"
    "merges|neurons|tensors|products|steps|items|batches|branches|dimensions|classes|answers|trainings|weights|"
    "places|predictions"
)


def test_validation_beside_training_is_more_less_or_the_same():
    assert live.gap_words(0.5) == "0.50 nats more than"
    assert live.gap_words(-0.5) == "0.50 nats less than"
    assert live.gap_words(0.0) == live.gap_words(-0.04) == "about as much as"


@pytest.mark.parametrize(
    ("worse", "counted", "said"),
    [
        (0, 7, "No token costs more than that."),
        (1, 7, "1 of 7 tokens costs more than that."),
        (1, 1, "1 of 1 token costs more than that."),
        (7, 7, "7 of 7 tokens cost more than that."),
    ],
)
def test_tokens_that_cost_more_than_guessing(worse: int, counted: int, said: str):
    assert cost.worse_words(worse, counted) == said


@pytest.mark.parametrize(
    ("cosine", "said"),
    [
        (0.0, "unrelated"),
        (0.06, "unrelated"),
        (-0.06, "unrelated"),
        (0.2, "hardly similar"),
        (0.4, "somewhat similar"),
        (0.7, "similar"),
        (1.0, "nearly the same direction"),
        (-0.5, "opposed"),
    ],
)
def test_a_cosine_in_words(cosine: float, said: str):
    assert alike(cosine, 256).startswith(said)


def test_what_was_cut_had_its_share_before_the_cut():
    own = np.array([0.7, 0.2, 0.06, 0.04])
    hot = np.array([0.4, 0.3, 0.2, 0.1])
    drawn = np.array([0.57, 0.43, 0.0, 0.0])
    assert "2 of 4 tokens, which had 30% at this temperature (10% by the model itself)" in bars_sentence(
        own, drawn, hot
    )
    assert "which had 10% at this temperature." in bars_sentence(own, drawn, own)
    only = np.array([1.0, 0, 0, 0])
    assert "3 of 4 tokens, which had 30% by the model." in bars_sentence(own, only, None)
    assert "Nothing is cut: each of 4 tokens may come" in bars_sentence(own, hot, hot)
    assert "Nothing is cut: each of 1 token may come" in bars_sentence(only[:1], only[:1], only[:1])


def test_rare_tokens_are_told_only_where_there_are_some():
    assert rare_words(["a", "b"], [np.array([60, 40])], 100) == ""
    assert "came 1 time together, in 100 draws" in rare_words(["a", "others"], [np.array([99, 1])], 100)


@pytest.mark.parametrize("row", range(len(WORDS)))
def test_each_step_by_hand_speaks_of_itself(row: int):
    speaks = {"dropout": (10,), "Behind the mask": (8, 9, 10), "points most to": (0, 1, 2)}
    for place in range(len(STEPS)):
        said = fill(
            lesson("attention/by_hand").notice, by_hand.numbers(row) | by_hand.of_step(place, row)
        ).replace("\\", "")
        assert said.strip()
        for words, places in speaks.items():
            assert (words in said) == (place in places)
    itself = fill(lesson("attention/by_hand").notice, by_hand.numbers(1) | by_hand.of_step(0, 1))
    assert "**journey** points most to **journey**" in itself
    assert "not only itself" not in itself


@pytest.mark.parametrize(
    ("cut", "turned", "said"),
    [
        (0, 0, ""),
        (1, 0, "1 of the file's holds queries, keys and values side by side and is cut into three. "),
        (0, 2, "2 are kept as (in, out) and turned round. "),
    ],
)
def test_what_is_done_to_no_tensor_is_left_out(cut: int, turned: int, said: str):
    assert bring_found.moved_words(cut, turned) == said


def test_parts_that_stand_still_are_counted_right():
    blocks = np.array([[0.0, 0.1]])
    assert "1 of 3 parts stands exactly where it was" in what_moved.moved_sentence(blocks, {"a": 0.2}, 1)
    assert "every part has moved" in what_moved.moved_sentence(blocks[:, 1:], {"a": 0.2}, 2)


def test_one_token_that_is_cut_off_is_one():
    assert "the last 1 is cut off" in reading_sentence(4, 3, "last")
    assert "the last 2 are cut off" in reading_sentence(5, 3, "last")


def texts() -> list[tuple[str, str]]:
    """All lessons and phrases that have numbers in them, by their file."""
    found = [(path.name, path.read_text(encoding="utf-8")) for path in LESSONS.rglob("*.md")]
    for path in LESSONS.glob("*.toml"):
        phrases = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [(f"{path.name}: {name}", text) for name, text in phrases.items()]
    return [(name, text) for name, text in found if names_in(text.replace("{}", ""))]


@pytest.mark.parametrize(("name", "text"), texts(), ids=lambda value: value if len(value) < 60 else "text")
def test_no_lesson_writes_a_number_beside_a_plural(name: str, text: str):
    """`{n:head}` says "1 head"; `{n} heads` would say "1 heads"."""
    found = re.findall(rf"\{{[a-z_]+(?::,)?\}} (?:{PLURALS})\b", text)
    assert not [one for one in found if one not in KNOWN.get(name, ())]


KNOWN = {  # words and strings, and numbers that are never 1
    "who.md": ("{words} words",),
    "cost.md": ("{crossing} tokens",),
    "cache.md": ("{speed} tokens",),
    "divide.md": ("{reordered} tokens",),
    "attention.toml: not_measured": ("{shortest} tokens",),
    "attention.toml: too_short": ("{shortest} tokens",),
    "attention.toml: unknown": ("{count:,} words",),
    "tokenizer.toml: drawn": ("{most} bytes",),
}


@pytest.mark.parametrize("path", [one for one in FILES if one.is_relative_to(ROOT / "views")], ids=str)
def test_no_view_makes_plurals_by_hand(path):
    """One function does: `views.phrases.count_of`."""
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"""["']e?s["'] \* \(?""", source)
    assert not re.search(r"\(s\)[ .]", "".join(strings_of(source)))


def strings_of(source: str) -> list[str]:
    """The texts of a file that are no docstrings."""
    tree = ast.parse(source)
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_the_books_template_takes_more_than_three_times_as_many_tokens():
    tokenizer = storyteller.tokenizer()
    items = items_of(EACH)[0][::40]
    plain, alpaca = (
        sum(encode_item(item, template, tokenizer, 4000).prompt_length for item in items)
        for template in (PLAIN, ALPACA)
    )
    assert "in more than three times as many tokens" in lesson("instructions").tries[2].watch
    assert 3 < alpaca / plain < 4


def test_what_the_try_buttons_say_of_the_tables_of_gpt2():
    shares = {key: tables_share(PRESETS[key][1]) for key in ("tables", "xl", "small")}
    watch = lesson("anatomy").tries[2].watch
    assert f"{shares['tables']:.0%}".replace("%", " %") in watch
    assert f"{1 - shares['xl']:.0%}".replace("%", " %") in watch
    assert 0.45 < shares["small"] < 0.5  # "nearly half"
