"""The properties of FAULTS.md: what holds for every model, text and recipe."""

import itertools
import math
from itertools import repeat

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from core.attention import causal_scores
from core.config import TINY, GPTConfig
from core.gpt import GPTModel, build_model, parameter_count
from core.kv_cache import KVCache
from core.sampling import next_token_probs
from core.tokenizer import BytePairTokenizer, char_tokenizer
from core.trace import Trace
from core.training import TrainConfig, evaluate, next_token_loss, train
from core.weights import from_book_state, load_model, save_model
from runs import resume
from runs.errors import DamagedError
from runs.prepare import prepared
from runs.resume import LAST, save_training
from runs.training import Training
from tests.core.strategies import SEEDS, assert_near, configs, lively, random_ids
from tests.core.test_attention import random_heads
from tests.core.test_tokenizer import ANY_TEXT, GPT2, TRAINED
from tests.faults.at_work import finish
from tests.faults.test_fuzz import SCORES, TEMPERATURES, TOP_K, TOP_P
from tests.runs.test_resume import assert_same, train_to
from tests.runs.test_worker import assert_equals
from tests.runs.tiny import ENDED, RECIPE, wait_for_state


@pytest.mark.parametrize("tokenizer", [GPT2, TRAINED], ids=["gpt2", "trained"])
@given(text=ANY_TEXT)
def test_property_round_trip_of_byte_pairs(tokenizer: BytePairTokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert all(0 <= token_id < tokenizer.vocab_size for token_id in ids)
    assert tokenizer.decode(tokenizer.encode(text, special=True)) == text


@given(ANY_TEXT)
def test_property_round_trip_of_characters(text: str) -> None:
    tokenizer = char_tokenizer(text)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert len(ids) == len(text)
    assert tokenizer.vocab_size == len(set(text))
    assert tokenizer.characters == sorted(set(text))


@given(configs(causal=True), st.data(), SEEDS)
def test_property_causal_no_token_sees_the_future(config: GPTConfig, data: st.DataObject, seed: int) -> None:
    model, ids = lively(config, seed), random_ids(config, config.context_length, seed=seed)
    t = data.draw(st.integers(0, config.context_length - 1))
    changed = ids.clone()
    changed[0, t] = (ids[0, t] + 1) % config.vocab_size
    for tap in ({}, {"tap": Trace()}):
        assert torch.equal(model(ids, **tap)[:, :t], model(changed, **tap)[:, :t])


@given(st.integers(0, TINY.context_length - 1), SEEDS)
def test_property_causal_every_token_is_seen_from_itself_on(t: int, seed: int) -> None:
    model, ids = lively(TINY, seed), random_ids(TINY, TINY.context_length, seed=seed)
    changed = ids.clone()
    changed[0, t] = (ids[0, t] + 1) % TINY.vocab_size
    moved = (model(ids) != model(changed)).any(dim=-1)[0]
    assert moved.tolist() == [i >= t for i in range(TINY.context_length)]


@given(configs(), SEEDS)
def test_property_watching_changes_nothing(config: GPTConfig, seed: int) -> None:
    model, ids = lively(config, seed), random_ids(config, config.context_length, 2, seed)
    assert_near(model(ids, Trace()), model(ids))


@given(configs(causal=True), st.data(), SEEDS)
def test_property_cache_equals_the_full_forward(config: GPTConfig, data: st.DataObject, seed: int) -> None:
    n_tokens = data.draw(st.integers(1, config.context_length))
    cuts = sorted({0, n_tokens, *data.draw(st.lists(st.integers(0, n_tokens), max_size=4))})
    model, ids = lively(config, seed), random_ids(config, n_tokens, 2, seed)
    cache = KVCache(config, batch_size=2)
    parts = [model(ids[:, a:b], cache=cache) for a, b in itertools.pairwise(cuts)]
    assert cache.length == n_tokens
    assert_near(torch.cat(parts, dim=1), model(ids))


@given(configs(), SEEDS)
def test_property_batch_of_two_is_two_of_one(config: GPTConfig, seed: int) -> None:
    model, ids = lively(config, seed), random_ids(config, config.context_length, 2, seed)
    both = model(ids)
    assert_near(both, torch.cat([model(ids[:1]), model(ids[1:])]))


@given(configs(causal=True), st.data(), SEEDS)
def test_property_batch_right_padding_does_not_change_the_prefix(
    config: GPTConfig, data: st.DataObject, seed: int
) -> None:
    length = data.draw(st.integers(1, config.context_length))
    model, ids = lively(config, seed), random_ids(config, config.context_length, seed=seed)
    assert_near(model(ids)[:, :length], model(ids[:, :length]))


@given(configs())
def test_property_counts_parameter_count_is_the_sum_of_numel(config: GPTConfig) -> None:
    assert parameter_count(config) == sum(p.numel() for p in GPTModel(config).parameters())


@given(configs(vocab_size=200, norm="pre"), SEEDS)
def test_property_counts_an_untrained_model_is_as_unsure_as_it_can_be(config: GPTConfig, seed: int) -> None:
    ids = random_ids(config, config.context_length + 1, 8, seed)
    loss = next_token_loss(build_model(config, seed)(ids[:, :-1]), ids[:, 1:])
    assert loss.item() == pytest.approx(math.log(200), abs=0.1)


@given(configs(), SEEDS)
def test_property_counts_tied_weights_share_storage(config: GPTConfig, seed: int) -> None:
    for model in (GPTModel(config), from_book_state(config, lively(config, seed).state_dict())):
        shared = model.out_head.weight.data_ptr() == model.tok_emb.weight.data_ptr()
        assert shared == config.tie_weights


@given(SCORES, TEMPERATURES, TOP_K, TOP_P)
def test_property_sampling_probabilities_are_probabilities(
    scores: list[float], temperature: float, k: int | None, p: float | None
) -> None:
    assume(max(scores) > -math.inf)
    logits = torch.tensor(scores)
    before = logits.clone()
    probs = next_token_probs(logits, temperature=temperature, top_k=k, top_p=p)
    assert torch.equal(logits, before)
    assert probs.shape == logits.shape
    assert probs.dtype == logits.dtype
    assert (probs >= 0).all()
    assert probs.sum().item() == pytest.approx(1, abs=1e-6)
    unshortened = next_token_probs(logits, temperature=temperature, top_k=k)
    assert unshortened[logits.argmax()] == unshortened.max()
    assert probs[unshortened.argmax()] == probs.max()
    if k is not None and len(set(scores)) == len(scores):
        assert (probs > 0).sum() <= k
    kept = [i for i in logits.argsort(stable=True).tolist() if probs[i] > 0]
    assert probs[kept].tolist() == sorted(probs[kept].tolist())  # the order is kept
    torch.multinomial(probs, 1)  # and torch can draw from it


@given(st.lists(st.integers(-300, 300), min_size=1, max_size=12, unique=True))
def test_property_sampling_a_temperature_near_zero_is_argmax(tenths: list[int]) -> None:
    logits = torch.tensor(tenths) / 10
    argmax = next_token_probs(logits, temperature=0)
    assert argmax.tolist() == torch.nn.functional.one_hot(logits.argmax(), len(logits)).tolist()
    for temperature in (1e-4, 1e-45, 5e-324):
        assert torch.equal(next_token_probs(logits, temperature=temperature), argmax)


@given(st.integers(1, 9), SEEDS)
def test_property_rows_sum_to_1_and_the_future_weighs_exactly_0(n: int, seed: int) -> None:
    weights = causal_scores(*random_heads(n, n, seed)).softmax(dim=-1)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, n), atol=1e-6, rtol=0)
    assert torch.equal(weights.triu(diagonal=1), torch.zeros_like(weights))
    assert (weights >= 0).all()


