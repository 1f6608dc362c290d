"""A GPT that sorts texts: the vector of one token goes through a layer with one row per class (book 6)."""

from copy import deepcopy
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.classes import class_layer
from core.config import check_choice, check_seed
from core.gpt import GPTModel
from core.labelled import MOST_CLASSES, Padded
from core.losses import at_rest
from core.trace import Tap, no_tap
from core.training import next_token_loss

READS = ("first", "last", "last_real", "mean")
TRAINED = ("head", "last_block", "all")


class Classifier(nn.Module):
    """A copy of a GPT whose output layer scores classes, and the token that it reads the answer from."""

    def __init__(self, model: GPTModel, classes: int, *, read: str = "last", seed: int = 123) -> None:
        super().__init__()
        check_choice("read", read, READS)
        if not 2 <= classes <= MOST_CLASSES:
            raise ValueError(f"{classes} classes were asked for: it can be 2 to {MOST_CLASSES}")
        self.read = read
        self.model = with_class_layer(model, classes, seed)

    def forward(self, texts: Padded, tap: Tap = no_tap) -> Tensor:  # (B, T) -> (B, classes)
        vectors = self.model.final_vectors(texts.ids, tap)  # (B, T, C)
        answer = read_vector(vectors, texts.lengths, self.read)  # (B, C)
        return tap("logits", self.model.out_head(answer))


def with_class_layer(model: GPTModel, classes: int, seed: int = 123) -> GPTModel:
    """A copy of a model that scores classes in place of tokens; the model itself is never changed."""
    check_seed(seed)
    body = deepcopy(model)
    body.config = replace(model.config, tie_weights=False)  # a class is no token: there is no table to share
    generator = torch.Generator().manual_seed(seed)
    with model.device:  # the layer stands where the model does
        body.out_head = class_layer(model.config.emb_dim, classes, generator=generator)
    return body


def read_vector(vectors: Tensor, lengths: Tensor, read: str) -> Tensor:
    """The vector that stands for the whole text: (B, T, C), (B,) -> (B, C).

    A token knows only itself and what stands before it: the first knows nothing of the text, the last all
    of it, and where a text is padded, the padding too. "last_real" is the last token before the padding.
    """
    if read == "first":
        return vectors[:, 0]
    if read == "last":
        return vectors[:, -1]
    if read == "last_real":
        return vectors[torch.arange(len(vectors), device=vectors.device), lengths - 1]
    is_text = torch.arange(vectors.shape[1], device=vectors.device) < lengths[:, None]  # (B, T)
    return (vectors * is_text[..., None]).sum(dim=1) / lengths[:, None]


def choose_trained(classifier: Classifier, trained: str) -> Classifier:
    """Say what may learn: the class layer alone, the last block and final norm as well, or everything.

    All else keeps its weights: it gets no gradient (book 6.5). Returns the classifier that was given.
    """
    check_choice("trained", trained, TRAINED)
    model = classifier.model.requires_grad_(trained == "all")
    also = (model.trf_blocks[-1], model.final_norm) if trained == "last_block" else ()
    for part in (model.out_head, *also):
        part.requires_grad_(True)
    return classifier


class Scores(NamedTuple):
    """How well a set of texts was sorted."""

    loss: float  # nats a text; ln(classes) where the model merely guesses
    accuracy: float  # share of texts in the right class, 0 to 1
    logits: Tensor  # (N, classes); softmax makes them probabilities

    @property
    def predicted(self) -> Tensor:
        """The most probable class of each text: (N,)."""
        return self.logits.argmax(dim=-1)


def class_logits(classifier: Classifier, texts: Padded, batch_size: int = 32) -> Tensor:
    """Each text's score for each class, without learning, some texts at a time: (N, T) -> (N, classes)."""
    texts = texts.to(classifier.model.device)
    pieces = zip(texts.ids.split(batch_size), texts.lengths.split(batch_size), strict=True)
    with at_rest(classifier):
        return torch.cat([classifier(Padded(*piece)) for piece in pieces])


def score(classifier: Classifier, texts: Padded, labels: Tensor, batch_size: int = 32) -> Scores:
    """Loss and accuracy over a whole set (book 6.6)."""
    if len(texts.ids) != len(labels) or not len(labels):
        raise ValueError(
            f"{len(texts.ids)} texts and {len(labels)} labels: give one label a text, at least 1"
        )
    logits = class_logits(classifier, texts, batch_size)
    labels = labels.to(logits.device)
    right = logits.argmax(dim=-1) == labels
    return Scores(next_token_loss(logits, labels).item(), right.float().mean().item(), logits)


def confusion_matrix(labels: Tensor, predicted: Tensor, classes: int) -> Tensor:
    """How many texts of each class (row) were put into each class (column): (K, K) of long."""
    return torch.bincount(labels * classes + predicted, minlength=classes**2).view(classes, classes)
