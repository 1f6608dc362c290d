import math
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from itertools import islice, repeat

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from llms_from_scratch.ch04 import GPTModel as BookGPT
from strategies import configs, random_ids

from core.config import TINY, GPTConfig
from core.data import random_batches
from core.gpt import build_model
from core.training import TrainConfig, evaluate, learning_rate_at, make_optimizer, next_token_loss, train
from core.weights import from_book_state

BOOK = {
    "vocab_size": 60,
    "context_length": 16,
    "emb_dim": 32,
    "n_heads": 4,
    "n_layers": 2,
    "drop_rate": 0.0,
    "qkv_bias": False,
}


def batches(n: int, seed: int = 5) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of a text that repeats itself: something to learn."""
    ids = torch.arange(500) ** 2 % BOOK["vocab_size"]
    return list(islice(random_batches(ids, 16, 4, torch.Generator().manual_seed(seed)), n))


def warmup_then_cosine(step: int, config: TrainConfig) -> float:
    """The contract's formula, written out once more."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    if config.schedule == "constant":
        return config.learning_rate
    low, high = config.min_learning_rate, config.learning_rate
    part = (step - config.warmup_steps) / (config.steps - config.warmup_steps)
    return low + (high - low) * (1 + math.cos(math.pi * part)) / 2


def reference_losses(
    model: torch.nn.Module, config: TrainConfig, data: list
) -> tuple[list[float], list[float]]:
    """A plain loop over the book's model with torch's own unfused AdamW."""
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=config.learning_rate,
        betas=config.betas,
        eps=config.eps,
        weight_decay=config.weight_decay,
        fused=False,
        foreach=False,
    )
    losses, norms = [], []
    for step, (inputs, targets) in enumerate(data[: config.steps]):
        for group in optimizer.param_groups:
            group["lr"] = warmup_then_cosine(step, config)
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        loss.backward()
        norms.append(math.sqrt(sum(p.grad.double().pow(2).sum().item() for p in model.parameters())))
        if config.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses, norms


@pytest.mark.parametrize(
    "config",
    [
        TrainConfig(steps=120),
        TrainConfig(
            steps=120,
            learning_rate=3e-3,
            warmup_steps=12,
            schedule="cosine",
            min_learning_rate=1e-4,
            clip_norm=0.5,
            betas=(0.9, 0.95),
            weight_decay=0.3,
        ),
    ],
    ids=["plain", "warm-up, cosine, clipping"],
)
def test_120_losses_are_those_of_a_plain_loop_on_the_books_model(config: TrainConfig) -> None:
    torch.manual_seed(3)
    book = BookGPT(BOOK)
    ours = from_book_state(GPTConfig(**BOOK), book.state_dict())
    data = batches(120)
    events = list(train(ours, data, config))
    losses, norms = reference_losses(book, config, data)
    assert [e.loss for e in events] == pytest.approx(losses, abs=1e-4)
    assert [e.grad_norm for e in events] == pytest.approx(norms, rel=1e-2)
    assert [e.learning_rate for e in events] == pytest.approx(
        [warmup_then_cosine(s, config) for s in range(120)]
    )
    assert [e.step for e in events] == list(range(120))
    assert [e.tokens_seen for e in events] == [64 * (s + 1) for s in range(120)]
    assert losses[-1] < losses[0] - 0.5
    for name, weight in ours.state_dict().items():
        torch.testing.assert_close(weight, book.state_dict()[name], atol=1e-3, rtol=0)


def test_every_parameter_is_decayed() -> None:
    model = build_model(TINY)
    optimizer = make_optimizer(model, TrainConfig())
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.1]
    assert {id(p) for p in optimizer.param_groups[0]["params"]} == {id(p) for p in model.parameters()}


@given(configs(vocab_size=11), st.integers(0, 2**31))
def test_every_config_can_be_trained(config: GPTConfig, seed: int) -> None:
    model = build_model(config, seed)
    ids = random_ids(config, config.context_length + 1, 2, seed)
    before = {name: p.clone() for name, p in model.named_parameters()}
    events = list(train(model, repeat((ids[:, :-1], ids[:, 1:])), TrainConfig(steps=2, learning_rate=1e-3)))
    assert len(events) == 2
    assert all(math.isfinite(e.loss) and math.isfinite(e.grad_norm) for e in events)
    assert any(not torch.equal(before[name], p) for name, p in model.named_parameters())
    if config.tie_weights:
        assert model.out_head.weight is model.tok_emb.weight


