"""What each head of a model looks like, measured once for everybody."""

from dataclasses import replace

from core.roles import SHORTEST_CONTEXT, HeadScores
from core.roles import head_scores as measured
from views.cache.models import model_of
from views.cache.shared import shared
from views.look import Look


def head_scores(look: Look) -> HeadScores | None:
    """The roles of a model with its switches; None if its context is too short to tell them apart.

    A head that is switched off still looks somewhere, and the others keep their roles: no edits here, and the
    softmax temperature is the trained one.
    """
    return scores_unedited(replace(look, edits=(), other=(), temperature=1.0))


@shared(max_entries=64, spinner="Measuring what each head looks at …")
def scores_unedited(look: Look) -> HeadScores | None:
    """The scores of a look without edits."""
    model = model_of(look)
    return measured(model) if model.config.context_length >= SHORTEST_CONTEXT else None
