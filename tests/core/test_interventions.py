"""Every edit is the change that it says, compared with a model that was changed by hand."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near, configs, lively, random_ids

from core.config import TINY, GPTConfig
from core.gpt import GPTModel
from core.interventions import Edit, check_edit, intervene, patch_map, stream_of
from core.trace import Trace, ablate_heads, no_tap

LAYERS = st.integers(0, TINY.n_layers - 1)


def logits(model: GPTModel, ids: torch.Tensor, *edits: Edit, other: torch.Tensor | None = None):
    with torch.no_grad():
        return model(ids, intervene(model, edits, None if other is None else stream_of(model, other)))


def test_nothing_is_changed_by_no_edit() -> None:
    assert intervene(lively(), ()) is no_tap


@given(LAYERS, SEEDS)
def test_a_head_off_is_ablation(layer: int, seed: int) -> None:
    model, ids = lively(TINY, seed), random_ids(TINY, 6, 2, seed)
    for by in ("zero", "mean"):
        edit = Edit(kind="head", layer=layer, head=1, by=by)
        assert torch.equal(logits(model, ids, edit), model(ids, ablate_heads([(layer, 1)], by)))


@given(LAYERS, SEEDS)
def test_a_block_off_is_a_model_without_it(layer: int, seed: int) -> None:
    model, ids = lively(TINY, seed), random_ids(TINY, 6, 1, seed)
    off = logits(model, ids, Edit(kind="block", layer=layer))
    del model.trf_blocks[layer]
    assert_near(off, model(ids))


@given(LAYERS, SEEDS)
def test_a_sublayer_off_adds_nothing(layer: int, seed: int) -> None:
    for kind, part in (("attention", "att.out_proj"), ("mlp", "ff.layers.2")):
        model, by_hand, ids = lively(TINY, seed), lively(TINY, seed), random_ids(TINY, 6, 1, seed)
        with torch.no_grad():
            for parameter in by_hand.trf_blocks[layer].get_submodule(part).parameters():
                parameter.zero_()
        assert_near(logits(model, ids, Edit(kind=kind, layer=layer)), by_hand(ids))


@given(st.floats(-3, 3), SEEDS)
def test_a_push_is_as_long_as_it_says(strength: float, seed: int) -> None:
    model, ids = lively(TINY, seed), random_ids(TINY, 6, 1, seed)
    before, after = Trace(), Trace()
    edit = Edit(kind="push", layer=1, token=7, strength=strength, position=2)
    tap = intervene(model, [edit])
    with torch.no_grad():
        model(ids, before)
        model(ids, lambda name, x: after(name, tap(name, x)))
    moved = after["blocks.1.resid_in"] - before["blocks.1.resid_in"]
    length = before["blocks.1.resid_in"][0, 2].norm()
    assert moved[0, 2].norm().item() == pytest.approx(abs(strength) * length.item(), rel=1e-3, abs=1e-4)
    assert not moved[0, [0, 1, 3, 4, 5]].any()
    tap = intervene(model, [replace(edit, position=None)])
    with torch.no_grad():
        model(ids, lambda name, x: after(name, tap(name, x)))
    moved = after["blocks.1.resid_in"] - before["blocks.1.resid_in"]
    assert_near(moved.norm(dim=-1), abs(strength) * before["blocks.1.resid_in"].norm(dim=-1))


@given(configs(vocab_size=20, context_length=8), SEEDS)
def test_patching_everything_of_the_first_block_gives_the_other_text(config: GPTConfig, seed: int) -> None:
    model, ids, other = (
        lively(config, seed),
        random_ids(config, 5, 1, seed),
        random_ids(config, 5, 1, seed + 1),
    )
    patches = [Edit(kind="patch", layer=0, position=t) for t in range(5)]
    assert_near(logits(model, ids, *patches, other=other[0]), model(other))


@given(SEEDS)
def test_a_patch_map_is_every_patch_by_itself(seed: int) -> None:
    model, ids, other = lively(TINY, seed), random_ids(TINY, 5, 1, seed), random_ids(TINY, 5, 1, seed + 1)
    found = patch_map(model, ids[0], other[0], token=3)
    assert found.shape == (TINY.n_layers, 5)
    for layer in range(TINY.n_layers):
        for position in range(5):
            edit = Edit(kind="patch", layer=layer, position=position)
            one = logits(model, ids, edit, other=other[0])[0, -1].softmax(-1)[3]
            assert_near(found[layer, position], one)


def test_a_patch_with_the_same_text_changes_nothing() -> None:
    model, ids = lively(), random_ids(TINY, 5)
    found = patch_map(model, ids[0], ids[0], token=3)
    assert_near(found, model(ids)[0, -1].softmax(-1)[3].expand_as(found))


def test_a_patch_beyond_the_shorter_text_changes_nothing() -> None:
    model, ids = lively(), random_ids(TINY, 5)
    edit = Edit(kind="patch", layer=0, position=4)
    assert_near(logits(model, ids, edit, other=ids[0, :3]), model(ids))


def test_edits_are_made_in_their_order_and_the_model_is_left_as_it_was() -> None:
    model, ids = lively(), random_ids(TINY, 5)
    before = model(ids)
    both = logits(model, ids, Edit(kind="mlp", layer=0), Edit(kind="attention", layer=1))
    assert_near(both, logits(model, ids, Edit(kind="attention", layer=1), Edit(kind="mlp", layer=0)))
    assert torch.equal(model(ids), before)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (Edit(kind="noise", layer=0), "kind"),
        (Edit(kind="head", layer=0), "needs a head"),
        (Edit(kind="head", layer=0, head=99), "no head 99"),
        (Edit(kind="block", layer=-1), "no layer -1"),
        (Edit(kind="push", layer=0), "needs a token"),
        (Edit(kind="push", layer=0, token=10**6), "no token"),
        (Edit(kind="patch", layer=0), "needs a position"),
        (Edit(kind="head", layer=0, head=0, by="noise"), "by"),
    ],
)
def test_what_is_not_there_is_named(edit: Edit, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_edit(edit, TINY)


def test_a_patch_needs_another_text_of_the_same_length() -> None:
    model, ids = lively(), random_ids(TINY, 5)
    with pytest.raises(ValueError, match="another text"):
        intervene(model, [Edit(kind="patch", layer=0, position=0)])
    with pytest.raises(ValueError, match="5 and 3 tokens"):
        patch_map(model, ids[0], ids[0, :3], token=3)
