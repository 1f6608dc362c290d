from dataclasses import replace

import pytest
import torch
from strategies import assert_near, lively, random_ids

from core.config import NORMS, GPTConfig
from core.gpt import build_model
from core.layers import layer_norm
from core.normalisation import (
    MOST_BLOCKS,
    UnbiasedNorm,
    UntrainedStack,
    size,
    stream_by_depth,
    with_unbiased_norms,
    without_norms,
)
from core.trace import Trace

IDS = (5, 9, 900, 5, 7, 1, 0, 33)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("depth", [1, 5])
def test_the_stream_has_a_size_before_and_after_each_block(norm: str, depth: int) -> None:
    sizes = stream_by_depth(norm, IDS, UntrainedStack(depth=depth))
    assert len(sizes) == depth + 1
    assert all(value > 0 for value in sizes)
    assert sizes == stream_by_depth(norm, IDS, UntrainedStack(depth=depth))
    assert stream_by_depth(norm, (7,), UntrainedStack(depth=depth))[0] > 0


def test_all_three_begin_alike_and_end_far_apart_with_large_weights() -> None:
    stack = UntrainedStack(depth=12, gain=12.0, volume=10.0)
    pre, post, none = (stream_by_depth(norm, IDS, stack) for norm in NORMS)
    assert pre[0] == post[0] == none[0]
    assert post[1:] == pytest.approx([1.0] * 12, abs=1e-3)
    assert none[-1] > 50 * pre[-1]
    assert 1 < pre[-1] < 20


def test_with_the_usual_weights_the_three_hardly_differ() -> None:
    pre, _, none = (stream_by_depth(norm, IDS, UntrainedStack(depth=12)) for norm in NORMS)
    assert none[-1] == pytest.approx(none[0], rel=0.05)
    assert pre[-1] == pytest.approx(pre[0], rel=0.5)


def test_what_is_too_deep_or_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 24"):
        UntrainedStack(depth=MOST_BLOCKS + 1)
    for ids in ((), range(33)):
        with pytest.raises(ValueError, match="1 to 32"):
            stream_by_depth("pre", ids, UntrainedStack(depth=1))


def test_a_model_without_its_norms_is_one_that_never_had_them() -> None:
    config = GPTConfig(vocab_size=50, context_length=9, emb_dim=16, n_heads=2, n_layers=3, drop_rate=0.0)
    model = lively(config)
    bare = build_model(replace(config, norm="none"))
    bare.load_state_dict(model.state_dict(), strict=False)
    ids = random_ids(config, 7)
    with torch.inference_mode():
        assert_near(model(ids, without_norms()), bare(ids))
        assert not torch.allclose(model(ids), bare(ids))


def test_a_model_without_norms_loses_nothing() -> None:
    bare = lively(GPTConfig(vocab_size=50, context_length=9, emb_dim=16, n_heads=2, n_layers=2, norm="none"))
    ids = random_ids(bare.config, 5)
    with torch.inference_mode():
        assert_near(bare(ids, without_norms()), bare(ids))
    assert size(torch.tensor([3.0, -3.0])) == 3


def test_unbiased_norms_divide_by_one_less_and_leave_the_model_alone() -> None:
    config = GPTConfig(vocab_size=50, context_length=9, emb_dim=16, n_heads=2, n_layers=3, drop_rate=0.0)
    model = lively(config)
    ids = random_ids(config, 6)
    with torch.inference_mode():
        before = model(ids)
        trace, other = Trace(), with_unbiased_norms(model)
        after = other(ids, trace)
        x = trace["blocks.0.resid_in"]
        norm = model.trf_blocks[0].norm1
        expected = layer_norm(x, norm.scale, norm.shift, norm.eps, unbiased=True)
        assert_near(trace["blocks.0.norm1"], expected)
        assert not torch.allclose(before, after, atol=1e-4)
        assert torch.equal(model(ids), before)
    ours, theirs = (one.trf_blocks[1].att.W_query.weight for one in (model, other))
    assert ours.data_ptr() == theirs.data_ptr()  # shared, not copied


@pytest.mark.parametrize("norm", NORMS)
def test_only_a_model_with_norms_can_have_unbiased_ones(norm: str) -> None:
    model = build_model(GPTConfig(vocab_size=50, context_length=9, emb_dim=16, n_heads=2, norm=norm))
    if norm == "none":
        with pytest.raises(ValueError, match="without norms"):
            with_unbiased_norms(model)
    else:
        found = [one for one in with_unbiased_norms(model).modules() if isinstance(one, UnbiasedNorm)]
        assert len(found) == 2 * model.config.n_layers + (norm == "pre")
