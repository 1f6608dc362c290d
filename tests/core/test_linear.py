"""Starting weights come from a generator, and are those that PyTorch's global one would have given."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, configs
from torch import Tensor, nn

from core.by_hand import INPUTS, WIDTH, even_projections, linear_projections, split_heads
from core.classify import Classifier
from core.config import CLASSROOM, TINY, GPTConfig
from core.dropout import drop
from core.gpt import GPTModel, build_model
from core.linear import INIT_STD, UniformLinear

LIKE_THE_BOOK = {"vocab_size": 97, "context_length": 31, "emb_dim": 48, "n_heads": 3, "n_layers": 2}


def drawn_in_order(model: GPTModel, seed: int) -> dict[str, Tensor]:
    """What the global generator gives the matrices of a model, one after the other, as in the book."""
    config, found = model.config, {}
    torch.manual_seed(seed)
    for name, weight in model.state_dict().items():
        if weight.ndim == 2:
            drawn = nn.init.normal_(torch.empty(weight.shape), std=INIT_STD)
            is_output = name.endswith(("att.out_proj.weight", "ff.layers.2.weight"))
            found[name] = drawn / (2 * config.n_layers) ** 0.5 if is_output else drawn
    if config.tie_weights:
        found["out_head.weight"] = found["tok_emb.weight"]
    return found


@given(configs(), SEEDS)
def test_a_seed_gives_the_weights_of_the_global_generator(config: GPTConfig, seed: int):
    model = build_model(config, seed)
    state, expected = model.state_dict(), drawn_in_order(model, seed)
    assert all(torch.equal(state[name], weight) for name, weight in expected.items())
    others = {name: x for name, x in state.items() if name not in expected}
    assert all(bool((x == name.endswith("scale")).all()) for name, x in others.items())  # biases and norms


@pytest.mark.parametrize("change", [{}, {"tie_weights": True}, {"position": "rotary"}, {"qkv_bias": True}])
def test_larger_models_too(change: dict[str, object]):
    for config in (replace(CLASSROOM, **change), GPTConfig(**LIKE_THE_BOOK, **change)):
        model = build_model(config)
        assert all(torch.equal(model.state_dict()[name], x) for name, x in drawn_in_order(model, 123).items())


def test_the_first_weights_of_seed_123():
    """Written down, so that the book's and the bundled model's step 0 can never drift unseen."""
    row = build_model(TINY).tok_emb.weight[0, :4]
    written = torch.tensor([0.00674740, -0.00355554, -0.00607055, -0.01176024])
    torch.testing.assert_close(row, written, atol=1e-6, rtol=0)


def test_a_class_layer_has_the_weights_of_its_seed():
    head = Classifier(build_model(TINY), 3, seed=7).model.out_head
    torch.manual_seed(7)
    assert torch.equal(head.weight, nn.init.normal_(torch.empty(3, TINY.emb_dim), std=INIT_STD))
    assert not head.bias.any()


@given(st.integers(1, 80), st.integers(1, 80), st.booleans(), SEEDS)
def test_uniform_layers_are_those_of_pytorch(n_in: int, n_out: int, bias: bool, seed: int):
    ours = UniformLinear(n_in, n_out, bias, generator=torch.Generator().manual_seed(seed))
    torch.manual_seed(seed)
    theirs = nn.Linear(n_in, n_out, bias)
    assert torch.equal(ours.weight, theirs.weight)
    assert torch.equal(ours.bias, theirs.bias) if bias else ours.bias is None


def test_the_matrices_by_hand_are_those_of_pytorch():
    torch.manual_seed(5)
    assert all(torch.equal(one, torch.rand(INPUTS.shape[1], WIDTH)) for one in even_projections(5))
    torch.manual_seed(5)
    theirs = [nn.Linear(INPUTS.shape[1], WIDTH, bias=False).weight.T for _ in range(6)]
    ours = [matrix for head in linear_projections(5, heads=2) for matrix in head]
    assert all(map(torch.equal, ours, theirs))
    torch.manual_seed(5)
    _, last = [nn.Linear(INPUTS.shape[1], WIDTH, bias=False) for _ in range(3)], nn.Linear(WIDTH, WIDTH)
    split = split_heads(INPUTS, seed=5)
    assert torch.equal(split.out_weight, last.weight.T)
    assert torch.equal(split.out_bias, last.bias)


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9]), SEEDS)
def test_dropout_by_hand_drops_what_pytorch_drops(rows: int, columns: int, rate: float, seed: int):
    wide = torch.linspace(-1, 1, rows * columns).view(rows, columns)
    for x in (wide, wide.T, wide[0].expand(rows, columns)):
        torch.manual_seed(seed)
        assert torch.equal(drop(x, rate, seed), F.dropout(x, rate))


def test_without_a_generator_every_model_is_another_and_the_global_one_is_left_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    one, two = GPTModel(TINY), GPTModel(TINY)
    assert torch.equal(torch.get_rng_state(), before)
    matrices = [name for name, x in one.state_dict().items() if x.ndim == 2]
    assert not any(torch.equal(one.state_dict()[name], two.state_dict()[name]) for name in matrices)
    for name in matrices:
        assert 0 < one.state_dict()[name].std() < 1.5 * INIT_STD


def test_a_generator_that_is_handed_in_goes_on():
    dice = torch.Generator().manual_seed(123)
    first, second = GPTModel(TINY, generator=dice), GPTModel(TINY, generator=dice)
    assert torch.equal(first.tok_emb.weight, build_model(TINY).tok_emb.weight)
    assert not torch.equal(first.tok_emb.weight, second.tok_emb.weight)


def test_nothing_is_drawn_for_a_model_that_is_being_loaded():
    dice = torch.Generator().manual_seed(123)
    with torch.device("meta"):
        GPTModel(TINY, generator=dice)
    assert torch.equal(dice.get_state(), torch.Generator().manual_seed(123).get_state())
