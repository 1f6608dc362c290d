"""White space too long for tiktoken: a million spaces in a row are encoded part by part."""

import re
from collections.abc import Callable
from itertools import chain, pairwise

LONGEST_WHITE_SPACE = 500_000  # characters in a row; tiktoken gives up on 1,000,000


def encode_in_parts(encode: Callable[[str], list[int]], text: str) -> list[int]:
    """The ids of a text in one go, as tiktoken gives them, or part by part where tiktoken gives up.

    It gives up on a million spaces in a row: `encode_ordinary` with an error of Rust that is no Exception,
    `encode` with a ValueError. ValueError, in a sentence, for a text that no cut helps.
    """
    try:
        return encode(text)
    except BaseException as problem:
        panic = type(problem).__name__ == "PanicException"  # a class that cannot be imported
        if not (panic or str(problem).startswith("Regex error")):
            raise
    parts = cut_white_space(text)
    if len(parts) == 1:
        raise ValueError(
            f"this text of {len(text):,} characters cannot be split into tokens: give it in smaller parts"
        )
    return [token_id for part in parts for token_id in encode_in_parts(encode, part)]


def cut_white_space(text: str) -> list[str]:
    """The text, cut inside each run of white space that is too long; joined, the parts are the text again."""
    cuts = (
        range(run.start() + LONGEST_WHITE_SPACE, run.end(), LONGEST_WHITE_SPACE)
        for run in re.finditer(r"\s+", text)
    )
    return [text[start:end] for start, end in pairwise([0, *chain.from_iterable(cuts), len(text)])]
