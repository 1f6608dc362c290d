"""The roles of tokens say the same as the batches that are learned from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.instruct import IGNORED, Example, collate
from core.token_roles import ROLES, learned_count, learned_roles, role_counts, role_rows, token_roles

END = 9
EXAMPLE = st.builds(
    lambda prompt, answer: Example([*prompt, *answer], len(prompt)),
    st.lists(st.integers(0, END), min_size=1, max_size=6),  # an end token within a text is no end
    st.lists(st.integers(0, END), min_size=0, max_size=6),
)


@given(st.lists(EXAMPLE, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_rows_are_what_collate_gives(examples: list[Example], mask: bool, end: bool) -> None:
    rows = role_rows(examples, END, mask_prompt=mask, end_in_targets=end)
    try:
        inputs, targets = collate(
            [example.ids for example in examples],
            END,
            prompt_lengths=[example.prompt_length for example in examples] if mask else None,
            end_in_targets=end,
        )
    except ValueError:  # nothing to learn is left
        assert learned_count(rows) == 0
        return
    assert [row.ids[:-1] for row in rows] == inputs.tolist()
    assert [row.targets for row in rows] == targets.tolist()
    assert learned_count(rows) == int((targets != IGNORED).sum())


@given(st.lists(EXAMPLE, min_size=1, max_size=5))
def test_every_token_has_one_role_in_the_order_of_the_road(examples: list[Example]) -> None:
    rows = role_rows(examples, END)
    for example, row in zip(examples, rows, strict=True):
        assert len(row.roles) == len(row.ids) == len(row.targets) + 1
        assert row.roles == sorted(row.roles, key=ROLES.index)
        assert row.roles.count("prompt") == example.prompt_length
        assert row.roles.count("end") == 1
    assert sum(role_counts(rows).values()) == sum(len(row.targets) for row in rows)


def test_what_counts() -> None:
    assert learned_roles() == {"prompt", "answer", "end"}
    assert learned_roles(mask_prompt=True) == {"answer", "end"}
    assert learned_roles(mask_prompt=True, end_in_targets=False) == {"answer"}


def test_a_small_batch_by_hand() -> None:
    short, long = Example([1, 2, 3], 2), Example([1, 2, 3, 4, 5], 2)
    rows = role_rows([short, long], END, mask_prompt=True)
    assert rows[0].ids == [1, 2, 3, END, END, END]
    assert rows[0].roles == ["prompt", "prompt", "answer", "end", "filling", "filling"]
    assert rows[0].targets == [IGNORED, 3, END, IGNORED, IGNORED]
    assert rows[1].targets == [IGNORED, 3, 4, 5, END]
    assert role_counts(rows) == {"prompt": 2, "answer": 4, "end": 2, "filling": 2}
    assert learned_count(rows) == 6


def test_a_row_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 2 is too short"):
        token_roles(Example([1, 2], 1), 2)
