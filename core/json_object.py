"""A JSON object from a file that others wrote."""

import json
from pathlib import Path

LARGEST = 16 * 2**20  # bytes of a file; the index of a model with a hundred thousand tensors


def read_json(text: str | bytes, what: str) -> dict:
    """A JSON object as a dict. ValueError, with `what` it is, if it is damaged or none."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what} is damaged: {error}") from error
    if not isinstance(facts, dict):
        raise ValueError(f"{what} is damaged: it is no JSON object")
    return facts


def read_json_file(path: Path, what: str) -> dict:
    """A JSON object that lies in a file. ValueError for one that is too large, before it is read."""
    size = path.stat().st_size
    if size > LARGEST:
        raise ValueError(f"{what} has {size:,} bytes, and {LARGEST:,} is the most that is read")
    return read_json(path.read_bytes(), what)
