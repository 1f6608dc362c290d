"""The coloured rows: what the browser gets, and their table, say the same as the batch."""

import json

import pytest

from core.answers import Answer
from core.instruct import IGNORED, collate, encode_item, end_token
from core.instructions import Item, make_items
from core.templates import ALPACA, PLAIN, Template
from core.tokenizer import load_tokenizer
from views import next_token
from views.components.sequence import counts_of, row_data
from views.instructions.answers import cell, most_tokens, one_line
from views.instructions.chat import ended
from views.instructions.controls import Setting
from views.instructions.rows import ends_of, rows_of, rows_sentence
from views.tables.sequences import batch

TOKENIZER = load_tokenizer("glassbox")
ITEMS = make_items(20)[:8]
SETTINGS = [
    Setting(),
    Setting(mask_prompt=False),
    Setting(end_in_targets=False),
    Setting(ALPACA, mask_prompt=False, end_in_targets=False),
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_browser_gets_the_batch(setting: Setting) -> None:
    rows = rows_of(TOKENIZER, ITEMS, setting, 128)
    examples = [encode_item(item, setting.template, TOKENIZER) for item in ITEMS]
    inputs, targets = collate(
        [one.ids for one in examples],
        end_token(TOKENIZER),
        prompt_lengths=[one.prompt_length for one in examples] if setting.mask_prompt else None,
        end_in_targets=setting.end_in_targets,
    )
    for row, read, said in zip(rows, inputs.tolist(), targets.tolist(), strict=True):
        data = json.loads(json.dumps(row_data(next_token.pieces(TOKENIZER, row.ids), row)))
        assert data["ids"][:-1] == read
        assert [mark == "1" for mark in data["learned"]] == [target != IGNORED for target in said]
        assert len(data["roles"]) == len(data["texts"]) == len(data["learned"]) + 1
    counts = counts_of(rows)
    assert sum(counted for _, _, counted in counts) == int((targets != IGNORED).sum())
    assert sum(count for _, count, _ in counts) == targets.numel()
    assert len(json.dumps([row_data(next_token.pieces(TOKENIZER, row.ids), row) for row in rows])) < 40_000


def test_the_table_has_a_line_for_each_token_that_is_read() -> None:
    rows = rows_of(TOKENIZER, ITEMS, Setting(), 128)
    table = batch([(next_token.pieces(TOKENIZER, row.ids), row) for row in rows])
    assert len(table) == sum(len(row.targets) for row in rows)
    learned = table[table["target"] != IGNORED]
    assert set(learned["role"]) <= {"prompt", "answer"}  # the last of a prompt foretells an answer
    assert (table[table["target"] == IGNORED]["says next"] == "").all()
    assert (
        "".join(learned[learned["row"] == 1]["says next"])
        .replace("·", " ")
        .strip()
        .startswith(ITEMS[0].response)
    )


def test_the_rows_that_are_shown_are_the_shortest_and_the_longest() -> None:
    rows = rows_of(TOKENIZER, ITEMS, Setting(), 128)
    shortest, longest = ends_of(rows)
    filling = [row.roles.count("filling") for row in rows]
    assert shortest.roles.count("filling") == max(filling)
    assert longest.roles.count("filling") == min(filling) == 0


def test_the_sentence_says_what_is_not_learned() -> None:
    rows = rows_of(TOKENIZER, ITEMS, Setting(), 128)
    assert "not asked to foretell the prompt" in rows_sentence(rows, Setting())
    assert "The prompt counts too" in rows_sentence(rows, Setting(mask_prompt=False))
    assert "nothing teaches the model to stop" in rows_sentence(rows, Setting(end_in_targets=False))


def test_answers_are_marked_and_stay_in_their_cell() -> None:

    item = Item("Say the opposite.", "hot", "cold", "opposite")
    assert ":green[" in cell(Answer(" cold\n", True), item)
    assert ":green[" not in cell(Answer("warm", True), item)
    assert "runs on" in cell(Answer("cold", False), item)
    assert cell(Answer("", True), None) == ":gray[nothing]"
    assert "\n" not in one_line("a\nb\x07 | c")
    assert "\\|" in one_line("a | b")


def test_how_an_answer_ended() -> None:
    assert ended(1, 8) == "stopped by itself, with the end token, after 1 token"
    assert "after 0 tokens" in ended(0, 8)
    assert ended(8, 8) == "did not stop, and was cut after 8 tokens"


@pytest.mark.parametrize("template", [PLAIN, ALPACA])
def test_every_right_answer_fits_and_its_end_is_seen(template: Template) -> None:
    for item in make_items(40):
        example = encode_item(item, template, TOKENIZER)
        assert len(example.ids) - example.prompt_length + 1 < most_tokens(TOKENIZER, [item], template)
