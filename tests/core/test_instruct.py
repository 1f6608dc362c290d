from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.instruct import (
    IGNORED,
    Example,
    collate,
    encode_item,
    encode_prompt,
    end_token,
    fill_up,
    hide_filling,
    instruction_batches,
    shift,
)
from core.instructions import Item, make_items
from core.templates import ALPACA, PLAIN, TEMPLATES, Template
from core.tokenizer import END_OF_TEXT, char_tokenizer, load_tokenizer, word_tokenizer
from core.training import next_token_loss

END = 50256
BOOK_ROWS = [[0, 1, 2, 3, 4], [5, 6], [7, 8, 9]]
BOOK_INPUTS = [[0, 1, 2, 3, 4], [5, 6, END, END, END], [7, 8, 9, END, END]]
BOOK_TARGETS = [[1, 2, 3, 4, END], [6, END, END, END, END], [8, 9, END, END, END]]
BOOK_HIDDEN = [[1, 2, 3, 4, END], [6, END, -100, -100, -100], [8, 9, END, -100, -100]]
ROWS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=8), min_size=1, max_size=5)


def books_collate(batch: list[list[int]], most: int | None = None) -> tuple[Tensor, Tensor]:
    """What section 7.3 says, in its order: one end token, filling, shift, all but the first hidden, cut."""
    longest = max(len(row) + 1 for row in batch)
    inputs, targets = [], []
    for row in batch:
        padded = [*row, END] + [END] * (longest - len(row) - 1)
        target = torch.tensor(padded[1:])
        ends = torch.nonzero(target == END).flatten()
        target[ends[1:]] = -100
        inputs.append(torch.tensor(padded[:-1])[:most])
        targets.append(target[:most])
    return torch.stack(inputs), torch.stack(targets)


def test_the_books_three_stages() -> None:
    table = fill_up(BOOK_ROWS, END)
    inputs, targets = shift(table)
    assert table[:, :-1].tolist() == inputs.tolist() == BOOK_INPUTS
    assert targets.tolist() == BOOK_TARGETS
    assert hide_filling(targets, [5, 2, 3]).tolist() == BOOK_HIDDEN
    inputs, targets = collate(BOOK_ROWS, END)
    assert (inputs.tolist(), targets.tolist()) == (BOOK_INPUTS, BOOK_HIDDEN)
    inputs, targets = collate(BOOK_ROWS, END, allowed_max_length=3)
    assert inputs.tolist() == [row[:3] for row in BOOK_INPUTS]
    assert targets.tolist() == [row[:3] for row in BOOK_HIDDEN]


@given(ROWS, st.none() | st.integers(1, 9))
def test_collation_is_the_books(rows: list[list[int]], most: int | None) -> None:
    for ours, books in zip(
        collate(rows, END, allowed_max_length=most), books_collate(rows, most), strict=True
    ):
        assert torch.equal(ours, books)
        assert ours.dtype == torch.long


def test_the_books_cross_entropies_with_and_without_an_ignored_target() -> None:
    two = torch.tensor([[-1.0, 1.0], [-0.5, 1.5]])
    three = torch.cat([two, torch.tensor([[-0.5, 1.5]])])
    cases = ((two, [0, 1], 1.1269), (three, [0, 1, 1], 0.7936), (three, [0, 1, IGNORED], 1.1269))
    for logits, targets, loss in cases:
        assert next_token_loss(logits, torch.tensor(targets)).item() == pytest.approx(loss, abs=5e-5)


@given(ROWS, st.booleans(), st.booleans(), st.data())
def test_what_is_a_target_by_counting(rows: list, end: bool, mask: bool, data: st.DataObject) -> None:
    prompts = [data.draw(st.integers(1, len(row))) for row in rows]
    expected = [
        [[*row, END][t] for t in range(prompts[b] if mask else 1, len(row) + end)]
        for b, row in enumerate(rows)
    ]
    options = {"prompt_lengths": prompts if mask else None, "end_in_targets": end}
    if not any(expected):
        with pytest.raises(ValueError, match="no target is left"):
            collate(rows, END, **options)
        return
    _, targets = collate(rows, END, **options)
    assert [[t for t in row if t != IGNORED] for row in targets.tolist()] == expected


