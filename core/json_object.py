"""A JSON object from a file that others wrote."""

import json


def read_json(text: str | bytes, what: str) -> dict:
    """A JSON object as a dict. ValueError, with `what` it is, if it is damaged or none."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what} is damaged: {error}") from error
    if not isinstance(facts, dict):
        raise ValueError(f"{what} is damaged: it is no JSON object")
    return facts
