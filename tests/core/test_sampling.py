import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from llms_from_scratch.ch04 import GPTModel as BookGPT
from llms_from_scratch.ch04 import generate_text_simple
from strategies import SEEDS, configs, lively, random_ids

from core.config import TINY, GPTConfig
from core.gpt import GPTModel
from core.sampling import generate, last_logits, next_token_probs
from core.weights import from_book_state


@given(SEEDS, st.floats(0.05, 1), st.integers(1, 40))
def test_the_kept_set_is_the_smallest(seed: int, p: float, k: int) -> None:
    logits = torch.randn(40, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    full = logits.softmax(-1)
    kept = next_token_probs(logits, top_p=p) > 0
    assert full[kept].sum() >= p - 1e-12
    assert full[kept].sum() - full[kept].min() < p  # without its smallest it would not reach p
    assert (next_token_probs(logits, top_k=k) > 0).sum() == k


def test_ties_at_the_kth_best_are_kept() -> None:
    probs = next_token_probs(torch.tensor([1.0, 2.0, 2.0, 0.0, 2.0]), top_k=2)
    assert probs.tolist() == pytest.approx([0, 1 / 3, 1 / 3, 0, 1 / 3])


@pytest.mark.parametrize(("p", "n_kept"), [(0.25, 1), (0.5, 2), (0.51, 3), (0.75, 3), (0.76, 4), (1.0, 4)])
def test_a_mass_of_exactly_p_is_enough(p: float, n_kept: int) -> None:
    probs = next_token_probs(torch.zeros(4), top_p=p)
    assert probs.tolist() == pytest.approx([1 / n_kept] * n_kept + [0.0] * (4 - n_kept))


def test_top_k_comes_before_top_p() -> None:
    logits = torch.tensor([0.5, 0.3, 0.2]).log()
    probs = next_token_probs(logits, top_k=2, top_p=0.55)  # of the two kept, the first has 0.625
    assert probs.tolist() == pytest.approx([1, 0, 0])


def test_whole_numbers_as_scores() -> None:
    probs = next_token_probs(torch.tensor([1, 2]))
    assert probs.tolist() == pytest.approx([1 / (1 + math.e), math.e / (1 + math.e)])
    assert next_token_probs(torch.tensor([1, 2]), temperature=0).tolist() == [0.0, 1.0]


@given(configs(), st.data(), SEEDS)
def test_generating_with_a_cache_is_generating_without(
    config: GPTConfig, data: st.DataObject, seed: int
) -> None:
    model = lively(config, seed)
    prompt = random_ids(config, data.draw(st.integers(1, config.context_length + 4)), seed=seed)[0]
    texts = [list(generate(model, prompt, 2 * config.context_length, use_cache=c)) for c in (True, False)]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 2 * config.context_length
    assert all(0 <= token < config.vocab_size for token in texts[0])


def test_where_the_past_sees_the_future_nothing_is_kept() -> None:
    config = replace(TINY, causal=False, n_layers=3)
    for seed in range(5):
        model, prompt = lively(config, seed), random_ids(config, 3, seed=seed)[0]
        assert list(generate(model, prompt, 20)) == list(generate(model, prompt, 20, use_cache=False))


@given(st.integers(1, 12), SEEDS)
def test_same_seed_same_text(prompt_length: int, seed: int) -> None:
    model = lively(replace(TINY, context_length=8), seed)
    prompt = random_ids(TINY, prompt_length, seed=seed)[0].tolist()
    settings = {"temperature": 1.0, "top_k": 20, "top_p": 0.95}
    texts = [
        list(generate(model, prompt, 12, generator=torch.Generator().manual_seed(s), use_cache=c, **settings))
        for s, c in ((seed, True), (seed, True), (seed, False), (seed + 1, True))
    ]
    assert texts[0] == texts[1] == texts[2]
    assert len(set(map(tuple, texts))) == 2 or len(set(texts[0])) == 1


def test_greedy_text_of_a_prompt_longer_than_the_context_is_the_books() -> None:
    sizes = {"vocab_size": 60, "context_length": 16, "emb_dim": 24, "n_heads": 3, "n_layers": 2}
    book_config = sizes | {"drop_rate": 0.0, "qkv_bias": False}
    torch.manual_seed(1)
    book = BookGPT(book_config).eval()
    ours = from_book_state(GPTConfig(**book_config), book.state_dict())
    for n_prompt in (1, 10, 16, 40):
        prompt = random_ids(ours.config, n_prompt, seed=n_prompt)
        expected = generate_text_simple(book, prompt, max_new_tokens=25, context_size=16)[
            0, n_prompt:
        ].tolist()
        assert list(generate(ours, prompt[0], 25)) == expected
        assert list(generate(ours, prompt[0].tolist(), 25, use_cache=False)) == expected


def test_only_the_last_row_is_scored(tiny_model: GPTModel) -> None:
    ids = random_ids(TINY, 7)
    torch.testing.assert_close(last_logits(tiny_model, ids[0].tolist()), tiny_model(ids)[0, -1].detach())


@pytest.mark.parametrize(
    "ids", [[], torch.empty(0, dtype=torch.long), torch.zeros(1, 2, dtype=torch.long), [50], [-1]]
)
def test_a_prompt_that_cannot_be_continued_is_refused(tiny_model: GPTModel, ids: object) -> None:
    with pytest.raises(ValueError, match="token"):
        next(generate(tiny_model, ids, 1))


def test_nothing_is_dropped_out_in_writing() -> None:
    model = GPTModel(replace(TINY, drop_rate=0.5)).train()
    assert list(generate(model, [1, 2], 20)) == list(generate(model.train(), [1, 2], 20, use_cache=False))
    assert not model.training


def test_numpys_integers_are_whole_numbers() -> None:
    logits = torch.randn(9)
    assert torch.equal(next_token_probs(logits, top_k=np.int64(3)), next_token_probs(logits, top_k=3))
