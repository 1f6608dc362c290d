"""From instructions to targets: the same network and loss as before, other data and a mask (book 7)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from core.epochs import batch_rows
from core.instructions import Item
from core.templates import Template
from core.tokenizer import END_OF_TEXT, Tokenizer

IGNORED = -100  # a target that no loss is computed for: `next_token_loss` leaves it out


class Example(NamedTuple):
    """An instruction with its answer as one row of token ids."""

    ids: list[int]
    prompt_length: int  # so many of them are the prompt


def end_token(tokenizer: Tokenizer) -> int:
    """The id that says: the answer ends here. ValueError for a tokenizer that has none."""
    try:
        ids = tokenizer.encode(END_OF_TEXT, special=True)
    except ValueError:  # letters that it does not know
        ids = []
    if len(ids) != 1 or tokenizer.decode(ids) != END_OF_TEXT:
        raise ValueError(
            f"the tokenizer {tokenizer.name!r} has no {END_OF_TEXT}, and a model needs it to stop: "
            "choose one of byte pairs"
        )
    return ids[0]


def encode_prompt(
    instruction: str, given: str, template: Template, tokenizer: Tokenizer, longest: int | None = None
) -> list[int]:
    """What the model reads, as ids. ValueError if it fills all `longest` places: no answer would follow."""
    ids = tokenizer.encode(template.prompt(instruction, given))
    if longest is not None and len(ids) >= longest:
        raise ValueError(
            f"the prompt that begins with {shortened(instruction)!r} has {len(ids):,} tokens, and the model "
            f"reads at most {longest:,}, its answer included: shorten it, or choose a shorter template"
        )
    return ids


def encode_item(item: Item, template: Template, tokenizer: Tokenizer, longest: int | None = None) -> Example:
    """Prompt and answer as ids. ValueError if they and the end token have more than `longest` tokens.

    Each is encoded by itself: so the prompt has the same tokens here as later, when the model must answer.
    """
    prompt = encode_prompt(item.instruction, item.input, template, tokenizer, longest)
    ids = prompt + tokenizer.encode(template.answer(item.response))
    if longest is not None and len(ids) >= longest:
        raise ValueError(
            f"the answer {shortened(item.response)!r} and its prompt have {len(ids):,} tokens and one for "
            f"the end, and the model reads at most {longest:,}: shorten one of them"
        )
    return Example(ids, len(prompt))


def shortened(text: str, most: int = 40) -> str:
    """The beginning of a text, for a sentence about it."""
    return text if len(text) <= most else f"{text[:most]}..."


def fill_up(rows: Sequence[Sequence[int]], end_id: int) -> Tensor:
    """Rows of ids as one table: an end token after each, and more of them up to one length: (B, T + 1)."""
    if not rows or not all(rows):
        raise ValueError("there is nothing to learn from: give rows of at least one token id")
    longest = max(map(len, rows)) + 1
    return torch.tensor([[*row, *[end_id] * (longest - len(row))] for row in rows])


def shift(table: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs, and as target of each token the one after it: (B, T + 1) -> two of (B, T)."""
    return table[:, :-1].clone(), table[:, 1:].clone()


def hide_filling(targets: Tensor, lengths: Sequence[int], *, end_in_targets: bool = True) -> Tensor:
    """-100 for what only fills a row up: (B, T) -> (B, T). One end token stays, or none (book 7.3).

    Without that one, the model never learns to stop. It is told from the filling by its place.
    """
    hidden = targets.clone()
    for row, length in zip(hidden, lengths, strict=True):
        row[length if end_in_targets else length - 1 :] = IGNORED
    return hidden


def hide_prompts(targets: Tensor, prompt_lengths: Sequence[int]) -> Tensor:
    """-100 for the prompt, so that only the answer is learned: (B, T) -> (B, T) (book exercise 7.2)."""
    hidden = targets.clone()
    for row, length in zip(hidden, prompt_lengths, strict=True):
        row[: max(0, length - 1)] = IGNORED  # the last token of the prompt foretells the answer's first
    return hidden


def collate(
    rows: Sequence[Sequence[int]],
    end_id: int,
    *,
    prompt_lengths: Sequence[int] | None = None,
    end_in_targets: bool = True,
    allowed_max_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Inputs and targets of one batch, the book's custom_collate_fn: two of (B, T).

    With prompt_lengths the prompts are no targets. ValueError if no target is left at all.
    """
    inputs, targets = shift(fill_up(rows, end_id))
    targets = hide_filling(targets, [len(row) for row in rows], end_in_targets=end_in_targets)
    if prompt_lengths is not None:
        targets = hide_prompts(targets, prompt_lengths)
    inputs, targets = inputs[:, :allowed_max_length], targets[:, :allowed_max_length]
    if (targets == IGNORED).all():
        raise ValueError("no target is left to learn from: allow longer rows, or keep the prompt as a target")
    return inputs, targets


def instruction_batches(
    examples: Sequence[Example],
    end_id: int,
    batch_size: int,
    *,
    mask_prompt: bool = False,
    end_in_targets: bool = True,
    seed: int = 123,
    first_step: int = 0,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches for `core.training.train`, each as long as its longest row: pairs of (B, T)."""
    for picked in batch_rows(len(examples), batch_size, seed=seed, first_step=first_step):
        batch = [examples[i] for i in picked.tolist()]
        yield collate(
            [example.ids for example in batch],
            end_id,
            prompt_lengths=[example.prompt_length for example in batch] if mask_prompt else None,
            end_in_targets=end_in_targets,
        )