@given(configs(), SEEDS)
def test_property_fused_equals_explicit_for_every_switch(config: GPTConfig, seed: int) -> None:
    attention = lively(config, seed).trf_blocks[0].att
    x = torch.randn(2, config.context_length, config.emb_dim, generator=torch.Generator().manual_seed(seed))
    assert_near(attention(x), attention(x, Trace()))


@given(configs(), SEEDS)
def test_property_saved_and_loaded_is_bit_equal(
    tmp_path_factory: pytest.TempPathFactory, config: GPTConfig, seed: int
) -> None:
    model = lively(config, seed)
    path = save_model(model, tmp_path_factory.mktemp("save") / "model.safetensors")
    again = load_model(path)
    assert again.config == config
    assert again.state_dict().keys() == model.state_dict().keys()
    assert all(torch.equal(x, again.state_dict()[name]) for name, x in model.state_dict().items())
    assert [p.name for p in path.parent.iterdir()] == ["model.safetensors"]


def test_property_counts_one_batch_can_be_memorised() -> None:
    model, ids = build_model(TINY), random_ids(TINY, 17, 2)
    batch = (ids[:, :-1], ids[:, 1:])
    events = list(train(model, repeat(batch), TrainConfig(steps=120, learning_rate=1e-2, weight_decay=0.0)))
    assert events[0].loss == pytest.approx(math.log(TINY.vocab_size), abs=0.1)
    assert evaluate(model, [batch]) < 0.05


@pytest.mark.parametrize("step", [0, 1, 77, 199])
def test_property_saved_and_resumed_is_bit_for_bit(step, tmp_path, uninterrupted):
    losses, weights = uninterrupted
    training = Training.begin(prepared(RECIPE))
    assert train_to(training, step) == losses[:step]
    save_training(training, tmp_path)
    rest, resumed = finish(tmp_path)
    assert rest == losses[step:]
    assert_same(weights, resumed)


@pytest.mark.parametrize("left_out", ["random.torch", "random.data", "optimizer."])
def test_property_left_out_everything_in_the_checkpoint_is_needed(
    left_out, tmp_path, uninterrupted, monkeypatch
):
    losses, _ = uninterrupted
    training = Training.begin(prepared(RECIPE))
    train_to(training, 77)
    save_training(training, tmp_path)
    fresh = resume.tensors_of(Training.begin(prepared(RECIPE)))  # what a process has that did not get it back
    tensors, facts = resume.read_checkpoint(tmp_path / LAST)
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith(left_out)}
    kept |= {name: tensor for name, tensor in fresh.items() if name.startswith(left_out)}
    monkeypatch.setattr(resume, "read_checkpoint", lambda path: (kept, facts))
    if left_out == "optimizer.":  # a fresh one remembers nothing: that can be seen, and is refused
        with pytest.raises(DamagedError, match="optimizer"):
            finish(tmp_path)
        return
    rest, _ = finish(tmp_path)
    assert rest != losses[77:]


def test_property_same_recipe_another_process_trains_the_same_weights(live, recipe, uninterrupted):
    run_id = live.start(recipe, "ada")
    status = wait_for_state(live, run_id, *ENDED)
    assert (status.state, status.step) == ("done", 200)
    assert_equals(live, run_id, uninterrupted)
