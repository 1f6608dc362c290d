from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import assert_near, configs, lively, random_ids

from core.classify import Classifier, choose_trained
from core.config import GPT2_SMALL, TINY
from core.gpt import GPTModel, parameter_count
from core.labelled import Padded
from core.linear import Linear
from core.lora import (
    LAYERS,
    LoRALinear,
    adapter_count,
    linear_layers,
    merge_lora,
    trainable_count,
    with_lora,
)
from core.trace import Trace
from core.training import TrainConfig, train
from core.weights import load_model, save_model

CHOICES = st.sets(st.sampled_from(LAYERS), min_size=1)


def tuned(model: GPTModel, rank: int = 2, **options) -> GPTModel:
    """A model with adapters that change what it says."""
    adapted = with_lora(model, rank, **options).eval()
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if name.endswith(".B"):
                weight += 0.3 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1))
    return adapted


@given(configs(), st.integers(1, 5), CHOICES)
def test_at_the_start_nothing_changes_at_all(config, rank: int, layers: set[str]) -> None:
    model, ids = lively(config), random_ids(config, config.context_length)
    assert torch.equal(with_lora(model, rank, layers=layers).eval()(ids), model(ids))


@given(configs(), st.integers(1, 5), CHOICES, st.sampled_from((1.0, 8.0)))
def test_merged_says_what_the_adapters_say(config, rank: int, layers: set[str], alpha: float) -> None:
    # In double precision: without norms, rounding in single precision can grow to more than a millionth.
    adapted = tuned(lively(config).double(), rank, layers=layers, alpha=alpha)
    merged, ids = merge_lora(adapted), random_ids(config, 2)
    assert not any(isinstance(part, LoRALinear) for part in merged.modules())
    assert_near(merged(ids), adapted(ids), 1e-6)
    assert set(merged.state_dict()) == set(lively(config).state_dict())


def test_merged_equals_unmerged_to_a_millionth_in_single_precision_after_training(
    tiny_model: GPTModel,
) -> None:
    adapted, ids = with_lora(tiny_model, 4), random_ids(TINY, 21, 4)
    list(train(adapted, [(ids[:, :-1], ids[:, 1:])] * 20, TrainConfig(steps=20, learning_rate=1e-3)))
    assert (adapted.eval()(ids) - tiny_model(ids)).abs().max() > 0.01
    torch.testing.assert_close(merge_lora(adapted)(ids), adapted(ids), atol=1e-6, rtol=0)


