"""What a run learns: all in which pretraining and the two kinds of fine-tuning differ is behind one name."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor, nn

from core.config import GPTConfig
from core.data import random_batches, sliding_windows
from core.gpt import GPTModel, build_model
from core.sampling import generate
from core.tokenizer import Tokenizer
from core.training import Batch, evaluate
from core.weights import from_book_state
from runs.recipe import Recipe

EVAL_WINDOWS = 16  # windows of each part of the text that an evaluation reads
SAMPLE_TOKENS = 120
PROMPT_CHARACTERS = 16
Network = TypeVar("Network", bound=nn.Module)


class Measured(NamedTuple):
    """How good a model is."""

    train_loss: float  # nats, on what it learns from
    val_loss: float  # nats, on what it never sees in training
    sample: str  # something that it makes
    scores: Mapping[str, float] = {}  # more, by name; a fine-tuning has some


class Corpus(NamedTuple):
    """A text as ids, of which the last part is never learned from."""

    train_ids: Tensor  # (N,) of long
    validation_ids: Tensor  # (M,) of long


class Task(Protocol):
    """What a run learns."""

    @property
    def choices(self) -> int:
        """What is guessed among: a model that knows nothing has a loss of ln(choices)."""

    @property
    def length(self) -> int:
        """Tokens of the longest row that it learns from."""

    def begin(self) -> nn.Module:
        """The network before the first step."""

    def restore(self, state: dict[str, Tensor]) -> nn.Module:
        """The network of a checkpoint, from the state dict that it had."""

    def batches(self, generator: torch.Generator, first_step: int) -> Iterator[Batch]:
        """What step first_step, first_step + 1, ... learns from; the generator is the run's own."""

    def measure(self, network: nn.Module, *, last: bool) -> Measured:
        """How good it is now; the training's own randomness is left alone."""

    def body(self, network: nn.Module) -> GPTModel:
        """The GPT in it, for the views: an ordinary one, that foretells tokens."""

    def beside(self, network: nn.Module) -> dict[str, Tensor]:
        """What else belongs to a checkpoint, by name."""


@dataclass(frozen=True)
class Pretraining:
    """Foretell the next token of a text (book 5)."""

    recipe: Recipe
    config: GPTConfig  # with the vocabulary that the tokenizer really has
    tokenizer: Tokenizer
    corpus: Corpus

    @property
    def choices(self) -> int:
        """Guessing chooses among all tokens."""
        return self.config.vocab_size

    @property
    def length(self) -> int:
        """A row is a window of text."""
        return self.config.context_length

    def begin(self) -> GPTModel:
        return build_model(self.config, self.recipe.seed)

    def restore(self, state: dict[str, Tensor]) -> GPTModel:
        return from_book_state(self.config, state)

    def batches(self, generator: torch.Generator, first_step: int) -> Iterator[Batch]:
        return random_batches(self.corpus.train_ids, self.length, self.recipe.batch_size, generator)

    def measure(self, network: GPTModel, *, last: bool) -> Measured:
        losses = [evaluate(network, fixed_windows(ids, self.length)) for ids in self.corpus]
        sample = self.sample(network) if math.isfinite(sum(losses)) else ""
        return Measured(*losses, sample)

    def sample(self, model: GPTModel) -> str:
        """The prompt and what the model makes of it, always with the same random numbers."""
        prompt = first_words(self.recipe.corpus_text, self.tokenizer)
        generator = torch.Generator().manual_seed(self.recipe.seed)
        model.eval()
        new = generate(model, prompt, SAMPLE_TOKENS, temperature=0.8, top_k=40, generator=generator)
        return self.tokenizer.decode([*prompt, *new])

    def body(self, network: GPTModel) -> GPTModel:
        return network

    def beside(self, network: GPTModel) -> dict[str, Tensor]:
        return {}


def fixed_windows(ids: Tensor, context_length: int, windows: int = EVAL_WINDOWS) -> list[Batch]:
    """Up to `windows` windows, evenly spread over the ids: one batch, the same at every evaluation."""
    stride = max(1, (len(ids) - context_length) // windows)
    inputs, targets = sliding_windows(ids, context_length, stride)
    return [(inputs[:windows], targets[:windows])]


def first_words(text: str, tokenizer: Tokenizer) -> list[int]:
    """The first words of a text, which every sample goes on from."""
    start = text.lstrip()[:PROMPT_CHARACTERS]
    return tokenizer.encode(start.rpartition(" ")[0] or start)


def unshared(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights by name, each once: tied ones share their memory, and the first name stands for them."""
    once: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in state.items():
        once.setdefault(tensor.data_ptr(), (name, tensor.detach()))
    return dict(once.values())


def load_all(network: Network, state: Mapping[str, Tensor]) -> Network:
    """A network with all weights of a checkpoint. ValueError if they are not just those that it has."""
    if unshared(network.state_dict()).keys() != state.keys():
        raise ValueError("this checkpoint belongs to another network")
    network.load_state_dict(state, strict=False)  # what shares its memory comes with its first name
    return network


def old_loss(model: GPTModel, corpus: Corpus) -> float:
    """What the held-out end of the text that a model once learned costs it now, in nats a token."""
    return evaluate(model, fixed_windows(corpus.validation_ids, model.config.context_length))
