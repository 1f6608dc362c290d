from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from llms_from_scratch.ch03 import MultiHeadAttention as BookAttention
from torch import Tensor

from core.attention import MultiHeadAttention, causal_scores, future_mask
from core.config import TINY, GPTConfig
from core.kv_cache import KVCache
from core.trace import Tap, Trace, chain
from tests.core.strategies import SEEDS, assert_near, configs, lively, random_ids


def random_heads(
    n_queries: int, n_keys: int, seed: int, head_dim: int = 4
) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    queries = 3 * torch.randn(2, 3, n_queries, head_dim, generator=generator)
    return queries, 3 * torch.randn(2, 3, n_keys, head_dim, generator=generator)


@given(st.integers(1, 8), st.integers(0, 8), st.booleans(), st.booleans(), SEEDS)
def test_scores_are_dot_products_over_sqrt_d(
    n: int, before: int, causal: bool, scale: bool, seed: int
) -> None:
    queries, keys = random_heads(n, n + before, seed)
    scores = causal_scores(queries, keys, causal=causal, scale=scale)
    for q in range(n):
        for k in range(n + before):
            dot = (queries[:, :, q] * keys[:, :, k]).sum(-1) / (2.0 if scale else 1.0)
            hidden = causal and k > q + before
            expected = torch.full_like(dot, -torch.inf) if hidden else dot
            torch.testing.assert_close(scores[:, :, q, k], expected, atol=1e-4, rtol=1e-5)


def test_the_last_query_sees_every_key() -> None:
    assert future_mask(2, 4).tolist() == [[False, False, False, True], [False] * 4]
    assert not future_mask(1, 5).any()
    assert torch.equal(future_mask(3, 3), torch.ones(3, 3, dtype=torch.bool).triu(1))


@given(configs(), st.data(), SEEDS)
def test_fused_equals_explicit_with_few_queries_and_many_keys(
    config: GPTConfig, data: st.DataObject, seed: int
) -> None:
    split = data.draw(st.integers(1, config.context_length - 1))
    end = data.draw(st.integers(split + 1, config.context_length))
    attention = lively(config, seed).trf_blocks[0].att
    x = torch.randn(2, end, config.emb_dim, generator=torch.Generator().manual_seed(seed))
    outs = []
    for tap in (None, Trace()):
        cache = KVCache(config, batch_size=2)
        attention(x[:, :split], cache=cache)
        cache.length = split
        outs.append(
            attention(x[:, split:], tap, cache) if tap is not None else attention(x[:, split:], cache=cache)
        )
    assert_near(outs[0], outs[1])
    if config.causal:
        assert_near(outs[0], attention(x)[:, split:])
    assert tap["weights"].shape[-2:] == (end - split, end)


@given(configs(n_layers=1, drop_rate=0.0), SEEDS)
def test_the_stages_of_a_trace_follow_from_each_other(config: GPTConfig, seed: int) -> None:
    attention, trace = lively(config, seed).trf_blocks[0].att, Trace()
    x = torch.randn(1, config.context_length, config.emb_dim, generator=torch.Generator().manual_seed(seed))
    out = attention(x, trace)
    assert_near(trace["scores"], trace["queries"] @ trace["keys"].transpose(-2, -1))
    masked = causal_scores(trace["queries"], trace["keys"], causal=config.causal, scale=config.scale_scores)
    assert_near(trace["masked"].exp(), masked.exp())
    assert torch.equal(trace["weights"], trace["masked"].softmax(-1))
    assert_near(trace["context"], trace["weights"] @ trace["values"])
    assert torch.equal(trace["out"], out)
    assert list(trace) == [
        "queries",
        "keys",
        "values",
        "scores",
        "scaled",
        "masked",
        "weights",
        "context",
        "out",
    ]


@pytest.mark.parametrize("qkv_bias", [False, True])
def test_attention_is_the_books(qkv_bias: bool) -> None:
    config = GPTConfig(emb_dim=12, n_heads=3, context_length=7, drop_rate=0.0, qkv_bias=qkv_bias)
    book = BookAttention(12, 12, context_length=7, dropout=0.0, num_heads=3, qkv_bias=qkv_bias)
    ours = MultiHeadAttention(config)
    state = {name: 3 * x for name, x in book.state_dict().items() if name != "mask"}
    book.load_state_dict(state, strict=False)
    ours.load_state_dict(state)
    x = torch.randn(2, 6, 12, generator=torch.Generator().manual_seed(1))
    assert_near(ours(x), book(x))
    assert_near(ours(x, Trace()), book(x))


def test_weights_are_seen_before_dropout_and_dropout_works_in_both_branches() -> None:
    config = replace(TINY, drop_rate=0.5)
    attention = lively(config).trf_blocks[0].att.train()
    x = torch.randn(1, 8, config.emb_dim, generator=torch.Generator().manual_seed(1))
    trace = Trace()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        outs = [attention(x), attention(x), attention(x, trace), attention(x, Trace())]
    torch.testing.assert_close(trace["weights"].sum(-1), torch.ones(1, 2, 8), atol=1e-6, rtol=0)
    assert not torch.equal(outs[0], outs[1])
    assert not torch.equal(outs[2], outs[3])


def test_rotary_scores_depend_on_distance_alone() -> None:
    config = replace(TINY, position="rotary", causal=False)
    attention, trace = lively(config).trf_blocks[0].att, Trace()
    x = torch.ones(1, 1, config.emb_dim).expand(1, 10, -1)
    attention(x, trace)
    scores = trace["scores"]
    assert_near(scores[..., 1:, 1:], scores[..., :-1, :-1])
    assert (scores[0, 0, 0] - scores[0, 0, 0, 0]).abs().max() > 0.1


def test_a_cache_is_filled_row_by_row() -> None:
    model = lively(TINY)
    cache = KVCache(TINY)
    ids = random_ids(TINY, 5)
    model(ids[:, :3], cache=cache)
    model(ids[:, 3:], cache=cache)
    assert cache.length == 5
    assert cache.keys[:, :, :, :5].abs().min() > 0
    assert not cache.keys[:, :, :, 5:].any()
    assert not cache.values[:, :, :, 5:].any()


def test_who_watches_sees_causal_scores_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the code that the Attention page shows; and every stage of it can be changed by a tap."""
    called = []

    def counted(*given: Tensor, **options: object) -> Tensor:
        called.append(options["causal"])
        return causal_scores(*given, **options)

    monkeypatch.setattr("core.attention.causal_scores", counted)
    model, ids = lively(TINY), random_ids(TINY, 9)
    model(ids)
    assert not called  # nobody watches: the library's fused kernel computes
    expected = model(ids, Trace())
    assert called == [True] * TINY.n_layers
    plain = Trace()
    model(ids, plain)
    for stage in ("scores", "scaled", "masked"):
        trace = Trace()
        changed = model(ids, chain(doubled(stage), trace))
        assert not torch.allclose(changed, expected)
        assert_near(trace["blocks.0.attn.weights"], (2 * plain["blocks.0.attn.masked"]).softmax(dim=-1))


def doubled(stage: str) -> Tap:
    """A tap that doubles one stage of the first block's scores."""
    return lambda name, x: 2 * x if name == f"blocks.0.attn.{stage}" else x
