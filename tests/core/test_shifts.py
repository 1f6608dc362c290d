import pytest
import torch
from hypothesis import given
from strategies import assert_near, configs, lively, random_ids

from core.config import TINY
from core.losses import token_losses
from core.shifts import losses_by_shift


@given(configs(position="none"))
def test_the_next_token_is_what_the_loss_asks_for(config):
    if config.context_length < 4:
        return
    model, ids = lively(config), random_ids(config, 4)[0]
    found = losses_by_shift(model, ids)
    assert found.shape == (3, 2)
    if config.causal:
        assert_near(found[0], token_losses(model, ids)[1:], 1e-4)
    with torch.inference_mode():
        chances = model(ids[None])[0].log_softmax(-1)
    assert_near(found[1], -torch.stack([chances[1, ids[1]], chances[2, ids[2]]]), 1e-4)
    assert_near(found[2], -torch.stack([chances[1, ids[0]], chances[2, ids[1]]]), 1e-4)


def test_two_tokens_have_no_place_with_two_neighbours():
    with pytest.raises(ValueError, match="3 are needed"):
        losses_by_shift(lively(TINY), torch.tensor([1, 2]))
