import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near

from core.attention import mask_future
from core.late_mask import rows_to_one, softmax_then_zeros


@given(st.integers(1, 9), SEEDS)
def test_zeros_afterwards_take_from_the_rows_what_divided_again_is_the_masked_softmax(tokens: int, seed: int):
    scores = 3 * torch.randn(2, tokens, tokens, generator=torch.Generator().manual_seed(seed))
    late, early = softmax_then_zeros(scores), mask_future(scores).softmax(dim=-1)
    assert (late.triu(1) == 0).all()
    assert_near(late[:, -1].sum(-1), torch.ones(2))  # the last token has no future
    assert (late.sum(-1)[:, :-1] < 1).all()
    assert_near(rows_to_one(late), early)


def test_even_scores_leave_the_first_row_a_share_of_one_token():
    assert_near(softmax_then_zeros(torch.zeros(4, 4)).sum(-1), torch.tensor([0.25, 0.5, 0.75, 1.0]))
