from dataclasses import replace

import torch
from hypothesis import given
from strategies import assert_near, configs, lively, random_ids

from core.bag_of_words import logits_without_positions
from core.config import POSITIONS, TINY
from core.interventions import Edit, intervene


@given(configs(context_length=6))
def test_without_mask_and_positions_the_order_of_the_others_does_not_matter(config):
    model, ids = lively(config), random_ids(config, 5)[0].tolist()
    other = [ids[2], ids[0], ids[3], ids[1], ids[4]]  # the last one asks
    one, two = (logits_without_positions(model, tuple(some), causal=False) for some in (ids, other))
    assert_near(one, two, 1e-4)


@given(configs(context_length=6, position="none"))
def test_a_model_that_has_none_is_left_as_it_is(config):
    model, ids = lively(config), random_ids(config, 5)[0]
    with torch.inference_mode():
        expected = model(ids[None])[0, -1]
    assert_near(logits_without_positions(model, tuple(ids.tolist()), causal=True), expected, 1e-4)


def test_with_positions_or_with_the_mask_the_order_matters():
    ids, other = (1, 2, 3, 4, 5), (3, 1, 4, 2, 5)
    for position in POSITIONS[:3]:
        model = lively(replace(TINY, position=position, causal=False))
        with torch.inference_mode():
            one, two = (model(torch.tensor([some]))[0, -1] for some in (ids, other))
        assert not torch.allclose(one, two, atol=1e-3), position
        assert model.config.position == position
    masked = lively(TINY)
    one, two = (logits_without_positions(masked, some, causal=True) for some in (ids, other))
    assert not torch.allclose(one, two, atol=1e-4)


def test_edits_are_kept():
    model = lively(TINY)
    off = intervene(model, [Edit(kind="block", layer=0), Edit(kind="block", layer=1)])
    bare = logits_without_positions(model, (1, 2, 3), causal=False, tap=off)
    alone = logits_without_positions(model, (3,), causal=False, tap=off)
    assert_near(bare, alone)  # no block: nothing reaches the last token
