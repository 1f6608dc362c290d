import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, configs, lively, random_ids
from torch.utils.flop_counter import FlopCounterMode

from core.cache_savings import kept_bytes, timed_writing, work_of_next_token
from core.config import TINY, GPTConfig
from core.kv_cache import KVCache
from core.sampling import last_logits
from core.trace import Trace

CAUSAL = configs(causal=True)


@given(CAUSAL, st.integers(1, 15), SEEDS)
def test_the_work_counted_is_the_work_that_torch_does(config: GPTConfig, tokens: int, seed: int) -> None:
    model = lively(config, seed).eval()
    ids = random_ids(config, min(tokens, config.context_length), seed=seed)[0].tolist()
    with FlopCounterMode(display=False) as counter:  # the tap takes attention apart, so that it is counted
        last_logits(model, ids, tap=Trace())
    assert counter.get_total_flops() == 2 * work_of_next_token(config, len(ids), cached=False)


@given(CAUSAL)
def test_past_the_context_nothing_is_saved(config: GPTConfig) -> None:
    longest = config.context_length
    without = [work_of_next_token(config, length, False) for length in range(1, longest + 4)]
    with_it = [work_of_next_token(config, length, True) for length in range(1, longest + 4)]
    assert with_it[0] == without[0]
    assert all(few < many for few, many in zip(with_it[1:longest], without[1:longest], strict=True))
    assert with_it[longest:] == without[longest:] == [without[longest - 1]] * 3


@given(CAUSAL)
def test_the_bytes_are_those_of_the_cache_itself(config: GPTConfig) -> None:
    cache = KVCache(config)
    held = cache.keys.nbytes + cache.values.nbytes
    assert kept_bytes(config, config.context_length) == kept_bytes(config, 10**6) == held
    assert kept_bytes(config, 1) * config.context_length == held


def test_both_ways_write_the_same_and_time_passes() -> None:
    model, ids = lively(), random_ids(TINY, 5)[0].tolist()
    how = {"seed": 3, "temperature": 1.0, "top_k": 20}
    one, other = (timed_writing(model, ids, 12, use_cache=kept, **how) for kept in (True, False))
    assert one.ids == other.ids
    assert len(one.ids) == 12
    assert one.seconds > 0
    assert one.speed == 12 / one.seconds
    assert torch.tensor(one.ids).max() < TINY.vocab_size
