"""Where somebody looks from, for the cards: the Storyteller and other models, and texts, without a page."""

from contextlib import contextmanager
from itertools import count

import pytest

from core.config import GPTConfig
from core.gpt import build_model
from core.tokenizer import Tokenizer
from runs import storyteller as bundled
from views import cache, catalogue
from views.cards import CARDS
from views.cards.card import Card
from views.catalogue import ModelChoice
from views.here import Here
from views.prompt import read_prompt
from views.state.linked import FIRST_PROMPT, FIRST_TOKEN

COMPARED = [card for cards in CARDS.values() for card in cards if isinstance(card, Card)]
COUNTED = count()


def storyteller(text: str = FIRST_PROMPT, key: str = catalogue.BUNDLED, **at: int) -> Here:
    """The bundled model, as its pages begin."""
    steps = bundled.steps() if key == catalogue.BUNDLED else ()
    step = steps[-1] if steps else None
    model, tokenizer = cache.model_and_tokenizer(key, step)
    return here_of(ModelChoice(key, "Storyteller", steps), step, model.config, tokenizer, text, **at)


def here_of(
    choice: ModelChoice, step: int | None, config: GPTConfig, tokenizer: Tokenizer, text: str, **at: int
) -> Here:
    prompt = read_prompt(text, tokenizer, config.context_length)
    place = {"layer": 0, "head": 0, "token": FIRST_TOKEN} | at
    token = max(0, min(place.pop("token"), len(prompt.pieces) - 1))
    return Here(choice, step, token=token, config=config, tokenizer=tokenizer, prompt=prompt, **place)


@contextmanager
def made(patch: pytest.MonkeyPatch, config: GPTConfig, tokenizer: Tokenizer, text: str = FIRST_PROMPT):
    """An untrained model of one's own, of a key that nobody else has."""
    key = f"made {next(COUNTED)}"
    patch.setattr(catalogue, "open_model", lambda store, wanted, step: opened(wanted, step))
    patch.setattr(catalogue, "is_run", lambda store, wanted: False)
    bundled_steps = {}

    def opened(wanted: str, step: int | None):
        if wanted == key:
            return build_model(config), tokenizer
        return bundled_steps.setdefault(step, (bundled.open_step(step), bundled.tokenizer()))

    yield here_of(ModelChoice(key, "made"), None, config, tokenizer, text)
