"""A run that learns to follow instructions: the same network and loss, other rows and a mask (book 7)."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from statistics import fmean

import torch
from torch import Tensor

from core.answers import Answer, answer_items, response_surprise, score, score_by_family
from core.config import GPTConfig
from core.gpt import GPTModel, build_model
from core.instruct import Example, collate, encode_item, end_token, instruction_batches
from core.instructions import Item, make_items, split_items
from core.lora import merge_lora, with_lora
from core.tokenizer import Tokenizer
from core.training import Batch, evaluate
from runs.recipe import Recipe
from runs.task import Corpus, Measured, load_all, old_loss
from runs.tuning import Instruct

MOST_MEASURED = 24  # items that an evaluation reads and has answered
Items = tuple[list[Item], list[Item], list[Item]]
ROOM = 4  # tokens that an answer may have beyond the longest right one, before it counts as without an end


def items_of(tuning: Instruct) -> Items:
    """The items of a run: to learn from, to watch it by, to judge it by at the end."""
    return split_items(make_items(tuning.each))


@dataclass(frozen=True)
class Instructing:
    """Answer instructions, and stop."""

    recipe: Recipe
    config: GPTConfig
    tokenizer: Tokenizer
    corpus: Corpus  # what the model once learned: how much of it is forgotten?
    open_base: Callable[[], GPTModel]
    end_id: int  # the token that says: the answer ends here
    items: Items
    examples: tuple[list[Example], ...]  # the items as ids

    @property
    def choices(self) -> int:
        """Guessing chooses among all tokens."""
        return self.config.vocab_size

    @property
    def length(self) -> int:
        """Tokens of the longest row, its end token included."""
        return max(len(row.ids) for row in self.examples[0]) + 1

    @property
    def tuning(self) -> Instruct:
        """What is learned, and how."""
        return self.recipe.tuning

    def begin(self) -> GPTModel:
        return self.network(self.open_base())

    def restore(self, state: dict[str, Tensor]) -> GPTModel:
        return load_all(self.network(build_model(self.config)), state)

    def network(self, base: GPTModel) -> GPTModel:
        """A copy of the base, or the base with adapters."""
        lora = self.tuning.lora
        if lora is None:
            return deepcopy(base).requires_grad_(True)
        return with_lora(base, lora.rank, alpha=lora.alpha, layers=lora.layers, seed=self.recipe.seed)

    def batches(self, generator: torch.Generator, first_step: int) -> Iterator[Batch]:
        return instruction_batches(
            self.examples[0],
            self.end_id,
            self.recipe.batch_size,
            mask_prompt=self.tuning.mask_prompt,
            end_in_targets=self.tuning.end_in_targets,
            seed=self.recipe.seed,
            first_step=first_step,
        )

    def measure(self, network: GPTModel, *, last: bool) -> Measured:
        model = self.body(network).eval()
        learn, watch = (evaluate(model, [self.batch(part[:MOST_MEASURED])]) for part in self.examples[:2])
        items = self.items[1][:MOST_MEASURED]
        answers = self.answers(model, items)
        told = score(items, answers)
        scores = {"exact": told.exact, "stopped": told.stopped, "old_loss": old_loss(model, self.corpus)}
        if last:
            scores |= self.judged(model)
        prompt = self.tuning.template.prompt(items[0].instruction, items[0].input)
        return Measured(learn, watch, prompt + self.tuning.template.answer(answers[0].text), scores)

    def batch(self, examples: Sequence[Example]) -> Batch:
        """Some rows as one batch, with the targets that count in this run."""
        return collate(
            [example.ids for example in examples],
            self.end_id,
            prompt_lengths=[row.prompt_length for row in examples] if self.tuning.mask_prompt else None,
            end_in_targets=self.tuning.end_in_targets,
        )

    def answers(self, model: GPTModel, items: Sequence[Item]) -> list[Answer]:
        """What a model answers."""
        longest = max(len(row.ids) - row.prompt_length for part in self.examples for row in part) + ROOM
        return list(answer_items(model, items, self.tuning.template, self.tokenizer, self.end_id, longest))

    def judged(self, model: GPTModel) -> dict[str, float]:
        """How it does on new items, by family, and how unlikely it finds the right answers."""
        items = self.items[2]
        found = score_by_family(items, self.answers(model, items))
        scores = {f"exact:{family}": told.exact for family, told in found.items()}
        scores |= {f"stopped:{family}": told.stopped for family, told in found.items()}
        surprises = (response_surprise(model, example, self.end_id) for example in self.examples[2])
        return scores | {"surprise": fmean(surprises)}

    def body(self, network: GPTModel) -> GPTModel:
        return merge_lora(network) if self.tuning.lora else network

    def beside(self, network: GPTModel) -> dict[str, Tensor]:
        return {}


def instructing(
    recipe: Recipe,
    config: GPTConfig,
    tokenizer: Tokenizer,
    corpus: Corpus,
    open_base: Callable[[], GPTModel],
) -> Instructing:
    """The task of a recipe. ValueError for a tokenizer without an end token, or an item without room."""
    end_id = end_token(tokenizer)
    items, template = items_of(recipe.tuning), recipe.tuning.template
    examples = tuple(
        [encode_item(item, template, tokenizer, config.context_length) for item in part] for part in items
    )
    return Instructing(recipe, config, tokenizer, corpus, open_base, end_id, items, examples)
