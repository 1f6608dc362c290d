"""A run that learns to sort texts, looked into at its checkpoints: once for everybody who watches it."""

from dataclasses import dataclass

import numpy as np
import torch

from core.class_data import read_class_data
from core.class_map import Axes, answer_vectors, class_map, map_axes
from core.classify import Classifier
from core.labelled import Labelled, Padded
from core.labelled_csv import Table, read_table
from core.occlusion import occlusion
from core.padding import probs_by_length
from core.tokenizer import Tokenizer
from core.weight_changes import weight_changes
from runs.classifying import ClassParts, Part, parts_of
from runs.settings import settings
from runs.tuning import Classify
from views.cache.guard import Kept, model_bytes
from views.cache.models import source
from views.cache.runs import store
from views.cache.shared import shared
from views.classification.reading import encode, ids_of
from views.look import Look
from views.turns import long_work

MOST_TEXTS = 100  # of a part that are looked at at once
CLASSIFIERS = Kept[Classifier](lambda: settings().model_bytes // 4, model_bytes)


@dataclass(frozen=True)
class Tuned:
    """One checkpoint of such a run: what everything here is computed from."""

    run_id: str
    step: int
    life: int = 0


@dataclass(frozen=True)
class Sorted:
    """What a checkpoint made of some texts."""

    texts: tuple[str, ...]
    labels: np.ndarray  # (N,) the right class
    probs: np.ndarray  # (N, K)

    @property
    def predicted(self) -> np.ndarray:
        """The class that each text was put into: (N,)."""
        return self.probs.argmax(axis=1)


def classifier(tuned: Tuned) -> Classifier:
    """The whole network of a checkpoint, read-only. NotThereError before there is one."""

    def load() -> Classifier:
        with long_work():
            return store().classifier(tuned.run_id, tuned.step).eval().requires_grad_(False)

    return CLASSIFIERS.get((tuned.run_id, tuned.step, tuned.life), load)


@shared(max_entries=8, spinner="Reading the labelled texts …")
def parts(run_id: str) -> ClassParts:
    """The labelled texts of a run, as it learns them."""
    recipe = store().recipe(run_id)
    return parts_of(recipe.tuning, store().tokenizer(run_id), recipe.seed)


@shared(max_entries=4, is_long=True)
def bundled_texts(key: str) -> Labelled:
    """Labelled texts that ship."""
    return read_class_data(key)


@shared(max_entries=8, is_long=True)
def own_table(csv: str) -> Table:
    """A person's own table. ValueError, in a sentence, for one that cannot be learned from."""
    return read_table(csv)


def texts_of(learned: Classify) -> Labelled:
    """The labelled texts of a fine-tuning. ValueError for a table that cannot be learned from."""
    return bundled_texts(learned.data) if learned.csv is None else own_table(learned.csv).data


def some(part: Part) -> tuple[Padded, torch.Tensor]:
    """The first texts of a part, as many as are looked at."""
    return Padded(*(x[:MOST_TEXTS] for x in part.ids)), part.labels[:MOST_TEXTS]


@shared(max_entries=48, is_long=True)  # 0.3 MB each of GPT-2
def vectors(tuned: Tuned, part: str) -> torch.Tensor:
    """What the class layer sees of the texts of a part, "watch" or "judge": (N, C)."""
    texts, _ = some(getattr(parts(tuned.run_id), part))
    return answer_vectors(classifier(tuned), texts, MOST_TEXTS)


@shared(max_entries=256)
def sorted_texts(tuned: Tuned, part: str) -> Sorted:
    """How the texts of a part were sorted."""
    found = getattr(parts(tuned.run_id), part)
    with torch.inference_mode():
        probs = classifier(tuned).model.out_head(vectors(tuned, part)).softmax(dim=-1)
    return Sorted(found.texts[:MOST_TEXTS], some(found)[1].numpy(), probs.numpy())


@shared(max_entries=64)
def axes(last: Tuned) -> Axes:
    """The map's axes: those of a run's last checkpoint, so that they stay while others are looked at."""
    return map_axes(vectors(last, "watch"), classifier(last).model.out_head.weight)


@shared(max_entries=256)
def places(tuned: Tuned, last: Tuned) -> np.ndarray:
    """Where the texts lie on the map: (N, 2)."""
    return class_map(vectors(tuned, "watch"), axes(last)).numpy()


@shared(max_entries=256)
def moved(tuned: Tuned, first: Tuned) -> tuple[np.ndarray, dict[str, float]]:
    """How far the weights of each block, and those around the blocks, are from where they began."""
    blocks, around = weight_changes(classifier(first).model, classifier(tuned).model)
    return blocks.numpy(), around


@shared(max_entries=256)
def words_that_mattered(tuned: Tuned, text: str, length: int) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each class for a text, (K,), and what each of its words adds to it, (W, K)."""
    tokenizer = tokenizer_of(tuned)
    whole, added = occlusion(classifier(tuned), lambda texts: encode(texts, tokenizer, length), text)
    return whole.numpy(), added.numpy()


@shared(max_entries=256)
def by_length(tuned: Tuned, text: str, longest: int) -> np.ndarray:
    """The probability of each class where a text is cut or filled up to 1, 2, ... tokens: (longest, K)."""
    ids, filler = ids_of(text, tokenizer_of(tuned))
    return probs_by_length(classifier(tuned), ids, filler, longest).numpy()


def tokenizer_of(tuned: Tuned) -> Tokenizer:
    """The tokenizer of a run."""
    return source(Look(tuned.run_id, tuned.step, life=tuned.life))[1]
