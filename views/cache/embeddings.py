"""A model's token table as a space, found once for everybody: its map, its neighbours, its places."""

import numpy as np
import torch

from core.embeddings import nearest, principal_directions, turned_cosines, variance_shares
from views.cache.models import source
from views.cache.shared import shared
from views.look import Ids, Look

DIRECTIONS = 3  # of a map


def table_rows(look: Look, first: int, others: Ids) -> torch.Tensor:
    """The first rows of the token table, and others."""
    return source(look)[0].tok_emb.weight[[*range(first), *others]]


@shared(max_entries=24, spinner="Flattening the table …")
def basis(look: Look, first: int, others: Ids) -> torch.Tensor:
    """The three directions in which the rows of a table differ most: (C, 3)."""
    directions = principal_directions(table_rows(look, first, others), DIRECTIONS)
    missing = DIRECTIONS - directions.shape[1]  # a table that is narrower than the map
    return torch.nn.functional.pad(directions, (0, missing))


@shared(max_entries=64)
def token_map(look: Look, axes_of: Look, first: int, others: Ids) -> tuple[np.ndarray, list[float]]:
    """Rows on the axes of `axes_of`, the same model at another step perhaps: (N, 3), and variance shares.

    They lie around the middle of their own table: where that moves to is of no interest.
    """
    table, directions = table_rows(look, first, others), basis(axes_of, first, others)
    points = (table - table.mean(dim=0)) @ directions
    return points.numpy(), variance_shares(table, directions).tolist()


@shared(max_entries=256)
def neighbours(look: Look, token: int, by: str, k: int) -> list[tuple[int, float]]:
    """The k tokens whose rows are nearest to a token's row, with cosine or distance, nearest first."""
    table = source(look)[0].tok_emb.weight
    sign = -1 if by == "euclid" else 1
    found = nearest(table, table[token], k, by=by, leave_out=(token,))
    return [(row, sign * score) for row, score in found]


@shared(max_entries=24)
def turned(look: Look, most: int = 64) -> tuple[list[int], np.ndarray]:
    """At most `most` positions of a rotary model, and how alike a vector is to itself at any two of them."""
    config = source(look)[0].config
    places = list(range(0, config.context_length, -(-config.context_length // most)))
    return places, turned_cosines(torch.tensor(places), config.head_dim).numpy()