def test_the_same_recipe_gives_the_same_weights() -> None:
    config = TrainConfig(steps=5)
    models = [build_model(replace(TINY, drop_rate=0.2), 1) for _ in range(2)]
    for model in models:
        torch.manual_seed(9)
        ids = random_ids(TINY, 9, 4)
        list(train(model, repeat((ids[:, :-1], ids[:, 1:])), config))
    pairs = zip(*(model.parameters() for model in models), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_run_cut_in_two_is_the_whole_run_bit_for_bit() -> None:
    config = TrainConfig(steps=9, warmup_steps=3, schedule="cosine", clip_norm=1.0)
    data = batches(9)
    torch.manual_seed(3)
    state = BookGPT(BOOK).state_dict()
    whole = from_book_state(GPTConfig(**BOOK), state)
    expected = list(train(whole, data, config))

    part = from_book_state(GPTConfig(**BOOK), state)
    optimizer = make_optimizer(part, config)
    events = list(train(part, data[:4], config, optimizer=optimizer))
    resumed = from_book_state(GPTConfig(**BOOK), part.state_dict())
    fresh = make_optimizer(resumed, config)
    fresh.load_state_dict(optimizer.state_dict())
    seen = events[-1].tokens_seen
    events += train(resumed, data[4:], config, optimizer=fresh, first_step=4, tokens_seen=seen)
    assert events == expected
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_training_stops_when_nobody_asks_for_more() -> None:
    model = build_model(TINY)
    ids = random_ids(TINY, 5)
    steps = train(model, repeat((ids[:, :-1], ids[:, 1:])), TrainConfig(steps=10))
    next(steps)
    after_one = model.tok_emb.weight.clone()
    steps.close()
    assert torch.equal(model.tok_emb.weight, after_one)


def test_a_run_ends_with_its_batches() -> None:
    ids = random_ids(TINY, 5)
    assert len(list(train(build_model(TINY), [(ids[:, :-1], ids[:, 1:])] * 3, TrainConfig(steps=10)))) == 3


def test_the_norm_is_measured_before_clipping() -> None:
    ids = random_ids(TINY, 9, 2)
    data = [(ids[:, :-1], ids[:, 1:])]
    norms = [next(train(build_model(TINY), data, TrainConfig(clip_norm=c))).grad_norm for c in (None, 1e-3)]
    assert norms[0] == norms[1] > 1e-3


def test_dropout_works_while_training_and_not_while_evaluating() -> None:
    model = build_model(replace(TINY, drop_rate=0.5))
    ids = random_ids(TINY, 9, 2)
    batch = (ids[:, :-1], ids[:, 1:])
    next(train(model, [batch], TrainConfig()))
    assert model.training
    assert evaluate(model, [batch]) == evaluate(model, [batch])
    assert model.training
    assert not any(p.grad is None for p in model.parameters())


def test_evaluating_is_the_mean_and_changes_nothing() -> None:
    model = build_model(TINY)
    data = [(ids[:, :-1], ids[:, 1:]) for ids in (random_ids(TINY, 9, 2, seed) for seed in (1, 2))]
    losses = [next_token_loss(model(inputs), targets).item() for inputs, targets in data]
    assert evaluate(model, data) == pytest.approx(sum(losses) / 2)
    assert not model.training
    assert all(p.grad is None for p in model.parameters())
    assert math.isnan(evaluate(model, []))


@given(st.integers(1, 50), st.integers(0, 60), st.sampled_from(("constant", "cosine")), st.floats(0, 1e-3))
def test_the_rate_rises_then_falls(steps: int, warmup: int, schedule: str, lowest: float) -> None:
    config = TrainConfig(
        steps=steps, warmup_steps=warmup, schedule=schedule, min_learning_rate=lowest, learning_rate=1e-3
    )
    rates = [learning_rate_at(step, config) for step in range(steps)]
    assert all(0 < rate <= 1e-3 * (1 + 1e-12) for rate in rates)
    assert rates == pytest.approx([warmup_then_cosine(step, config) for step in range(steps)])
    rising, falling = rates[:warmup], rates[warmup:]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)


@given(st.sampled_from(((), (3,), (2, 3), (2, 3, 4))), st.integers(0, 2**31))
def test_the_loss_is_the_mean_surprise_whatever_the_shape(shape: tuple[int, ...], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(*shape, 7, generator=generator)
    targets = torch.randint(7, shape, generator=generator)
    surprise = -logits.log_softmax(-1).gather(-1, targets[..., None])
    torch.testing.assert_close(next_token_loss(logits, targets), surprise.mean())


def test_targets_of_minus_100_do_not_count() -> None:
    logits, targets = (
        torch.randn(2, 3, 7, generator=torch.Generator().manual_seed(1)),
        torch.full((2, 3), -100),
    )
    targets[0, 1] = 4
    torch.testing.assert_close(next_token_loss(logits, targets), next_token_loss(logits[0, 1], targets[0, 1]))


def test_logits_and_targets_must_belong_together() -> None:
    with pytest.raises(ValueError, match="one target a row"):
        next_token_loss(torch.zeros(2, 3, 7), torch.zeros(3, 2, dtype=torch.long))


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"steps": 0}, "steps is 0"),
        ({"warmup_steps": -1}, "warmup_steps is -1"),
        ({"schedule": "linear"}, "constant, cosine"),
        ({"learning_rate": -1.0}, r"learning_rate is -1\.0"),
        ({"learning_rate": math.nan}, "learning_rate is nan"),
        ({"min_learning_rate": math.inf}, "min_learning_rate is inf"),
        ({"weight_decay": -0.1}, "weight_decay"),
        ({"eps": -1e-8}, "eps"),
        ({"betas": (0.9, 1.0)}, "betas"),
        ({"clip_norm": 0.0}, "clip_norm"),
        ({"clip_norm": math.nan}, "clip_norm"),
    ],
)
def test_settings_that_cannot_train_are_refused(wrong: dict, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        TrainConfig(**wrong)


@pytest.mark.parametrize("change", [lambda c: setattr(c, "steps", 3), lambda c: TrainConfig(1e-3)])
def test_settings_are_frozen_and_named(change: Callable[[TrainConfig], object]) -> None:
    with pytest.raises((FrozenInstanceError, TypeError)):
        change(TrainConfig())


def test_ids_of_32_bits_will_do() -> None:
    ids = torch.arange(8, dtype=torch.int32)[None]
    (event,) = train(build_model(TINY), [(ids, ids)], TrainConfig())
    (same,) = train(build_model(TINY), [(ids.long(), ids.long())], TrainConfig())
    assert event == same
