"""The numbers of the lesson: what is sorted, how a text is read, how much of the model learns."""

import math

import torch

from core.classify import Classifier, choose_trained
from core.config import GPTConfig
from core.gpt import GPTModel
from core.labelled import balanced, split
from core.lora import LoRALinear, trainable_count, with_lora
from runs.tuning import Classify, Lora
from views import cache, state
from views.cache import classification as cached
from views.text import percent

LONGEST_IN_CELL = 5000  # characters; a longer table has to be pasted there


def trained_and_all(
    config: GPTConfig, classes: int, trained: str, lora: Lora | None = None
) -> tuple[int, int]:
    """How many numbers of a classifier learn, and how many it has; no weights are made for that."""
    with torch.device("meta"):
        classifier = choose_trained(Classifier(GPTModel(config), classes), trained)
    whole = sum(weight.numel() for weight in classifier.parameters())
    if lora:
        classifier = with_lora(classifier, lora.rank, layers=lora.layers)
        if not isinstance(classifier.model.out_head, LoRALinear):
            classifier.model.out_head.requires_grad_(True)  # new, so it learns in any case
    return trainable_count(classifier), whole


def lesson_numbers(config: GPTConfig, learned: Classify) -> dict[str, object]:
    """What the lesson's sentences are filled with; the same facts are noted for the notebook cell."""
    note(learned)
    texts = cached.texts_of(learned)
    kind = (config, len(texts.classes), learned.trained, learned.lora)
    trained, whole = cache.once(("trained", *kind), lambda: trained_and_all(*kind))
    even = balanced(texts)
    learn, watch, judge = (len(part.texts) for part in split(even))
    return {
        "rows": len(texts.texts),
        "each": len(even.texts) // len(texts.classes),
        "classes": len(texts.classes),
        "chance": percent(1 / len(texts.classes)),
        "guessing": math.log(len(texts.classes)),
        "learn": learn,
        "watch": watch,
        "judge": judge,
        "trained": trained,
        "whole": whole,
        "share": percent(trained / whole),
        "frozen": whole - trained,
        "length": learned.length,
    }


def note(learned: Classify) -> None:
    """What is shown, under names of its own: the controls may stand elsewhere while a run is looked at."""
    csv = learned.csv or ""
    facts = {
        "texts": learned.data or "",
        "table": csv if len(csv) <= LONGEST_IN_CELL else "",
        "learning": learned.trained,
        "tokens": learned.length,
        "adapters": learned.lora.rank if learned.lora else 0,
        "adapted": list(learned.lora.layers) if learned.lora else [],
    }
    for name, fact in facts.items():
        state.note(f"classification_{name}", fact)
