"""The softmax temperature of attention: a tap, held against a computation of its own."""

import pytest
import torch
from strategies import lively

from core.attention import tempered
from core.config import TINY
from core.trace import Trace, chain, no_tap

MODEL = lively().eval()
IDS = torch.randint(50, (1, 9), generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("temperature", [0.1, 0.5, 3.0])
def test_weights_are_softmax_of_scores_over_sqrt_d_over_the_temperature(temperature: float):
    trace = Trace()
    MODEL(IDS, chain(tempered(temperature), trace))
    for layer in range(TINY.n_layers):
        name = f"blocks.{layer}.attn"
        scores = trace[f"{name}.scores"] / TINY.head_dim**0.5 / temperature
        hidden = torch.ones(9, 9).triu(1).bool()
        expected = scores.masked_fill(hidden, -torch.inf).softmax(-1)
        torch.testing.assert_close(trace[f"{name}.weights"], expected, atol=1e-6, rtol=1e-5)


def test_it_is_the_model_with_queries_divided():
    divided = lively().eval()
    with torch.no_grad():
        for block in divided.trf_blocks:
            block.att.W_query.weight /= 2.5
    torch.testing.assert_close(MODEL(IDS, tempered(2.5)), divided(IDS), atol=1e-4, rtol=1e-4)


def test_one_changes_nothing_at_all_and_keeps_the_fast_path():
    assert tempered(1.0) is no_tap


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_what_cannot_be_divided_by_is_refused(temperature: float):
    with pytest.raises(ValueError, match="above 0"):
        tempered(temperature)
