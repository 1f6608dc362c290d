"""A run that learns to sort texts: a GPT's body goes on learning under a new last layer (book 6)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from core.class_data import read_class_data
from core.classify import Classifier, choose_trained, score
from core.config import GPTConfig
from core.gpt import GPTModel, build_model
from core.instruct import end_token, shortened
from core.labelled import Labelled, Padded, balanced, labelled_batches, pad, split
from core.labelled_csv import labelled_csv
from core.lora import LoRALinear, merge_lora, with_lora
from core.tokenizer import CharTokenizer, Tokenizer
from core.training import Batch
from core.weights import from_book_state
from runs.recipe import Recipe
from runs.task import Corpus, Measured, load_all, old_loss
from runs.tuning import Classify

MOST_MEASURED = 100  # of the rows that are learned from: as many as are watched
LAYER = "class_layer."  # how a classifier's last layer is called beside a checkpoint


class Part(NamedTuple):
    """Some of the labelled texts, as text and as ids."""

    texts: tuple[str, ...]
    ids: Padded
    labels: Tensor  # (N,) of long: the number of each text's class


class ClassParts(NamedTuple):
    """The labelled texts of a run: to learn from, to watch it by, to judge it by at the end."""

    learn: Part
    watch: Part
    judge: Part
    classes: tuple[str, ...]


def parts_of(tuning: Classify, tokenizer: Tokenizer, seed: int = 123) -> ClassParts:
    """The texts as a run learns them: as many of each class, shuffled, cut or filled up to one length."""
    data = labelled_of(tuning)
    parts = [part_of(rows, tuning.length, tokenizer) for rows in split(balanced(data, seed), seed)]
    return ClassParts(*parts, data.classes)


def classes_of(tuning: Classify) -> tuple[str, ...]:
    """The names of the classes."""
    return labelled_of(tuning).classes


def labelled_of(tuning: Classify) -> Labelled:
    """The labelled texts as they come."""
    return read_class_data(tuning.data) if tuning.csv is None else labelled_csv(tuning.csv)


def part_of(rows: Labelled, length: int, tokenizer: Tokenizer) -> Part:
    """Some rows as ids."""
    ids = [known_ids(text, tokenizer) for text in rows.texts]
    return Part(rows.texts, pad(ids, pad_id(tokenizer), length), torch.tensor(rows.labels))


def known_ids(text: str, tokenizer: Tokenizer) -> list[int]:
    """A text as ids; letters that a tokenizer of letters has never seen are left out. ValueError for none."""
    if isinstance(tokenizer, CharTokenizer):
        text = "".join(letter for letter in text if letter in tokenizer.ids)
    ids = tokenizer.encode(text)
    if not ids:
        raise ValueError(
            f"the model's tokenizer knows nothing of {shortened(text)!r}: write something else, or choose "
            "a model that reads bytes"
        )
    return ids


def pad_id(tokenizer: Tokenizer) -> int:
    """What fills a text up: the end token (book 6.3), or the first token where there is none."""
    try:
        return end_token(tokenizer)
    except ValueError:
        return 0


@dataclass(frozen=True)
class Classifying:
    """Sort texts into classes."""

    recipe: Recipe
    config: GPTConfig
    tokenizer: Tokenizer
    corpus: Corpus  # what the body once learned: how much of it is forgotten?
    open_base: Callable[[], GPTModel]
    parts: ClassParts  # the labelled texts

    @property
    def choices(self) -> int:
        """Guessing chooses among the classes."""
        return len(self.parts.classes)

    @property
    def length(self) -> int:
        """Tokens of each text."""
        return self.tuning.length

    @property
    def tuning(self) -> Classify:
        """What is learned, and how."""
        return self.recipe.tuning

    def begin(self) -> Classifier:
        return self.network(self.open_base())

    def restore(self, state: dict[str, Tensor]) -> Classifier:
        return load_all(self.network(build_model(self.config)), state)

    def network(self, base: GPTModel) -> Classifier:
        """A body under a new last layer, of which the chosen part learns."""
        classifier = Classifier(base, self.choices, read=self.tuning.read, seed=self.recipe.seed)
        if not self.config.tie_weights:  # the class layer takes its place; the body's views still need it
            classifier.language_head = base.out_head
        lora = self.tuning.lora
        if lora is None:
            choose_trained(classifier, self.tuning.trained)
        else:
            classifier = with_lora(
                classifier, lora.rank, alpha=lora.alpha, layers=lora.layers, seed=self.recipe.seed
            )
            if not isinstance(classifier.model.out_head, LoRALinear):
                classifier.model.out_head.requires_grad_(True)  # new, so it has to learn in any case
        if not self.config.tie_weights:
            classifier.language_head.requires_grad_(False)
        return classifier

    def batches(self, generator: torch.Generator, first_step: int) -> Iterator[Batch]:
        learn, recipe = self.parts.learn, self.recipe
        return labelled_batches(
            learn.ids, learn.labels, recipe.batch_size, seed=recipe.seed, first_step=first_step
        )

    def measure(self, network: Classifier, *, last: bool) -> Measured:
        learn, watch, judge, classes = self.parts
        learned = score(
            network, Padded(*(x[:MOST_MEASURED] for x in learn.ids)), learn.labels[:MOST_MEASURED]
        )
        watched = score(network, watch.ids, watch.labels)
        scores = {"train_accuracy": learned.accuracy, "val_accuracy": watched.accuracy}
        scores["old_loss"] = old_loss(self.body(network), self.corpus)
        if last:
            scores["test_accuracy"] = score(network, judge.ids, judge.labels).accuracy
        chances = watched.logits[0].softmax(dim=-1)
        best = int(chances.argmax())
        sample = f"{watch.texts[0]} → {classes[best]} ({chances[best]:.0%})"
        return Measured(learned.loss, watched.loss, sample, scores)

    def body(self, network: Classifier) -> GPTModel:
        merged = merge_lora(network) if self.tuning.lora else network
        state = {k: x for k, x in merged.model.state_dict().items() if not k.startswith("out_head.")}
        if not self.config.tie_weights:
            state["out_head.weight"] = merged.language_head.weight
        return from_book_state(self.config, state)

    def beside(self, network: Classifier) -> dict[str, Tensor]:
        merged = merge_lora(network) if self.tuning.lora else network
        return {f"{LAYER}{name}": x.detach() for name, x in merged.model.out_head.state_dict().items()}


def classifying(
    recipe: Recipe,
    config: GPTConfig,
    tokenizer: Tokenizer,
    corpus: Corpus,
    open_base: Callable[[], GPTModel],
) -> Classifying:
    """The task of a recipe. ValueError for a length that the model cannot read, or texts that are no good."""
    wanted, longest = recipe.tuning.length, config.context_length
    if wanted > longest:
        raise ValueError(
            f"the texts are to have {wanted} tokens, and the model reads at most {longest}: "
            "choose a shorter length"
        )
    parts = parts_of(recipe.tuning, tokenizer, recipe.seed)
    return Classifying(recipe, config, tokenizer, corpus, open_base, parts)


def classifier_from(tuning: Classify, body: GPTModel, beside: dict[str, Tensor]) -> Classifier:
    """The network of a checkpoint, to look at: its body, and the layer that lay beside it."""
    layer = {name.removeprefix(LAYER): x for name, x in beside.items() if name.startswith(LAYER)}
    if not layer:
        raise ValueError("this model does not sort texts: it has no class layer")
    classifier = Classifier(body, len(layer["weight"]), read=tuning.read)
    classifier.model.out_head.load_state_dict(layer)
    return classifier.eval()
