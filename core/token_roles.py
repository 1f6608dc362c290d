"""What each token of a batch is: asked, answered, the end, or only there to fill a row up (book 7.3)."""

from collections.abc import Sequence
from typing import NamedTuple

from core.instruct import IGNORED, Example

PROMPT, ANSWER, END, FILLING = ROLES = ("prompt", "answer", "end", "filling")


class Row(NamedTuple):
    """One row of a batch: what the model reads, what each of its tokens is, and what it must say after it."""

    ids: list[int]  # one more than the model reads: the last is a target only
    roles: list[str]
    targets: list[int]  # of each token but the last the one after it, or -100: no loss


def token_roles(example: Example, length: int) -> list[str]:
    """What the tokens of an example are, once it is filled up to `length` of them."""
    answered = len(example.ids) - example.prompt_length
    filling = length - len(example.ids) - 1
    if filling < 0:
        raise ValueError(
            f"the example has {len(example.ids)} tokens and one for the end: a row of {length} is too short"
        )
    return [PROMPT] * example.prompt_length + [ANSWER] * answered + [END] + [FILLING] * filling


def learned_roles(*, mask_prompt: bool = False, end_in_targets: bool = True) -> frozenset[str]:
    """Which tokens count as targets: never the filling, as it would teach to say the end again and again."""
    left_out = {FILLING} | ({PROMPT} if mask_prompt else set()) | (set() if end_in_targets else {END})
    return frozenset(ROLES) - left_out


def role_rows(
    examples: Sequence[Example], end_id: int, *, mask_prompt: bool = False, end_in_targets: bool = True
) -> list[Row]:
    """The rows of one batch, token by token: the inputs and targets of `collate`, with their roles."""
    learned = learned_roles(mask_prompt=mask_prompt, end_in_targets=end_in_targets)
    length = max(len(example.ids) for example in examples) + 1
    rows = []
    for example in examples:
        ids = example.ids + [end_id] * (length - len(example.ids))
        roles = token_roles(example, length)
        following = zip(ids[1:], roles[1:], strict=True)
        rows.append(Row(ids, roles, [token if role in learned else IGNORED for token, role in following]))
    return rows


def role_counts(rows: Sequence[Row]) -> dict[str, int]:
    """How many targets of each kind there are, counted or not; the first token of a row is nobody's."""
    roles = [role for row in rows for role in row.roles[1:]]
    return {role: roles.count(role) for role in ROLES}


def learned_count(rows: Sequence[Row]) -> int:
    """How many targets a loss is computed for."""
    return sum(target != IGNORED for row in rows for target in row.targets)
