"""What a model writes on from any place, and how much each of its tokens surprised it."""

import numpy as np

from core.draws import generator_after
from core.sampling import generate
from core.written import surprises
from views.cache.models import model_of
from views.cache.shared import shared
from views.look import Ids, Look, Sampling, tap_of


@shared(max_entries=512)
def onward(look: Look, prompt: Ids, path: Ids, count: int, settings: Sampling) -> Ids:
    """The next `count` tokens after the prompt and a path: the dice lie as if all of it had been drawn."""
    model = model_of(look)
    found = generate(
        model,
        (*prompt, *path),
        count,
        temperature=settings.temperature,
        top_k=settings.top_k,
        top_p=settings.top_p,
        generator=generator_after(settings.seed, len(path), model.config.vocab_size),
        tap=tap_of(model, look),
    )
    return tuple(found)


@shared(max_entries=1024)
def surprises_of(look: Look, prompt: Ids, path: Ids) -> np.ndarray:
    """-ln of the probability that the model itself gave each token of a path: (T,) nats."""
    model = model_of(look)
    ahead = any(edit.by == "mean" for edit in look.edits)  # a mean over all tokens knows what comes
    found = surprises(model, (*prompt, *path), len(prompt), tap=tap_of(model, look), at_once=not ahead)
    return found.numpy()