def test_nothing_to_collate_is_refused_in_a_sentence() -> None:
    for rows in ([], [[1], []]):
        with pytest.raises(ValueError, match="at least one token"):
            collate(rows, END)
    with pytest.raises(ValueError, match="allow longer rows"):
        collate([[1, 2, 3, 4]], END, prompt_lengths=[4], allowed_max_length=2)


def test_the_alpaca_template_is_the_books() -> None:
    start = (
        "Below is an instruction that describes a task. Write a response that appropriately completes the "
        "request.\n\n### Instruction:\nIdentify the correct spelling of the following word."
    )
    prompt = ALPACA.prompt("Identify the correct spelling of the following word.", "Ocassion")
    assert prompt == start + "\n\n### Input:\nOcassion\n\n### Response:\n"
    assert ALPACA.prompt("Identify the correct spelling of the following word.") == start + ALPACA.cue
    assert ALPACA.answer("'Occasion.'") == "'Occasion.'"


def test_braces_in_what_a_person_writes_stay_as_they_are() -> None:
    assert PLAIN.prompt("{input}", "{instruction}{") == "Task: {input}\nInput: {instruction}{\nAnswer:"


def test_a_template_that_loses_something_is_refused() -> None:
    whole = {"instruction": "{instruction}", "input": "{input}", "cue": ">", "response": "{response}"}
    Template(**whole)
    for part, text in (("instruction", "Do it."), ("input", ""), ("response", "yes"), ("cue", " \n")):
        with pytest.raises(ValueError, match=part):
            Template(**whole | {part: text})
    for nothing in ("", " \n"):
        with pytest.raises(ValueError, match="instruction is empty"):
            PLAIN.prompt(nothing, "word")


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
@pytest.mark.parametrize("name", ["gpt2", "glassbox"])
def test_prompt_and_answer_are_encoded_as_the_whole_text_would_be(template: Template, name: str) -> None:
    tokenizer = load_tokenizer(name)
    for item in make_items(5):
        prompt, answer = template.prompt(item.instruction, item.input), template.answer(item.response)
        example = encode_item(item, template, tokenizer, 128)
        assert example.ids == tokenizer.encode(prompt + answer)
        assert example.ids[: example.prompt_length] == tokenizer.encode(prompt)


def test_an_end_token_in_what_a_person_writes_is_plain_text() -> None:
    tokenizer = load_tokenizer("gpt2")
    example = encode_item(Item(END_OF_TEXT, END_OF_TEXT, END_OF_TEXT, "odd"), PLAIN, tokenizer)
    assert end_token(tokenizer) == END not in example.ids


def test_what_is_too_long_is_refused_in_a_sentence_of_readable_length() -> None:
    tokenizer, long = load_tokenizer("glassbox"), "tell me a tale " * 7000
    with pytest.raises(ValueError, match="tokens, and the model reads at most 128") as refused:
        encode_prompt(long, "", PLAIN, tokenizer, 128)
    assert len(str(refused.value)) < 300
    item = Item("Copy the words.", "a dog", "a dog", "copy")
    needed = len(encode_item(item, PLAIN, tokenizer).ids) + 1
    assert encode_item(item, PLAIN, tokenizer, needed).ids
    with pytest.raises(ValueError, match="shorten"):
        encode_item(item, PLAIN, tokenizer, needed - 1)


def test_a_tokenizer_without_an_end_is_refused_and_one_with_it_is_not() -> None:
    assert end_token(word_tokenizer("a word", unknown=True)) == 2
    for tokenizer in (char_tokenizer("abc"), char_tokenizer(END_OF_TEXT), word_tokenizer("a word")):
        with pytest.raises(ValueError, match="needs it to stop"):
            end_token(tokenizer)


def test_batches_are_collated_examples_and_go_on_where_they_were() -> None:
    examples = [Example([n] * (n + 2), 1 + n % 2) for n in range(7)]
    whole = list(islice(instruction_batches(examples, END, 3, mask_prompt=True), 6))
    again = list(islice(instruction_batches(examples, END, 3, mask_prompt=True, first_step=2), 4))
    for (inputs, targets), (same, same_targets) in zip(whole[2:], again, strict=True):
        assert torch.equal(inputs, same)
        assert torch.equal(targets, same_targets)
        rows = [examples[n] for n in inputs[:, 0].tolist()]
        expected = collate([row.ids for row in rows], END, prompt_lengths=[row.prompt_length for row in rows])
        assert torch.equal(targets, expected[1])
