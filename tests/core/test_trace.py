from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near, configs, lively, random_ids

from core.config import TINY, GPTConfig
from core.gpt import GPTModel
from core.trace import Trace, ablate_heads, chain, no_tap, within

ATTENTION = ["queries", "keys", "values", "scores", "scaled", "masked", "weights", "context", "out"]
BLOCK = ["resid_in", "norm1", "resid_mid", "norm2", "ffn.hidden", "ffn.activated", "ffn.out", "resid_out"]
BLOCK += [f"attn.{name}" for name in ATTENTION]


@given(configs(), SEEDS)
def test_a_trace_has_every_name_of_the_contract(config: GPTConfig, seed: int) -> None:
    trace = Trace()
    lively(config, seed)(random_ids(config, config.context_length, 2, seed), trace)
    outside = ["tok_emb", "pos_emb", "embedded", "final_norm", "logits"]
    assert set(trace) == {f"blocks.{i}.{name}" for i in range(config.n_layers) for name in BLOCK} | set(
        outside
    )
    B, T, C, H, D = 2, config.context_length, config.emb_dim, config.n_heads, config.head_dim
    shapes = {"attn.queries": (B, H, T, D), "attn.weights": (B, H, T, T), "attn.context": (B, H, T, D)}
    shapes |= {"resid_mid": (B, T, C), "ffn.hidden": (B, T, config.hidden_dim), "attn.out": (B, T, C)}
    assert all(trace[f"blocks.0.{name}"].shape == shape for name, shape in shapes.items())
    assert trace.attention().shape == (config.n_layers, B, H, T, T)
    torch.testing.assert_close(
        trace.attention().sum(-1), torch.ones(config.n_layers, B, H, T), atol=1e-6, rtol=0
    )
    assert not any(x.requires_grad for x in trace.values())


def test_a_trace_keeps_only_what_it_is_told() -> None:
    everything, some = Trace(), Trace(keep=["logits", "blocks.1.attn.weights"])
    model, ids = lively(), random_ids(TINY, 4)
    model(ids, everything)
    model(ids, some)
    assert set(some) == {"logits", "blocks.1.attn.weights"}
    assert torch.equal(some["logits"], everything["logits"])
    assert torch.equal(some.attention(), everything.attention()[1:])
    with pytest.raises(ValueError, match=r"no 'ffn\.hidden'"):
        some.stacked("ffn.hidden")


def test_no_tap_stays_no_tap() -> None:
    assert within(no_tap, "blocks.0") is no_tap
    assert chain() is no_tap
    assert chain(no_tap, no_tap) is no_tap


def test_taps_in_a_chain_get_what_the_one_before_returned() -> None:
    trace = Trace()
    both = chain(lambda name, x: x + 1, no_tap, trace)
    assert within(both, "a")("b", torch.zeros(1)).item() == 1
    assert trace["a.b"].item() == 1


heads_off = st.sets(st.tuples(st.integers(0, TINY.n_layers - 1), st.integers(0, TINY.n_heads - 1)))


@given(heads_off, SEEDS)
def test_switching_heads_off_is_removing_their_columns(pairs: set[tuple[int, int]], seed: int) -> None:
    model, by_hand, ids = lively(TINY, seed), lively(TINY, seed), random_ids(TINY, 9, 2, seed)
    D = TINY.head_dim
    with torch.no_grad():
        for layer, head in pairs:
            by_hand.trf_blocks[layer].att.out_proj.weight[:, head * D : (head + 1) * D] = 0.0
    assert_near(model(ids, ablate_heads(pairs)), by_hand(ids))
    if pairs:
        assert not torch.allclose(by_hand(ids), model(ids), atol=1e-3)


@given(heads_off, SEEDS)
def test_by_mean_the_head_says_its_mean_to_every_token(pairs: set[tuple[int, int]], seed: int) -> None:
    model, ids = lively(TINY, seed), random_ids(TINY, 9, 2, seed)
    before, after = Trace(), Trace()
    model(ids, before)
    model(ids, chain(ablate_heads(pairs, by="mean"), after))
    first = min(pairs, default=(0, 0))[0]  # later blocks read what the first changed
    name = f"blocks.{first}.attn.context"
    for head in range(TINY.n_heads):
        expected = before[name][:, head]
        if (first, head) in pairs:
            expected = expected.mean(dim=(0, 1)).expand_as(expected)
        assert_near(after[name][:, head], expected)


def test_what_was_seen_before_stays_as_it_was() -> None:
    model, ids = lively(), random_ids(TINY, 6)
    alone, before, after = Trace(), Trace(), Trace()
    model(ids, alone)
    model(ids, chain(before, ablate_heads([(0, 1)]), after))
    name = "blocks.0.attn.context"
    assert torch.equal(before[name], alone[name])
    assert not after[name][:, 1].any()


@pytest.mark.parametrize("by", ["zero", "mean"])
def test_switching_nothing_off_changes_nothing(by: str) -> None:
    model, ids = lively(), random_ids(TINY, 9)
    assert torch.equal(model(ids, ablate_heads([], by=by)), model(ids, Trace()))
    assert model(torch.empty(1, 0, dtype=torch.long), ablate_heads([(0, 0)], by=by)).shape == (1, 0, 50)


@pytest.mark.parametrize("pairs", [[(0, 2)], [(0, -1)], [(-1, 0)], [(0, 1.5)]])
def test_a_head_that_is_not_there_is_refused(pairs: list) -> None:
    with pytest.raises(ValueError, match=r"head|layer"):
        lively()(random_ids(TINY, 3), ablate_heads(pairs))


def test_another_way_of_switching_off_is_refused() -> None:
    with pytest.raises(ValueError, match="choose zero or mean"):
        ablate_heads([(0, 0)], by="noise")


def test_looking_leaves_no_mark_on_the_model() -> None:
    model = lively()
    before = {name: x.clone() for name, x in model.state_dict().items()}
    attributes = {name: set(vars(module)) for name, module in model.named_modules()}
    model(random_ids(TINY, 5), chain(ablate_heads([(0, 1)]), Trace()))
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())
    assert attributes == {name: set(vars(module)) for name, module in model.named_modules()}


def look(model: GPTModel, ids: torch.Tensor) -> Trace:
    trace = Trace()
    with torch.inference_mode():
        model(ids, trace)
    return trace


def test_eight_sessions_never_see_each_others_tensors() -> None:
    model = lively(replace(TINY, n_layers=3))
    sessions = [random_ids(TINY, 5 + i % 7, seed=i) for i in range(8)]
    alone = [look(model, ids) for ids in sessions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda i: (i, look(model, sessions[i])), [i % 8 for i in range(160)]))
    for i, trace in together:
        assert trace.keys() == alone[i].keys()
        assert all(torch.equal(x, alone[i][name]) for name, x in trace.items())


def test_numpys_integers_and_a_single_name_will_do() -> None:
    model, ids = lively(), random_ids(TINY, 4)
    trace = Trace(keep="logits")
    model(ids, trace)
    assert set(trace) == {"logits"}
    assert torch.equal(
        model(ids, ablate_heads(np.array([[0, 1], [1, 0]]))), model(ids, ablate_heads([(0, 1), (1, 0)]))
    )
