import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near, configs, lively, random_ids

from core.config import TINY, GPTConfig
from core.gpt import GPTModel, build_model
from core.losses import token_losses
from core.roles import (
    EVEN,
    FEWEST_TEXTS,
    LARGEST_ERROR,
    MOST_TEXTS,
    PLACES,
    ROLES,
    SHORTEST_CONTEXT,
    STANDS_OUT,
    HeadScores,
    diffuse_score,
    even_attention,
    first_token_score,
    head_scores,
    induction_score,
    itself_score,
    looks_like,
    pattern_scores,
    previous_token_score,
    repeated_random_ids,
)
from core.training import next_token_loss

LENGTHS = st.integers(2, 24)
PERIODS = st.integers(SHORTEST_CONTEXT // 2, 24)


def looking_back(length: int, steps: int) -> torch.Tensor:
    """Weights of a head that always looks `steps` back, or at the first token if there is none: (T, T)."""
    weights = torch.zeros(length, length)
    for token in range(length):
        weights[token, max(0, token - steps)] = 1.0
    return weights


def even(length: int) -> torch.Tensor:
    """Weights of a head that looks at everything up to now evenly: (T, T)."""
    return torch.ones(length, length).tril() / torch.arange(1, length + 1)[:, None]


def handmade(role: str, period: int) -> torch.Tensor:
    """Weights of a head that plays nothing but this role: (T, T)."""
    steps = {"previous token": 1, "first token": 2 * period, "itself": 0, "induction": period - 1}
    return even(2 * period) if role == "diffuse" else looking_back(2 * period, steps[role])


def role_of(weights: torch.Tensor, period: int, causal: bool = True) -> tuple[str, float] | None:
    """What a head with these weights (T, T) looks like."""
    chance = pattern_scores(even_attention(2 * period, causal), period, causal)
    return looks_like(numbers(pattern_scores(weights, period, causal)), numbers(chance))


def numbers(scores: dict[str, torch.Tensor]) -> dict[str, float]:
    return {role: score.item() for role, score in scores.items()}


@given(st.integers(1, 300), st.integers(1, 40), SEEDS)
def test_random_ids_come_twice(vocab_size: int, half: int, seed: int) -> None:
    ids = repeated_random_ids(vocab_size, half, seed)
    assert ids.shape == (2 * half,)
    assert ids.dtype == torch.long
    assert torch.equal(ids[:half], ids[half:])
    assert ids.min() >= 0
    assert ids.max() < vocab_size
    assert torch.equal(ids, repeated_random_ids(vocab_size, half, seed))
    if half <= vocab_size:
        assert len(ids.unique()) == half  # one place to look each token up


def test_another_seed_gives_other_ids_and_leaves_torchs_own_dice_alone() -> None:
    state = torch.random.get_rng_state()
    assert not torch.equal(repeated_random_ids(1000, 8, seed=1), repeated_random_ids(1000, 8, seed=2))
    assert torch.equal(torch.random.get_rng_state(), state)


@given(LENGTHS)
def test_a_head_that_looks_one_back_scores_one(length: int) -> None:
    assert previous_token_score(looking_back(length, 1)) == 1.0
    assert previous_token_score(torch.eye(length)) == 0.0


@given(LENGTHS)
def test_an_even_head_scores_what_chance_gives(length: int) -> None:
    chances = [1 / (token + 1) for token in range(length)]
    assert_near(previous_token_score(even(length)), torch.tensor(sum(chances[1:]) / (length - 1)))
    everywhere = torch.full((2 * length, 2 * length), 1 / (2 * length))
    assert_near(previous_token_score(everywhere), torch.tensor(1 / (2 * length)))
    assert_near(induction_score(everywhere, length), torch.tensor(1 / (2 * length)))


@given(LENGTHS)
def test_a_head_that_looks_up_what_came_next_scores_one(period: int) -> None:
    weights = looking_back(2 * period, period - 1)
    assert induction_score(weights, period) == 1.0
    assert induction_score(looking_back(2 * period, period), period) == 0.0  # the token itself, last time


def test_only_tokens_that_come_again_count() -> None:
    weights = looking_back(8, 3)
    weights[:4] = 0.0
    assert induction_score(weights, 4) == 1.0


@given(LENGTHS)
def test_heads_are_scored_one_by_one(period: int) -> None:
    weights = torch.stack([looking_back(2 * period, period - 1), even(2 * period)])  # (H, T, T)
    batch = torch.stack([weights, weights.flip(0)])  # (B, H, T, T)
    scores = induction_score(batch, period)
    assert scores.shape == (2, 2)
    assert torch.equal(scores[0], scores[1].flip(0))
    assert scores[0, 0] == 1.0
    assert previous_token_score(batch).shape == (2, 2)


@pytest.mark.parametrize("role", ROLES)
@given(period=PERIODS)
def test_a_head_made_for_a_role_scores_one_and_looks_like_it(role: str, period: int) -> None:
    name, score = role_of(handmade(role, period), period)
    assert name == role
    assert score == pytest.approx(1, abs=1e-6)


@given(PERIODS)
def test_an_even_head_is_diffuse_with_and_without_a_mask(period: int) -> None:
    everywhere = torch.full((2 * period, 2 * period), 1 / (2 * period))
    assert torch.equal(even_attention(2 * period, causal=False), everywhere)
    assert torch.equal(even_attention(2 * period), even(2 * period))
    assert diffuse_score(everywhere, causal=False) == pytest.approx(1)
    assert role_of(everywhere, period, causal=False)[0] == "diffuse"
    assert all(diffuse_score(handmade(role, period)) == 0 for role in PLACES)


@given(PERIODS, st.floats(0, 1), SEEDS)
def test_any_weights_score_from_0_to_1_in_any_company(period: int, sharpness: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    raw = torch.randn(3, 2, 2 * period, 2 * period, generator=generator) * 100**sharpness
    causal = seed % 2 == 0
    weights = (raw.masked_fill(even(2 * period) == 0, -math.inf) if causal else raw).softmax(-1)
    scores = pattern_scores(weights, period, causal)
    assert list(scores) == list(ROLES)
    for role, score in scores.items():
        assert score.shape == (3, 2)
        assert ((score >= 0) & (score <= 1 + 1e-6)).all()
        assert_near(score[1, 0], pattern_scores(weights[1, 0], period, causal)[role])


@given(PERIODS, st.floats(0, 1))
def test_a_head_that_rests_on_the_first_token_is_named_by_what_it_does_when_it_can(
    period: int, share: float
) -> None:
    """From a sink to an induction head: the larger part names it; of equals in a short text, neither."""
    weights = handmade("first token", period)
    weights[period:] *= 1 - share
    weights[period:] += share * handmade("induction", period)[period:]
    if abs(share - 0.5) > 0.05:
        assert role_of(weights, period)[0] == ("induction" if share > 0.5 else "first token")


@given(st.floats(0, 1))
def test_a_place_is_named_from_four_tenths_on(share: float) -> None:
    weights = share * handmade("itself", 16) + (1 - share) * even(32)
    if abs(share - STANDS_OUT) > 1e-3 and abs(diffuse_score(weights) - EVEN) > 1e-3:
        found = role_of(weights, 16)
        if share > STANDS_OUT:
            assert found[0] == "itself"
        else:
            assert found == (("diffuse", diffuse_score(weights)) if diffuse_score(weights) > EVEN else None)


def test_wild_weights_have_no_role() -> None:
    assert role_of(torch.full((32, 32), math.nan), 16) is None


@pytest.mark.parametrize(
    "ask",
    [
        lambda: previous_token_score(torch.ones(1, 1)),
        lambda: induction_score(even(8), 8),
        lambda: induction_score(even(8), 0),
        lambda: first_token_score(even(4), 4),
        lambda: itself_score(even(4), 0),
        lambda: diffuse_score(even(1)),
        lambda: repeated_random_ids(0, 4),
        lambda: repeated_random_ids(50, 0),
        lambda: repeated_random_ids(50, 4, seed=-1),
        lambda: head_scores(lively(replace(TINY, context_length=3))),
        lambda: token_losses(lively(), torch.tensor([1])),
        lambda: token_losses(lively(), torch.zeros(1, 5, dtype=torch.long)),
    ],
)
def test_what_cannot_be_measured_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|need|more|short"):
        ask()


@given(configs(), SEEDS)
def test_every_head_of_every_model_gets_all_scores(config: GPTConfig, seed: int) -> None:
    scores = head_scores(lively(replace(config, context_length=max(4, config.context_length)), seed))
    assert isinstance(scores, HeadScores)
    assert list(scores.chance) == list(ROLES)
    for found in (scores.previous_token, scores.induction, *map(scores.of, ROLES)):
        assert found.shape == (config.n_layers, config.n_heads)
        assert ((found >= 0) & (found <= 1 + 1e-6)).all()
        assert not found.requires_grad
    names = scores.roles
    assert [len(row) for row in names] == [config.n_heads] * config.n_layers
    for layer, row in enumerate(names):
        for head, name in enumerate(row):
            assert name is None or name[1] == scores.at(layer, head)[name[0]]


@pytest.mark.parametrize("seed", [1, 2])
def test_enough_texts_are_averaged_for_the_error(seed: int) -> None:
    """Two sets of texts then differ by no more than their errors allow; eight texts differed by 0.2."""
    model = sharp(seed)
    one, other = head_scores(model, seed=1), head_scores(model, seed=10_001)
    for scores in (one, other):
        assert FEWEST_TEXTS <= scores.texts <= MOST_TEXTS
        assert scores.largest_error <= LARGEST_ERROR
    for role in ROLES:
        apart = (one.of(role) - other.of(role)).abs()
        assert (apart <= 5 * (one.errors[role] ** 2 + other.errors[role] ** 2).sqrt() + 1e-5).all()


def sharp(seed: int) -> GPTModel:
    """A model whose heads look at few tokens, each at others: its scores vary from text to text."""
    model = lively(replace(TINY, context_length=64, vocab_size=200), seed)
    with torch.no_grad():
        for block in model.trf_blocks:
            block.att.W_query.weight.mul_(30)
    return model


def test_more_texts_are_read_where_scores_vary_more() -> None:
    untrained = build_model(replace(TINY, context_length=64, vocab_size=200), 1)
    assert head_scores(untrained).texts == FEWEST_TEXTS < head_scores(sharp(1)).texts


def test_a_model_too_large_for_all_texts_says_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = head_scores(sharp(1))
    monkeypatch.setattr("core.roles.MOST_WORK", 1.0)
    rough = head_scores(sharp(1))
    assert rough.texts == 16 < exact.texts
    assert rough.largest_error > exact.largest_error


@pytest.mark.parametrize(("context_length", "repeat", "half"), [(64, 16, 16), (64, 24, 24), (20, 16, 10)])
def test_scores_know_after_how_many_tokens_the_text_came_again(context_length, repeat, half) -> None:
    model = build_model(replace(TINY, context_length=context_length), 1)
    scores = head_scores(model, repeat=repeat)
    assert scores.repeat == half
    assert scores.chance["induction"] == pytest.approx(induction_score(even(2 * half), half).item())


def test_beyond_chance_is_0_for_an_even_head_and_1_for_all_attention() -> None:
    chance = dict.fromkeys(ROLES, 0.1)
    errors = {role: torch.full((1, 3), 0.02) for role in ROLES}
    scores = HeadScores(*[torch.tensor([[0.1, 1.0, 0.47]])] * 5, chance=chance, errors=errors)
    assert list(scores.beyond(0, 0).values()) == pytest.approx([0.0] * 4, abs=1e-6)
    assert list(scores.beyond(0, 1).values()) == pytest.approx([1.0] * 4, abs=1e-6)
    assert scores.named_from("induction") == pytest.approx(0.46)
    assert [scores.undecided(0, head) for head in range(3)] == [False, False, True]
    assert scores.best("induction") == (0, 1)
    assert scores.error("induction", 0, 2) == pytest.approx(0.02)


def test_a_score_stands_under_its_own_name() -> None:
    scores = head_scores(lively())
    assert torch.equal(scores.of("previous token"), scores.previous_token)
    assert torch.equal(scores.of("induction"), scores.induction)


@pytest.mark.parametrize("position", ["learned", "rotary", "none"])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("context_length", "vocab_size"), [(SHORTEST_CONTEXT, 4), (32, 20), (128, 2048)])
@pytest.mark.parametrize("seed", range(5))
def test_an_untrained_model_has_no_roles(
    position: str, causal: bool, context_length: int, vocab_size: int, seed: int
) -> None:
    """No head looks at one place; every head looks at everything, almost evenly."""
    sizes = {"vocab_size": vocab_size, "context_length": context_length, "emb_dim": 64, "n_heads": 4}
    scores = head_scores(build_model(GPTConfig(**sizes, position=position, causal=causal, n_layers=3), seed))
    assert all((scores.of(role) - scores.chance[role]).max() < 0.1 for role in PLACES)
    assert all(name[0] == "diffuse" for row in scores.roles for name in row)


def test_a_head_built_to_look_back_is_found() -> None:
    """Positions alone, written so large that the right head must look one token back."""
    config = GPTConfig(vocab_size=20, context_length=8, emb_dim=16, n_heads=2, n_layers=1, norm="none")
    model = GPTModel(config)
    with torch.no_grad():
        model.tok_emb.weight.zero_()
        model.pos_emb.weight.copy_(torch.eye(8, 16))
        for matrix in (model.trf_blocks[0].att.W_query.weight, model.trf_blocks[0].att.W_key.weight):
            matrix.zero_()
        model.trf_blocks[0].att.W_key.weight[8:, :8] = 100 * torch.eye(8)
        model.trf_blocks[0].att.W_query.weight[8:, :8] = torch.eye(8).roll(-1, 0)  # asks for its neighbour
    scores = head_scores(model).previous_token[0]
    assert scores[1] > 0.99
    assert scores[0] < 0.5


@pytest.mark.parametrize("training", [True, False])
def test_measuring_leaves_no_mark_on_the_model(training: bool) -> None:
    model = GPTModel(replace(TINY, drop_rate=0.5)).train(training)
    before = {name: x.clone() for name, x in model.state_dict().items()}
    first, second = head_scores(model), head_scores(model)
    assert torch.equal(first.induction, second.induction)  # no dropout, though the model is in training
    losses = token_losses(model, random_ids(TINY, 9)[0])
    assert torch.equal(losses, token_losses(model, random_ids(TINY, 9)[0]))
    with pytest.raises(ValueError, match="shorten"):
        token_losses(model, torch.zeros(99, dtype=torch.long))
    assert all(module.training == training for module in model.modules())
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


@given(configs(), SEEDS)
def test_the_mean_of_the_single_losses_is_the_loss(config: GPTConfig, seed: int) -> None:
    model = lively(config, seed).eval()
    ids = torch.cat([random_ids(config, config.context_length, seed=seed), torch.zeros(1, 1).long()], dim=1)[
        0
    ]
    losses = token_losses(model, ids)
    assert losses.shape == (len(ids) - 1,)
    with torch.no_grad():
        assert_near(losses.mean(), next_token_loss(model(ids[None, :-1]), ids[None, 1:]))


def test_guessing_costs_the_logarithm_of_the_vocabulary() -> None:
    losses = token_losses(GPTModel(TINY), random_ids(TINY, 12)[0])
    assert_near(losses, torch.full((11,), math.log(TINY.vocab_size)), tolerance=0.1)
