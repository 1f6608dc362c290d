"""Facts as JSON in which a number that is none, NaN or infinity, is `null`: JSON has no word for it."""

import json
import math


def to_json(facts: object) -> str:
    """Valid JSON, whatever was measured."""
    return json.dumps(with_gaps(facts), allow_nan=False)


def from_json(text: str) -> object:
    """What `to_json` wrote, with NaN in the gaps."""
    return without_gaps(json.loads(text))


def with_gaps(facts: object) -> object:
    """The facts with None for what is no number."""
    if isinstance(facts, dict):
        return {key: with_gaps(value) for key, value in facts.items()}
    if isinstance(facts, list | tuple):
        return [with_gaps(value) for value in facts]
    return None if isinstance(facts, float) and not math.isfinite(facts) else facts


def without_gaps(facts: object) -> object:
    """The facts with NaN for None."""
    if isinstance(facts, dict):
        return {key: without_gaps(value) for key, value in facts.items()}
    if isinstance(facts, list):
        return [without_gaps(value) for value in facts]
    return math.nan if facts is None else facts