def test_one_layer_equals_its_formula_and_its_merged_twin_to_a_millionth() -> None:
    torch.manual_seed(1)
    layer, x = Linear(12, 7), torch.randn(5, 12)
    adapted = LoRALinear(layer, 3, alpha=6.0, generator=torch.Generator().manual_seed(1))
    assert torch.equal(adapted(x), layer(x))
    torch.nn.init.normal_(adapted.B)
    expected = x @ layer.weight.T + layer.bias + 6.0 / 3 * (x @ adapted.A @ adapted.B)
    torch.testing.assert_close(adapted(x), expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(adapted.merged()(x / 10), adapted(x / 10), atol=1e-6, rtol=0)
    assert torch.linalg.matrix_rank(adapted.change()) == 3


@given(configs(), st.integers(1, 5), CHOICES)
def test_the_count_is_that_of_the_model(config, rank: int, layers: set[str]) -> None:
    model = lively(config)
    adapted = with_lora(model, rank, layers=layers)
    assert trainable_count(adapted) == adapter_count(config, rank, layers=layers)
    assert trainable_count(model) == parameter_count(config)
    assert all(name.endswith((".A", ".B")) for name, w in adapted.named_parameters() if w.requires_grad)


def test_the_books_classifier_trains_2_666_528_numbers() -> None:
    assert adapter_count(GPT2_SMALL, 16, classes=2) == 2_666_528
    adapted = with_lora(Classifier(lively(TINY), 2), 3)
    assert trainable_count(adapted) == adapter_count(TINY, 3, classes=2)


def test_training_moves_the_adapters_alone_and_not_the_model_that_was_given() -> None:
    model = lively()
    before = {name: x.clone() for name, x in model.state_dict().items()}
    adapted, ids = with_lora(model, 2), random_ids(TINY, 9, 4)
    events = list(train(adapted, [(ids[:, :-1], ids[:, 1:])] * 30, TrainConfig(steps=30, learning_rate=1e-2)))
    assert events[-1].loss < events[0].loss
    after = adapted.state_dict()
    assert all(torch.equal(after[name], x) for name, x in before.items())
    assert all(torch.equal(model.state_dict()[name], x) for name, x in before.items())
    assert all(weight.requires_grad for weight in model.parameters())
    assert all(part.B.abs().max() > 0 for part in adapted.modules() if isinstance(part, LoRALinear))


def test_a_classifier_learns_with_adapters_and_is_merged_back() -> None:
    texts = Padded(random_ids(TINY, 6, 8), torch.full((8,), 6))
    adapted = with_lora(choose_trained(Classifier(lively(), 2), "head"), 2)
    list(train(adapted, [(texts, torch.arange(8) % 2)] * 5, TrainConfig(steps=5, learning_rate=1e-2)))
    merged = merge_lora(adapted)
    assert isinstance(merged, Classifier)
    assert_near(merged(texts), adapted.eval()(texts), 1e-5)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("layers", [LAYERS, ("W_query", "W_value")])
def test_a_merged_model_is_saved_and_loaded_as_any_other(tied: bool, layers: tuple, tmp_path: Path) -> None:
    merged = merge_lora(tuned(lively(replace(TINY, tie_weights=tied)), layers=layers))
    again, ids = load_model(save_model(merged, tmp_path / "tuned.safetensors")), random_ids(TINY, 9)
    assert torch.equal(again(ids), merged(ids))
    assert merged.config.tie_weights == (tied and "out_head" not in layers)
    assert all(weight.requires_grad for weight in merged.parameters())


def test_merging_does_not_change_the_adapted_model_and_a_plain_one_stays_as_it_is() -> None:
    model, ids = lively(replace(TINY, tie_weights=True)), random_ids(TINY, 9)
    adapted = tuned(model)
    before = adapted(ids)
    merge_lora(adapted)
    assert torch.equal(adapted(ids), before)
    plain = merge_lora(model)
    assert torch.equal(plain(ids), model(ids))
    assert plain.config == model.config


def test_adapters_are_seen_by_a_tap_and_depend_on_the_seed() -> None:
    model, ids, trace = lively(), random_ids(TINY, 9), Trace()
    adapted = tuned(model)
    assert_near(adapted(ids, trace), adapted(ids))
    assert "blocks.1.attn.weights" in trace
    starts = [with_lora(model, 2, seed=seed).out_head.A for seed in (1, 1, 2)]
    assert torch.equal(starts[0], starts[1])
    assert not torch.equal(starts[0], starts[2])


def test_the_chosen_layers_are_found_by_name() -> None:
    model = lively()
    assert len(list(linear_layers(model, LAYERS))) == 6 * TINY.n_layers + 1
    assert [name for name, _ in linear_layers(model, ["ff"])][:2] == [
        "trf_blocks.0.ff.layers.0",
        "trf_blocks.0.ff.layers.2",
    ]


def test_bad_adapters_are_refused_in_a_sentence() -> None:
    model = lively()
    for options, says in (
        ({"rank": 0}, "rank is 0"),
        ({"rank": 2, "alpha": 0.0}, "alpha is 0.0: it must be a number above 0"),
        ({"rank": 2, "alpha": float("nan")}, "alpha is nan"),
        ({"rank": 2, "layers": ()}, "no layer was chosen"),
        ({"rank": 2, "layers": ("W_quary",)}, "choose one of W_query"),
        ({"rank": 2, "seed": -1}, "seed is -1"),
    ):
        with pytest.raises(ValueError, match=says):
            with_lora(model, **options)
    with pytest.raises(ValueError, match="has adapters already"):
        with_lora(with_lora(model, 2), 2)
