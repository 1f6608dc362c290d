"""The file of the model that ships, told as one that was brought."""

from core.foreign import read_weights
from runs import storyteller
from runs.bringing import about_of
from runs.brought import About
from runs.vocabularies import Vocabulary
from views.cache.shared import shared


@shared(max_entries=1, is_long=True)
def storytellers_file() -> About:
    """Its names, its shapes, and the proof."""
    arrival = read_weights(storyteller.models_folder() / f"{storyteller.BUNDLED}.safetensors")
    vocabulary = Vocabulary("its own byte pairs", {}, arrival.config.vocab_size)
    return about_of(arrival, arrival.model(), vocabulary)
