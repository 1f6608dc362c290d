import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near, configs, lively, random_ids

from core.config import TINY, GPTConfig
from core.interventions import Edit, intervene
from core.neurons import firing, moved_by_one, written_by_neurons
from core.trace import Trace


def all_hidden(model, windows: torch.Tensor) -> torch.Tensor:
    """The numbers before the bend of every layer, all at once: (L, N, 4C)."""
    trace = Trace()
    model.final_vectors(windows, trace)
    return trace.stacked("ffn.hidden").flatten(1, 2)


@given(configs(drop_rate=0.0), SEEDS, st.integers(1, 5), st.integers(1, 9))
def test_the_highest_places_are_those_of_the_whole_text(config: GPTConfig, seed: int, rows: int, k: int):
    model, windows = lively(config, seed), random_ids(config, config.context_length, 5, seed)
    found, hidden = firing(model, windows, k, rows=rows), all_hidden(model, windows)
    best = hidden.topk(min(k, hidden.shape[1]), dim=1).values.transpose(1, 2)  # (L, 4C, K)
    assert_near(found.values, best, 1e-5)
    at_places = hidden.transpose(1, 2).gather(2, found.places)
    assert_near(at_places, found.values, 1e-5)  # a place is where its value stands
    assert found.tokens == windows.numel()
    near_zero = (hidden.abs() < 1e-5).sum(dim=1)  # batches of another size may round across 0
    assert ((found.above - (hidden > 0).sum(dim=1)).abs() <= near_zero).all()
    assert found.above.shape == (config.n_layers, config.hidden_dim)


def test_a_neuron_that_never_fires_is_dead_and_others_are_not():
    model, windows = lively(), random_ids(TINY, 8, 3, 1)
    with torch.no_grad():
        model.trf_blocks[0].ff.layers[0].bias[[3, 5]] = -1e4
        model.trf_blocks[0].ff.layers[0].bias[7] = 1e4
    dead = firing(model, windows).dead
    assert dead[0, 3]
    assert dead[0, 5]
    assert not dead[0, 7]


def test_edits_of_the_model_change_what_fires():
    model, windows = lively(), random_ids(TINY, 8, 3, 1)
    off = intervene(model, [Edit(kind="attention", layer=0)])
    plain, changed = firing(model, windows), firing(model, windows, tap=off)
    assert not torch.equal(plain.values[0], changed.values[0])


@given(configs(drop_rate=0.0), SEEDS)
def test_what_the_neurons_add_is_what_the_layer_gives_out(config: GPTConfig, seed: int):
    model, trace = lively(config, seed), Trace()
    model.final_vectors(random_ids(config, 3, 1, seed)[:, :2], trace)
    layer = config.n_layers - 1
    added = written_by_neurons(model, layer, trace[f"blocks.{layer}.ffn.activated"][0, 1])
    assert added.shape == (config.hidden_dim, config.emb_dim)
    total = added.sum(dim=0) + model.trf_blocks[layer].ff.layers[2].bias
    assert_near(total, trace[f"blocks.{layer}.ffn.out"][0, 1], 1e-4)


@given(configs(drop_rate=0.0), SEEDS)
def test_the_feed_forward_keeps_tokens_apart_and_attention_does_not_look_ahead(config: GPTConfig, seed: int):
    model = lively(config, seed)
    streams = torch.randn(2, 6, config.emb_dim, generator=torch.Generator().manual_seed(seed)).unbind()
    place, source = 3, 5
    moved = moved_by_one(model, 0, streams, place, source)
    others = torch.arange(6) != place
    assert (moved.feed_forward[others] < 1e-5).all()  # rows of odd widths are added up in another order
    if config.causal:
        assert (moved.attention[:place] == 0).all()


@pytest.mark.parametrize("norm", ["pre", "post", "none"])
def test_one_other_token_moves_what_comes_after_it(norm: str):
    config = GPTConfig(vocab_size=9, context_length=6, emb_dim=8, n_heads=2, n_layers=1, norm=norm)
    model = lively(config, 3)
    streams = torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(1)).unbind()
    moved = moved_by_one(model, 0, streams, 2, 4)
    assert (moved.attention[2:] > 0).all()
    assert moved.feed_forward[2] > 0
    same = moved_by_one(model, 0, streams, 2, 2)
    assert not same.attention.any()
    assert not same.feed_forward.any()


def test_a_switched_off_head_stays_off():
    model = lively()
    streams = torch.randn(2, 5, TINY.emb_dim, generator=torch.Generator().manual_seed(1)).unbind()
    off = intervene(model, [Edit(kind="attention", layer=1)])
    moved = moved_by_one(model, 1, streams, 1, 3, off)
    assert not moved.attention.any()
    assert moved.feed_forward[1] > 0
