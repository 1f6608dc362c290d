from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, lively, random_ids
from torch.utils.flop_counter import FlopCounterMode

from core.anatomy import (
    forward_flops,
    is_valid,
    memory_of,
    nearest_valid,
    parts_of,
    stages_of,
    tables_share,
    times,
)
from core.config import CLASSROOM, GPT2_SMALL, GPT2_XL, TINY, GPTConfig
from core.gpt import GPTModel, parameter_count
from core.interventions import Edit, intervene
from core.lens import read_out
from core.trace import Trace, chain
from core.training import TrainConfig, make_optimizer, next_token_loss

KINDS = {  # the parts by the names of the weights
    "token embedding": "tok_emb",
    "position embedding": "pos_emb",
    "attention": ".att.",
    "feed-forward": ".ff.",
    "layer norms": ".norm",
    "final norm": "final_norm",
    "output layer": "out_head",
}


def counted(config: GPTConfig) -> dict[str, int]:
    return {part.name: part.count * times(part, config) for part in parts_of(config)}


@given(configs())
def test_the_parts_are_the_built_models(config: GPTConfig) -> None:
    found = dict.fromkeys(KINDS, 0)
    for name, weight in GPTModel(config).named_parameters():  # tied weights are named once
        kind = next(kind for kind, sign in KINDS.items() if sign in name)
        found[kind] += weight.numel()
    assert counted(config) == {kind: count for kind, count in found.items() if count}
    assert sum(counted(config).values()) == parameter_count(config)


def test_the_books_counts() -> None:
    assert sum(counted(GPT2_SMALL).values()) == 163_009_536
    tied = replace(GPT2_SMALL, tie_weights=True)
    assert sum(counted(tied).values()) == 124_412_160
    one = {part.name: part.count for part in parts_of(GPT2_SMALL)}
    assert one["feed-forward"] == 4_722_432
    assert one["attention"] == 2_360_064
    assert counted(GPT2_SMALL)["feed-forward"] == pytest.approx(56.7e6, rel=1e-3)
    assert memory_of(GPT2_SMALL, 1)[0].bytes / 2**20 == pytest.approx(621.83, abs=0.005)  # the book's "MB"
    assert GPT2_XL.n_layers == 48


@given(configs())
def test_heads_change_no_count(config: GPTConfig) -> None:
    alone = replace(config, n_heads=1, position="none")
    assert parts_of(alone) == parts_of(replace(config, position="none"))


def test_in_small_models_the_tables_are_most_of_it() -> None:
    assert tables_share(CLASSROOM) < tables_share(replace(CLASSROOM, vocab_size=50257)) > 0.8
    assert tables_share(GPT2_SMALL) == pytest.approx(2 * 38_597_376 / 163_009_536)
    assert tables_share(GPT2_XL) < 0.1 < tables_share(GPT2_SMALL)


@given(configs(), st.integers(1, 3), st.data())
def test_the_shapes_are_those_of_a_forward_pass(
    config: GPTConfig, batch_size: int, data: st.DataObject
) -> None:
    tokens = data.draw(st.integers(1, config.context_length))
    trace = Trace()
    ids = random_ids(config, tokens, batch_size)
    lively(config)(ids, trace)
    for stage in stages_of(config, batch_size, tokens)[1:]:
        assert stage.shape == tuple(trace[stage.name].shape), stage.name


@given(configs(), st.integers(1, 3))
def test_the_work_is_what_torch_counts(config: GPTConfig, batch_size: int) -> None:
    ids = random_ids(config, config.context_length, batch_size)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        GPTModel(config).eval()(ids, Trace())  # watched: attention in matrices that are counted
    assert forward_flops(config, *ids.shape) == counter.get_total_flops()


def test_adamw_keeps_two_means_of_each_number() -> None:
    model = lively(TINY)
    optimizer = make_optimizer(model, TrainConfig())
    ids = random_ids(TINY, 8)
    next_token_loss(model(ids), ids).backward()
    optimizer.step()
    kept = sum(x.nbytes for state in optimizer.state.values() for x in state.values() if x.ndim)
    assert kept == next(one.bytes for one in memory_of(TINY, 1) if one.name.startswith("AdamW"))


@given(configs(), st.data())
def test_the_dummy_model_with_some_real_blocks_is_the_lens_at_that_depth(
    config: GPTConfig, data: st.DataObject
) -> None:
    real = data.draw(st.integers(0, config.n_layers))
    model, whole, dummy = lively(config).requires_grad_(False), Trace(), Trace()
    ids = random_ids(config, config.context_length)
    model(ids, whole)
    off = [Edit(kind="block", layer=layer) for layer in range(real, config.n_layers)]
    logits = model(ids, chain(intervene(model, off), dummy))
    stream = whole["embedded" if real == 0 else f"blocks.{real - 1}.resid_out"]
    torch.testing.assert_close(logits, read_out(model, stream))
    for layer in range(real, config.n_layers):  # a dummy block passes its input through
        assert torch.equal(dummy[f"blocks.{layer}.resid_in"], dummy[f"blocks.{layer}.resid_out"])


@given(configs(), st.integers(1, 100), st.integers(1, 20))
def test_what_is_offered_instead_is_valid_and_nearest(config: GPTConfig, emb_dim: int, n_heads: int) -> None:
    wanted = {"emb_dim": emb_dim, "n_heads": n_heads}
    offered = {"emb_dim": nearest_valid(config, "emb_dim", wanted)}
    if config.position != "rotary" or emb_dim % 2 == 0:  # an odd width cannot be cut into pairs
        offered["n_heads"] = nearest_valid(config, "n_heads", wanted)
    for field, value in offered.items():
        replace(config, **wanted | {field: value})
        gap = abs(wanted[field] - value)
        nearer = range(wanted[field] - gap + 1, wanted[field] + gap)
        assert not any(is_valid(config, wanted | {field: other}) for other in nearer)


def test_a_width_that_nothing_can_share_is_said() -> None:
    with pytest.raises(ValueError, match="no other n_heads"):
        nearest_valid(replace(TINY, position="rotary"), "n_heads", {"emb_dim": 7, "n_heads": 2})
