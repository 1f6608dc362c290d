"""What a model answers, and how right it is: exactly the words asked for, and an end (book 7.7, 7.8)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch

from core.gpt import GPTModel
from core.instruct import Example, encode_prompt
from core.instructions import Item
from core.losses import token_losses
from core.sampling import generate
from core.templates import Template
from core.tokenizer import Tokenizer
from core.trace import Tap, no_tap


class Answer(NamedTuple):
    """What a model wrote, without the end token."""

    text: str
    stopped: bool  # by itself, with the end token, before it ran out of tokens


class Score(NamedTuple):
    """How well some items were answered."""

    items: int
    exact: float  # share of answers that are the response word for word
    stopped: float  # share of answers that came to an end


def until_end(ids: Iterable[int], end_id: int) -> Iterator[int]:
    """The ids before the end token; nothing is asked for after it."""
    for token_id in ids:
        if token_id == end_id:
            return
        yield token_id


def answer(
    model: GPTModel,
    prompt_ids: Sequence[int],
    tokenizer: Tokenizer,
    end_id: int,
    max_new_tokens: int = 32,
    *,
    tap: Tap = no_tap,
) -> Answer:
    """Let the model go on with a prompt, always with its most probable token, until it stops."""
    ids = list(until_end(generate(model, prompt_ids, max_new_tokens, tap=tap), end_id))
    return Answer(tokenizer.decode(ids).strip(), len(ids) < max_new_tokens)


def answer_items(
    model: GPTModel,
    items: Sequence[Item],
    template: Template,
    tokenizer: Tokenizer,
    end_id: int,
    max_new_tokens: int = 32,
) -> Iterator[Answer]:
    """The answers to many items, one by one."""
    for item in items:
        prompt = encode_prompt(item.instruction, item.input, template, tokenizer, model.config.context_length)
        yield answer(model, prompt, tokenizer, end_id, max_new_tokens)


def is_exact(item: Item, answered: Answer) -> bool:
    """Whether the answer is the response, word for word; space around it does not count."""
    return answered.text.strip() == item.response.strip()


def score(items: Sequence[Item], answers: Sequence[Answer]) -> Score:
    """Exact match and stop rate over all items. ValueError if there is none."""
    if not items or len(items) != len(answers):
        raise ValueError(
            f"{len(items)} items and {len(answers)} answers: give one answer an item, at least 1"
        )
    exact = sum(map(is_exact, items, answers))
    return Score(len(items), exact / len(items), sum(a.stopped for a in answers) / len(items))


def score_by_family(items: Sequence[Item], answers: Sequence[Answer]) -> dict[str, Score]:
    """The same for each family of items, in the order in which they first come."""
    rows = list(zip(items, answers, strict=True))
    return {
        family: score(*zip(*[row for row in rows if row[0].family == family], strict=True))
        for family in dict.fromkeys(item.family for item in items)
    }


def response_surprise(model: GPTModel, example: Example, end_id: int) -> float:
    """How unlikely the model finds the right answer and its end, in nats a token: 0 is certain."""
    ids = torch.tensor([*example.ids, end_id], device=model.device)
    losses = token_losses(model, ids)  # (T,): one for each token but the first
    return losses[example.prompt_length - 1 :].mean().item()
