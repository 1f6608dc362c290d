"""The vectors that a classifier reads its answers from, flattened to a map on which classes come apart."""

from typing import NamedTuple

import torch
from torch import Tensor

from core.classify import Classifier, read_vector
from core.embeddings import principal_directions
from core.labelled import Padded
from core.losses import at_rest


class Axes(NamedTuple):
    """Where a map has its middle, and its two directions at right angles."""

    origin: Tensor  # (C,)
    directions: Tensor  # (C, 2)


def answer_vectors(classifier: Classifier, texts: Padded, batch_size: int = 32) -> Tensor:
    """What the class layer gets to see of each text: (N, T) -> (N, C)."""
    texts = texts.to(classifier.model.device)
    pieces = zip(texts.ids.split(batch_size), texts.lengths.split(batch_size), strict=True)
    with at_rest(classifier):
        found = [
            read_vector(classifier.model.final_vectors(ids), lengths, classifier.read)
            for ids, lengths in pieces
        ]
    return torch.cat(found).clone()  # out of inference mode, so that it can be computed with


def map_axes(vectors: Tensor, class_rows: Tensor) -> Axes:
    """The axes of a map: along which the class layer tells classes apart, then where vectors differ most.

    vectors (N, C), class_rows (K, C) are the class layer's weights. Two classes have one direction between
    them: it is the first axis, class 0 on the left; the second is the one at right angles to it in which the
    vectors differ most. Of more classes the two directions are taken in which their rows differ most.
    """
    between = class_rows - class_rows.mean(dim=0)  # (K, C)
    _, sizes, found = torch.linalg.svd(between, full_matrices=False)
    kept = found[:2][sizes[:2] > 1e-6 * sizes[0].clamp(min=1e-30)]  # (1 or 2, C); none if all rows are equal
    sign = torch.sign(kept @ between[-1])
    first = kept.T * torch.where(sign == 0, 1.0, sign)  # the last class on the right, or above
    beside = vectors - vectors @ first @ first.T
    rest = principal_directions(beside, 2 - first.shape[1])
    right, lengths = torch.linalg.qr(torch.cat([first, rest], dim=1))  # exact, however alike the vectors are
    right = right * torch.where(lengths.diagonal() < 0, -1.0, 1.0)
    flat = 2 - right.shape[1]  # a model of width 1 has a map of one direction
    return Axes(vectors.mean(dim=0), torch.nn.functional.pad(right, (0, flat)))


def class_map(vectors: Tensor, axes: Axes) -> Tensor:
    """The place of each vector on a map: (N, C) -> (N, 2)."""
    return (vectors - axes.origin) @ axes.directions
