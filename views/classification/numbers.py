"""The numbers of the lesson: what is sorted, how a text is read, how much of the model learns."""

import math
from dataclasses import asdict, dataclass

import torch

from core.classify import Classifier, choose_trained
from core.config import GPTConfig
from core.gpt import GPTModel
from core.labelled import balanced, split
from core.lora import adapter_count, trainable_count
from runs.tuning import Classify, Lora
from views import cache, state
from views.cache import classification as cached
from views.phrases import phrase
from views.text import percent

LONGEST_IN_CELL = 5000  # characters; a longer table has to be pasted there


@dataclass(frozen=True)
class Learning:
    """How many numbers are trained: those of adapters, and those of the classifier itself."""

    adapters: int
    own: int  # of `whole`
    whole: int  # all numbers of the classifier, without adapters
    rank: int = 0

    @property
    def trained(self) -> int:
        """All that are trained."""
        return self.adapters + self.own

    @property
    def sentence(self) -> str:
        """The same in words."""
        given = asdict(self) | {"trained": self.trained, "frozen": self.whole - self.own}
        if self.adapters:
            return phrase("classification", "adapters" if self.own else "adapters_alone", **given)
        if self.own == self.whole:
            return phrase("classification", "all", **given)
        return phrase("classification", "part", share=percent(self.own / self.whole), **given)


def learning(config: GPTConfig, classes: int, trained: str, lora: Lora | None = None) -> Learning:
    """How many numbers of a classifier are trained, and how many it has; no weights are made for that."""
    with torch.device("meta"):
        classifier = choose_trained(Classifier(GPTModel(config), classes), trained)
    whole = sum(weight.numel() for weight in classifier.parameters())
    if lora is None:
        return Learning(0, trainable_count(classifier), whole)
    adapters = adapter_count(config, lora.rank, layers=lora.layers, classes=classes)
    new = sum(weight.numel() for weight in classifier.model.out_head.parameters())
    return Learning(adapters, 0 if "out_head" in lora.layers else new, whole, lora.rank)


def lesson_numbers(config: GPTConfig, learned: Classify) -> dict[str, object]:
    """What the lesson's sentences are filled with; the same facts are noted for the notebook cell."""
    note(learned)
    texts = cached.texts_of(learned)
    kind = (config, len(texts.classes), learned.trained, learned.lora)
    counted = cache.once(("trained", *kind), lambda: learning(*kind))
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
        "learning": counted.sentence,
        "trained": counted.trained,  # these two for the notebook cell
        "whole": counted.whole,
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
