"""Memory: models and looks within so many bytes, each made once for all who ask."""

import threading
import time
from pathlib import Path

import pytest
import torch

from core.config import GPT2_SMALL, GPTConfig
from core.gpt import build_model, parameter_count
from core.numbers import NumberTokenizer
from core.tokenizer import char_tokenizer, load_tokenizer, word_tokenizer
from core.weights import load_model, save_model
from runs.budget import BudgetError, check_budget
from views.cache import guard
from views.cache.guard import Kept, model_bytes
from views.look import Look, look_bytes, most_tokens, traced
from views.prompt import read_prompt
from views.vocabulary import pieces, row_names, text_of, token_texts

CONFIG = GPTConfig(vocab_size=60, context_length=24, emb_dim=16, n_heads=2, n_layers=3, tie_weights=True)


def kept(limit: int) -> Kept[bytes]:
    return Kept(lambda: limit, len)


def test_what_was_used_longest_ago_goes_first():
    things = kept(10)
    for key in "abc":
        things.get(key, lambda: bytes(3))
    things.get("a", lambda: pytest.fail("it is there"))
    things.get("d", lambda: bytes(3))
    assert list(things.things) == ["c", "a", "d"]
    assert things.bytes() == 9


def test_what_is_larger_than_all_is_given_and_not_kept():
    things = kept(10)
    things.get("small", lambda: bytes(5))
    assert len(things.get("giant", lambda: bytes(11))) == 11
    assert list(things.things) == ["small"]


def test_what_nobody_asks_for_in_a_while_goes(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(guard, "monotonic", lambda: now[0])
    things = Kept(lambda: 100, len, idle=60)
    for key in "ab":
        things.get(key, lambda: bytes(3))
    now[0] += 50
    things.get("a", lambda: pytest.fail("it is there"))
    now[0] += 50  # b was not asked for in 100 seconds, a was 50 ago
    things.get("c", lambda: bytes(3))
    assert list(things.things) == list(things.asked) == ["a", "c"]
    now[0] += 70
    assert things.get("c", lambda: bytes(4)) == bytes(4)
    assert things.bytes() == 4


def test_room_is_made_before_a_thing_is_made():
    things = kept(10)
    things.get("a", lambda: bytes(8))
    things.get("b", lambda: bytes(8 - things.bytes()), expected=8)
    assert things.bytes() == 8


def test_thirty_people_who_ask_at_once_wait_for_one_to_make_it():
    things, made, got = kept(10**6), [], []

    def make() -> bytes:
        made.append(threading.get_ident())
        time.sleep(0.05)
        return bytes(1000)

    people = [threading.Thread(target=lambda: got.append(things.get("model", make))) for _ in range(30)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(made) == 1
    assert len({id(thing) for thing in got}) == 1


def test_a_failure_is_not_kept():
    things = kept(10)

    def fail() -> bytes:
        raise ValueError("damaged")

    for _ in range(2):
        with pytest.raises(ValueError, match="damaged"):
            things.get("a", fail)
    assert things.get("a", lambda: b"whole") == b"whole"
    assert not things.making


@pytest.mark.parametrize("tied", [True, False])
def test_a_models_bytes_are_its_parameters_tied_ones_once(tmp_path: Path, tied: bool):
    config = GPTConfig(vocab_size=60, emb_dim=16, n_heads=2, n_layers=2, tie_weights=tied)
    model = build_model(config)
    assert model_bytes(model) == 4 * parameter_count(config)
    mapped = load_model(save_model(model, tmp_path / "model.safetensors"))
    assert 4 * parameter_count(config) <= model_bytes(mapped) <= 4 * parameter_count(config) + 4096


def resident() -> int:
    """Bytes of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_many_models_in_a_row_leave_memory_flat(tmp_path: Path):
    config = GPTConfig(vocab_size=4000, emb_dim=256, n_heads=4, n_layers=4, tie_weights=True)
    size = 4 * parameter_count(config)  # 17 MB
    files = [save_model(build_model(config, seed), tmp_path / f"{seed}.safetensors") for seed in range(12)]
    models = Kept(lambda: 4 * size + 10**6, model_bytes)
    ids, levels = torch.arange(20)[None], []
    for path in files:
        with torch.inference_mode():
            models.get(path, lambda path=path: load_model(path), size)(ids)
        levels.append(resident())
    assert models.bytes() <= 4 * size + 10**6
    assert max(levels[5:]) - levels[4] < size


def test_a_looks_bytes_are_known_before_it_is_made():
    for tokens in (1, 7, 24):
        seen = traced(build_model(CONFIG), Look("any"), tuple(range(tokens)))
        assert seen.nbytes == pytest.approx(look_bytes(CONFIG, tokens), rel=0.02)


def test_a_long_text_is_cut_to_what_a_look_has_room_for():
    longest = most_tokens(GPT2_SMALL, 256 * 2**20)
    assert 100 < longest < 1024
    assert look_bytes(GPT2_SMALL, longest) <= 256 * 2**20 < look_bytes(GPT2_SMALL, longest + 1)
    assert most_tokens(CONFIG, 256 * 2**20) == 24
    assert most_tokens(CONFIG, 1) == 1
    prompt = read_prompt("a b " * 900, load_tokenizer("gpt2"), 1024, longest)
    assert len(prompt.pieces) == longest
    assert f"has room for {longest}" in prompt.notices[0]


def test_a_model_too_large_for_this_server_is_refused_with_the_sum(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GLASSBOX_MODEL_BYTES", str(200 * 2**20))
    with pytest.raises(BudgetError, match=r"163,009,536 parameters x 4 bytes = 622 MiB.* 200 MiB"):
        check_budget(GPT2_SMALL)


TOKENIZERS = (load_tokenizer("gpt2"), char_tokenizer("abc"), word_tokenizer("a b c"), NumberTokenizer(5))


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=lambda one: one.name)
def test_rows_without_a_token_are_shown_as_their_number(tokenizer):
    beyond = tokenizer.vocab_size + 3
    assert token_texts(tokenizer, [beyond]) == [f"#{beyond}"]
    assert row_names(tokenizer, beyond + 1)[-1] == f"#{beyond}"
    assert [piece.text for piece in pieces(tokenizer, [1, beyond])][1] == f"#{beyond}"
    assert f"#{beyond}" in text_of(tokenizer, [1, beyond])
    assert tokenizer.decode([1, 2]) in text_of(tokenizer, [1, 2])
    assert text_of(tokenizer, []).strip() == ""


def test_a_prompt_of_numbers_leaves_out_what_is_none():
    prompt = read_prompt("the 4 kings 2, 77 and 1", NumberTokenizer(5), 16)
    assert prompt.ids == (4, 2, 1)
    assert "knows 5 numbers" in prompt.notices[0]
