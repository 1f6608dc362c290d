"""Vocabularies while they are learned, once for everybody."""

from core.bpe import Race, merge_races
from core.library import read_text
from views.cache.shared import shared

RIVALS = 6  # pairs of which a count is kept


@shared(max_entries=8, spinner="Counting pairs …")
def races_of(corpus: str, count: int) -> list[Race]:
    """The most frequent pairs of a library text before each of its first merges, and after the last."""
    return list(merge_races(read_text(corpus), count, RIVALS))
