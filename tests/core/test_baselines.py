import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.baselines import bigram_loss, longest_copy

LETTERS = st.text("ab ", max_size=30)


def naive_copy(written: str, text: str) -> int:
    spans = [(i, j) for i in range(len(written)) for j in range(i + 1, len(written) + 1)]
    return max((j - i for i, j in spans if written[i:j] in text), default=0)


@given(LETTERS, LETTERS)
def test_the_longest_copy_is_the_longest(written: str, text: str):
    copied = longest_copy(written, text)
    assert copied in written
    assert copied in text
    assert len(copied) == naive_copy(written, text)


def test_pairs_that_always_follow_cost_almost_nothing():
    ids = torch.tensor([0, 1, 2] * 400)
    assert bigram_loss(ids, ids, 3) < 0.02


def test_pairs_without_order_cost_as_much_as_single_tokens():
    ids = torch.randint(4, (20_000,), generator=torch.Generator().manual_seed(1))
    assert bigram_loss(ids[:15_000], ids[15_000:], 4) == pytest.approx(math.log(4), abs=0.01)


def test_it_is_the_mean_of_the_counted_shares():
    train, asked = torch.tensor([0, 1, 0, 1, 0, 0]), torch.tensor([0, 1, 1])
    alone = [(4 + 1) / (6 + 2), (2 + 1) / (6 + 2)]
    after_0, after_1 = (2 + 5 * alone[1]) / (3 + 5), (0 + 5 * alone[1]) / (2 + 5)
    assert bigram_loss(train, asked, 2) == pytest.approx(
        -(math.log(after_0) + math.log(after_1)) / 2, abs=1e-6
    )


def test_a_token_never_seen_costs_a_finite_number():
    assert math.isfinite(bigram_loss(torch.tensor([0, 1, 0]), torch.tensor([4, 4, 3]), 5))


def test_a_text_of_one_token_is_refused():
    with pytest.raises(ValueError, match="token"):
        bigram_loss(torch.tensor([0]), torch.tensor([0, 1]), 2)
