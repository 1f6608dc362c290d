"""What parts of a model do to one prediction, found once for everybody."""

import numpy as np
import torch

from core import knockouts
from core.interventions import patch_map
from views.cache.models import model_of
from views.cache.shared import shared
from views.look import Ids, Look


@shared(max_entries=128, spinner="Leaving out each head in turn …")
def head_knockouts(look: Look, ids: Ids, token: int, by: str) -> np.ndarray:
    """Probability of the token with each head off: (L, H)."""
    return knockouts.head_knockouts(model_of(look), torch.tensor(ids), token, by).numpy()


@shared(max_entries=128, spinner="Leaving out each part in turn …")
def part_knockouts(look: Look, ids: Ids, token: int) -> dict[str, np.ndarray]:
    """Probability of the token with attention, feed-forward or block off: (L,) each."""
    found = knockouts.part_knockouts(model_of(look), torch.tensor(ids), token)
    return {kind: values.numpy() for kind, values in found.items()}


@shared(max_entries=128, spinner="Putting in each vector in turn …")
def patch_effects(look: Look, ids: Ids, other: Ids, token: int) -> np.ndarray:
    """Probability of the token with each vector of the stream from the other text: (L, T)."""
    return patch_map(model_of(look), torch.tensor(ids), torch.tensor(other), token).numpy()
