"""What the prompt's own next tokens cost a model: cross-entropy and perplexity."""

import math
from dataclasses import dataclass

import numpy as np

from core.pieces import Piece
from views.cache import lens as cache
from views.here import Here
from views.phrases import count_of
from views.vocabulary import piece_name

MOST_LOSSES = 128  # tokens coloured by surprise
PERCENTS = (0.0001, 0.001, 0.01, 0.1, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100)
CHANCES = {f"{percent:g}%": percent / 100 for percent in PERCENTS}  # as on the slider
BOOK_UNTRAINED, BOOK_VOCABULARY = 48_725.82, 50_257  # book 5.1.2: a perplexity, and the size of its table
BOOK = (
    f"For comparison, perplexities: the book's untrained 124M {BOOK_UNTRAINED:,.2f}; guessing evenly in its "
    f"vocabulary {BOOK_VOCABULARY:,}."
)


@dataclass(frozen=True)
class Cost:
    """What the prompt's own next tokens cost the model."""

    losses: np.ndarray  # (N,) nats
    first: int  # place of the first of these tokens
    mean: float
    guessing: float
    worse: int  # tokens that cost more than guessing

    def row(self, here: Here) -> tuple[list[Piece], list[float]]:
        """The tokens with what they cost, the first of them given."""
        return list(here.prompt.pieces[self.first - 1 :]), [math.nan, *self.losses.tolist()]

    def tokens(self, here: Here) -> list[str]:
        """The texts of the tokens that cost something."""
        return [piece_name(piece) for piece in here.prompt.pieces[self.first :]]

    def numbers(self) -> dict[str, object]:
        """What the lesson's sentences are filled with."""
        known = self.losses.size > 0
        return {
            "loss": self.mean if known else "nothing yet",
            "perplexity": math.exp(self.mean) if known else "unknown",
            "prompt_loss": self.mean if known else None,
            "prompt_perplexity": math.exp(self.mean) if known else None,
            "worse_words": worse_words(self.worse, len(self.losses)),
            "guessing": f"{self.guessing:.3f}",
            "worse": self.worse,
            "counted": len(self.losses),
            "book_untrained": f"{BOOK_UNTRAINED:,.2f}",
            "book_vocabulary": BOOK_VOCABULARY,
        }


def worse_words(worse: int, counted: int) -> str:
    """How many of the tokens cost more than guessing evenly would."""
    if not worse:
        return "No token costs more than that."
    return f"{worse} of {count_of(counted, 'token')} {'costs' if worse == 1 else 'cost'} more than that."


def cost_of(here: Here) -> Cost:
    """The surprise at each of the prompt's tokens but the first."""
    losses = cache.losses(here.look, here.prompt.ids, MOST_LOSSES)
    guessing = math.log(here.config.vocab_size)
    mean = float(losses.mean()) if losses.size else math.nan
    first = len(here.prompt.ids) - len(losses)
    return Cost(losses, first, mean, guessing, int((losses > guessing).sum()))


def cost_sentence(chosen: str) -> str:
    """Loss and perplexity of one of CHANCES."""
    loss = -math.log(CHANCES[chosen])
    return (
        f"p = **{chosen}**: loss = −ln p = **{abs(loss):.3f}** nats; perplexity = e^loss = "
        f"**{math.exp(loss):,.1f}**, as undecided as between that many equally likely tokens. Each factor of "
        f"ten costs ln 10 = {math.log(10):.3f} nats more."
    )


def prompt_sentence(cost: Cost, vocab_size: int) -> str:
    """What this prompt cost on average."""
    if not cost.losses.size:
        return "The prompt has one token: nothing follows it that the model could have foreseen."
    return (
        f"This prompt costs {cost.mean:.2f} nats a token: perplexity {math.exp(cost.mean):,.1f}. Guessing "
        f"evenly between {vocab_size:,} tokens would cost {cost.guessing:.3f}. "
        f"{worse_words(cost.worse, len(cost.losses))}"
    )
