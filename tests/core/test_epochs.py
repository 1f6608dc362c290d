from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.epochs import batch_rows


@given(st.integers(1, 20), st.integers(1, 8), st.integers(0, 30), st.integers(0, 99))
def test_a_run_that_goes_on_meets_the_same_batches(n: int, size: int, first_step: int, seed: int) -> None:
    whole = list(islice(batch_rows(n, size, seed=seed), first_step + 5))
    rest = list(islice(batch_rows(n, size, seed=seed, first_step=first_step), 5))
    assert all(map(torch.equal, whole[first_step:], rest))


@given(st.integers(1, 20), st.integers(1, 8))
def test_in_one_pass_nothing_is_met_twice_and_batches_are_full(n: int, size: int) -> None:
    size = min(size, n)
    a_pass = torch.cat(list(islice(batch_rows(n, size), n // size))).tolist()
    assert len(a_pass) == len(set(a_pass)) == n - n % size
    assert set(a_pass) <= set(range(n))


def test_the_next_pass_has_another_order() -> None:
    first, second = islice(batch_rows(20, 20), 2)
    assert not torch.equal(first, second)
    assert torch.equal(first.sort().values, second.sort().values)


def test_what_cannot_be_batched_is_refused() -> None:
    for n, size in ((0, 4), (4, 0)):
        with pytest.raises(ValueError, match="at least 1"):
            next(batch_rows(n, size))
