import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near, configs, lively, random_ids

from core.config import GPTConfig
from core.gpt import GPTModel, build_model
from core.interventions import Edit, intervene
from core.lens import (
    additions,
    contributions,
    head_additions,
    head_contributions,
    last_stream,
    losses_along,
    read_out,
)
from core.trace import Trace, chain

SUMS = st.sampled_from(("pre", "none"))


def traced(config: GPTConfig, seed: int) -> tuple[GPTModel, Trace, torch.Tensor]:
    model, trace = lively(config, seed).requires_grad_(False), Trace()
    ids = random_ids(config, config.context_length, seed=seed)
    model(ids, trace)
    return model, trace, ids


@given(configs(), SEEDS)
def test_the_last_depth_is_the_models_own_answer(config: GPTConfig, seed: int) -> None:
    model, trace, _ = traced(config, seed)
    assert_near(read_out(model, last_stream(model, trace)), trace["logits"])


@given(st.data(), SUMS, SEEDS)
def test_what_all_parts_add_is_the_logit(data: st.DataObject, norm: str, seed: int) -> None:
    config = data.draw(configs(norm=norm, residual=True))
    model, trace, ids = traced(config, seed)
    place = data.draw(st.integers(0, ids.shape[1] - 1))
    token = data.draw(st.integers(0, config.vocab_size - 1))
    parts = contributions(model, trace, place, token)
    logit = trace["logits"][0, place, token].item()
    size = max(1.0, *map(abs, parts.values()))
    assert sum(parts.values()) == pytest.approx(logit, abs=1e-4 * size)
    assert list(parts)[:3] == ["token", "position", "blocks.0.attn"]
    assert len(parts) == 4 + 2 * config.n_layers
    assert abs(parts["edits"]) < 1e-4 * size


@given(configs(norm="pre", residual=True), SEEDS)
def test_what_a_tap_puts_into_the_stream_is_a_part_of_its_own(config: GPTConfig, seed: int) -> None:
    model, trace, ids = traced(config, seed)
    push = Edit(kind="push", layer=config.n_layers - 1, token=0, strength=2.0)
    logits = model(ids, chain(intervene(model, [push]), trace))
    parts = contributions(model, trace, 0, 1)
    size = max(1.0, *map(abs, parts.values()))
    assert sum(parts.values()) == pytest.approx(logits[0, 0, 1].item(), abs=1e-4 * size)


@given(configs(residual=True), SUMS, SEEDS)
def test_a_layers_heads_and_its_bias_are_the_layer(config: GPTConfig, norm: str, seed: int) -> None:
    model, trace, _ = traced(config, seed)
    for layer, block in enumerate(model.trf_blocks):
        heads = head_additions(model, trace, layer).sum(dim=1)
        assert_near(heads + block.att.out_proj.bias, trace[f"blocks.{layer}.attn.out"])


@given(st.data(), SUMS, SEEDS)
def test_heads_add_to_a_logit_what_their_layer_adds_but_the_bias(
    data: st.DataObject, norm: str, seed: int
) -> None:
    model, trace, _ = traced(data.draw(configs(norm=norm, residual=True)), seed)
    for block in model.trf_blocks:
        block.att.out_proj.bias.data.zero_()
    with torch.inference_mode():
        model(random_ids(model.config, 2, seed=seed), trace)
    heads, parts = head_contributions(model, trace, 1, 0), contributions(model, trace, 1, 0)
    for layer, row in enumerate(heads):
        assert row.sum().item() == pytest.approx(parts[f"blocks.{layer}.attn"], rel=1e-3, abs=1e-3)


@given(configs(norm="pre", residual=True), SEEDS)
def test_the_sum_of_all_additions_leaves_the_last_block(config: GPTConfig, seed: int) -> None:
    model, trace, _ = traced(config, seed)
    assert_near(sum(additions(model, trace).values()), last_stream(model, trace))


@pytest.mark.parametrize(
    ("switches", "why"), [({"norm": "post"}, "after each layer"), ({"residual": False}, "replaces")]
)
def test_a_stream_that_is_no_sum_is_said(switches: dict, why: str) -> None:
    model, trace, _ = traced(GPTConfig(vocab_size=9, context_length=4, emb_dim=8, n_heads=2, **switches), 1)
    with pytest.raises(ValueError, match=why):
        contributions(model, trace, 0, 0)


@given(configs(), SEEDS, st.integers(1, 5))
def test_losses_along_a_text_are_those_of_the_whole(config: GPTConfig, seed: int, rows: int) -> None:
    model, trace, ids = traced(config, seed)
    vectors = trace["final_norm"][0, :-1]
    expected = F.cross_entropy(trace["logits"][0, :-1], ids[0, 1:], reduction="none")
    assert_near(losses_along(model, vectors, ids[0, 1:], rows), expected)


def test_no_text_has_no_losses() -> None:
    model = build_model(GPTConfig(vocab_size=9, context_length=4, emb_dim=8, n_heads=2))
    assert losses_along(model, torch.empty(0, 8), torch.empty(0, dtype=torch.long)).shape == (0,)


def test_guessing_evenly_costs_ln_v_and_being_wrong_costs_more() -> None:
    model = build_model(GPTConfig(vocab_size=50257, context_length=4, emb_dim=8, n_heads=2, n_layers=1))
    with torch.no_grad():
        model.out_head.weight.zero_()
    even = losses_along(model, torch.ones(1, 8), torch.tensor([7]))
    assert even.item() == pytest.approx(math.log(50257), abs=1e-4)
    assert round(math.log(50257), 3) == 10.825
    with torch.no_grad():
        model.out_head.weight[8] = 1.0
    assert losses_along(model, torch.ones(1, 8), torch.tensor([7])).item() > even.item()
