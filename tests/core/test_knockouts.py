"""Leaving out everything at once in a batch is leaving out each part by itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from strategies import SEEDS, assert_near, lively, random_ids

from core.config import TINY
from core.interventions import Edit, intervene
from core.knockouts import PARTS, chances, head_knockouts, knockout_work, part_knockouts, patch_work


@given(SEEDS)
def test_heads_in_a_batch_are_heads_by_themselves(seed: int) -> None:
    model, ids = lively(TINY, seed), random_ids(TINY, 6, 1, seed)
    for by in ("zero", "mean"):
        found = head_knockouts(model, ids[0], 3, by)
        assert found.shape == (TINY.n_layers, TINY.n_heads)
        for layer in range(TINY.n_layers):
            for head in range(TINY.n_heads):
                tap = intervene(model, [Edit(kind="head", layer=layer, head=head, by=by)])
                assert_near(found[layer, head], chances(model, ids, 3, tap)[0])


@given(SEEDS)
def test_a_part_off_is_its_edit(seed: int) -> None:
    model, ids = lively(TINY, seed), random_ids(TINY, 6, 1, seed)
    found = part_knockouts(model, ids[0], 3)
    assert set(found) == set(PARTS)
    for kind, values in found.items():
        for layer in range(TINY.n_layers):
            tap = intervene(model, [Edit(kind=kind, layer=layer)])
            assert_near(values[layer], chances(model, ids, 3, tap)[0])


def test_a_model_of_one_block_without_it_is_its_tables() -> None:
    model, ids = lively(replace(TINY, n_layers=1)), random_ids(TINY, 6)
    off = part_knockouts(model, ids[0], 3)["block"][0]
    by_hand = model.out_head(model.final_norm(model.embed(ids)))[0, -1].softmax(-1)[3]
    assert_near(off, by_hand.detach())


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(ValueError, match="by"):
        head_knockouts(lively(), random_ids(TINY, 3)[0], 0, by="noise")


def test_work_grows_with_the_text() -> None:
    model = lively()
    assert patch_work(model, 8) == 4 * patch_work(model, 4)
    assert knockout_work(model, 8) == 2 * knockout_work(model, 4)
