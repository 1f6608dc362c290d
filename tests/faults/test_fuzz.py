"""Random files, addresses and settings: read, or refused in a sentence. `make nightly` tries 2,000 each."""

import io
import json
import math
import tempfile
import zipfile
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest

from core.config import TINY, GPTConfig
from core.config_of_file import fields_of, our_config, refuse_other_types
from core.labelled_csv import labelled_csv
from core.layouts import fields_of_shapes, layout_of
from core.numbers import NumberTokenizer
from core.sampling import generate, next_token_probs
from core.text import decode_text
from core.tokenizer import char_tokenizer, word_tokenizer
from core.weights import load_model, save_model
from runs.errors import DamagedError
from runs.known_names import OURS
from runs.offered import unpack
from runs.prepare import prepared
from runs.resume import LAST, load_training, save_training
from runs.training import Training
from runs.vocabularies import checked
from tests.core.checkpoints import save_nanogpt
from tests.core.strategies import SEEDS, configs, lively, random_ids
from tests.core.test_labelled_csv import GOOD
from tests.core.test_tokenizer import GPT2, TRAINED
from tests.pages.conftest import FILES, FRAME, ROOT
from tests.runs.tiny import RECIPE
from views.edits import code_of, edit_of, edits_of
from views.frame.identity import cookie_name, token_of
from views.frame.known_before import streamlit_token
from views.state.path import MOST, read_path

pytestmark = pytest.mark.nightly
SCORES = st.lists(
    st.one_of(
        st.floats(-30, 30, width=32),
        st.sampled_from((0.0, 1.0, 1.5, -math.inf, math.inf, 3e38, -3e38, 1e-45)),
    ),
    min_size=1,
    max_size=12,
)


TEMPERATURES = st.one_of(st.floats(0.01, 10), st.sampled_from((0, 0.0, 1e-45, 5e-324, 1e-12, 1, 1e300)))


TOP_K = st.none() | st.integers(1, 15)


TOP_P = st.none() | st.floats(1e-6, 1) | st.sampled_from((1, 1.0, 5e-324, 0.5))


def naive_probs(scores: list[float], temperature: float, k: int | None, p: float | None) -> list[float]:
    """The contract read aloud, one number at a time; nothing of it is taken from core."""
    best = max(scores)
    if temperature == 0:
        return [float(i == scores.index(best)) for i in range(len(scores))]
    if k is not None:
        kth = sorted(scores, reverse=True)[min(k, len(scores)) - 1]
        scores = [x if x >= kth else -math.inf for x in scores]
    masses = [
        1.0 if x == best else math.exp((x - best) / temperature) if best < math.inf else 0.0 for x in scores
    ]
    probs = [mass / math.fsum(masses) for mass in masses]
    if p is not None:
        kept, so_far = set(), 0.0
        for i in sorted(range(len(probs)), key=lambda i: (-probs[i], i)):
            assume(abs(so_far - p) > 1e-9 or so_far == p)  # on the edge, rounding decides
            if so_far >= p:
                break
            kept.add(i)
            so_far += probs[i]
        probs = [prob / so_far if i in kept else 0.0 for i, prob in enumerate(probs)]
    return probs


@given(SCORES, TEMPERATURES, TOP_K, TOP_P)
@example([math.inf, 1.0, math.inf], 5e-324, None, None)
@example([1.0, 1.0, 0.5], 5e-324, 2, 0.9)
def test_48_and_49_probabilities_are_the_contracts(
    scores: list[float], temperature: float, k: int | None, p: float | None
) -> None:
    assume(max(scores) > -math.inf)
    probs = next_token_probs(torch.tensor(scores), temperature=temperature, top_k=k, top_p=p)
    assert probs.tolist() == pytest.approx(
        naive_probs(torch.tensor(scores).tolist(), temperature, k, p), abs=1e-6
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # no_child is always the same
@given(content=st.binary(max_size=300), name=st.sampled_from(["x.safetensors", "config.json", "x.pth", "x"]))
def test_38_random_bytes_raise_nothing_but_value_errors(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str, no_child: None
) -> None:
    """FAULTS 38."""
    folder = tmp_path_factory.mktemp("random")
    save_file({"wte.weight": torch.ones(3, 768)}, folder / "model.safetensors")
    (folder / name).write_bytes(content)
    with pytest.raises(ValueError, match=r"."):
        load_model(folder if name == "config.json" else folder / name)


@given(data=st.data())
def test_38_a_file_with_random_damage_raises_nothing_but_value_errors(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """FAULTS 38: truncated anywhere, or with bytes of its header changed."""
    path = save_model(lively(TINY), tmp_path_factory.mktemp("damage") / "model.safetensors")
    whole = path.read_bytes()
    length = data.draw(st.integers(0, len(whole) - 1), "length")
    path.write_bytes(whole[:length])
    with pytest.raises(ValueError, match=r"."):
        load_model(path)
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, 1200))] = data.draw(st.integers(0, 255))
    path.write_bytes(changed)
    with suppress(ValueError):
        load_model(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # no_child is always the same
@given(data=st.data())
def test_38_and_40_a_pickled_file_with_random_damage_raises_nothing_but_value_errors(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, no_child: None
) -> None:
    """FAULTS 38, 40: truncated anywhere, or with some bytes changed."""
    path = tmp_path_factory.mktemp("damage") / "ckpt.pt"
    save_nanogpt(path, bias=False)
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1), "length")])
    with suppress(ValueError):
        load_model(path)
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(changed)
    with suppress(ValueError):
        load_model(path)


LINES = st.sampled_from(
    ["a,b", '"', "a;b\t", "text,label", '"x"",y', "\ufeff", "\0,a", "\ud800,b", ",", "1,2,3"]
)


ODD = st.one_of(
    st.text(max_size=200),
    st.text('ab",;\t\n\r ', max_size=200),
    st.lists(LINES, max_size=20).map("\n".join),
    st.text('ab",;\t\n\r ', max_size=40).map(GOOD.__add__),
)


@given(ODD)
def test_8_an_odd_csv_is_read_or_refused_in_a_sentence(text: str) -> None:
    try:
        data = labelled_csv(text)
    except ValueError:
        return
    assert 2 <= len(data.classes) <= 10
    assert all(text.strip() for text in data.texts)


@given(st.text(max_size=60) | st.from_regex(r"[hambvp0-9.@x,-]{0,40}", fullmatch=True))
def test_44_whatever_stands_in_the_address_is_an_edit_or_nothing(text: str) -> None:
    for edit in edits_of(text):
        assert edit_of(code_of(edit)) == edit


TOKENIZERS = {
    "gpt2": GPT2,
    "byte pairs": TRAINED,
    "characters": char_tokenizer("hello world"),
    "words": word_tokenizer("the king had a daughter", unknown=True),
    "numbers": NumberTokenizer(300),
}
WHOLE = st.integers() | st.integers(-3, 400) | st.integers(0, 50_300)


@pytest.mark.parametrize("kind", TOKENIZERS)
@given(ids=st.lists(WHOLE, max_size=12))
def test_12_any_ids_are_text_or_refused_with_the_range(kind: str, ids: list[int]) -> None:
    tokenizer = TOKENIZERS[kind]
    if all(0 <= one < tokenizer.vocab_size for one in ids):
        tokenizer.decode(ids).encode()  # half a character would raise
    else:
        with pytest.raises(ValueError, match=r"not in the vocabulary: ids run from 0 to \d+"):
            tokenizer.decode(ids)


@pytest.mark.parametrize("kind", TOKENIZERS)
@given(text=st.text(st.characters(exclude_categories=()), max_size=40))
def test_4_5_and_7_any_text_is_tokens_or_refused(kind: str, text: str) -> None:
    tokenizer = TOKENIZERS[kind]
    picky = suppress(ValueError) if kind in ("characters", "numbers") else nullcontext()
    with picky:
        pieces = tokenizer.pieces(text)
        assert [piece.id for piece in pieces] == tokenizer.encode(text)
        tokenizer.decode([piece.id for piece in pieces]).encode()


MARKS = st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe\0\0"])


@given(st.binary(max_size=200), MARKS)
def test_8_and_9_any_file_is_text_or_refused(raw: bytes, mark: bytes) -> None:
    with suppress(ValueError):
        text, notice = decode_text(mark + raw)
        text.encode()
        assert bool(notice) == ("\ufffd" in text)


@given(st.text(max_size=80) | st.from_regex(r"[0-9.xNa-]{0,60}", fullmatch=True))
def test_44_any_path_is_read_as_far_as_it_goes(text: str) -> None:
    ids = read_path(text)
    assert len(ids) <= MOST
    assert all(0 <= token < 10**7 for token in ids)
    assert read_path(".".join(map(str, ids))) == ids


COOKIES = st.binary(max_size=80).map(lambda raw: f"2|{raw.hex()}|{raw.hex()}|1")


@given(st.none() | COOKIES | st.text(max_size=200))
def test_45_any_cookie_is_a_person_or_nobody(cookie: str | None) -> None:
    known = streamlit_token(cookie or "")
    assert known is None or len(known) == 16
    assert token_of({cookie_name(): cookie or ""}) is None, "nobody signs by chance"


FACTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("model_type", "n_embd", "n_head", "n_layer", "n_positions", "vocab_size", "activation_function")
NAMES += ("scale_attn_weights", "layer_norm_epsilon", "n_inner", "resid_pdrop", "block_size", "dropout")
SHAPES = {"wte.weight": (40, 24), "wpe.weight": (16, 24), "h.0.attn.c_attn.weight": (24, 72)}


@given(
    st.dictionaries(st.sampled_from(NAMES), FACTS | st.integers(-2, 100), max_size=6),
    st.dictionaries(st.sampled_from(list(SHAPES)), st.lists(st.integers(0, 10**6), max_size=3).map(tuple)),
    st.booleans(),
    st.none() | st.integers(-3, 200),
)
def test_38_and_39_any_description_is_a_config_or_refused(
    facts: dict, shapes: dict, is_nanogpt: bool, heads: int | None
) -> None:
    """What stands in config.json or nanoGPT's model_args, with tables of any shape."""
    with suppress(ValueError):
        refuse_other_types(facts)
        layout = layout_of(SHAPES | shapes, says_nanogpt=is_nanogpt)
        found = GPTConfig(**fields_of_shapes(layout, SHAPES | shapes) | {"n_heads": heads} | fields_of(facts))
        assert found.emb_dim % found.n_heads == 0


@given(st.dictionaries(st.sampled_from(sorted(TINY.__slots__)), FACTS, max_size=4), st.text(max_size=30))
def test_38_any_facts_of_our_own_are_a_config_or_refused(facts: dict, text: str) -> None:
    for written in (json.dumps(facts), text):
        with suppress(ValueError):
            our_config(written)


VOCABULARY = st.fixed_dictionaries(
    {"kind": st.sampled_from(["char", "word", "numbers", "bpe", "bytepairs", "gpt2", "x"]) | FACTS},
    optional={
        "characters": st.text(max_size=5) | FACTS,
        "words": st.lists(st.text(max_size=3), max_size=3) | FACTS,
        "vocab_size": FACTS,
        "merges": st.lists(st.lists(st.sampled_from(["61", "62", "6162", "zz"]), max_size=3)) | FACTS,
        "ranks": st.dictionaries(st.sampled_from(["61", "62", "x"]), FACTS, max_size=3) | FACTS,
        "special": st.dictionaries(st.text(max_size=3), FACTS, max_size=2) | FACTS,
    },
)


@given(VOCABULARY)
@example({"kind": "word", "characters": "0", "words": []})
def test_39_and_46_any_vocabulary_is_a_tokenizer_or_refused(facts: dict) -> None:
    with suppress(ValueError):
        tokenizer = checked(json.loads(json.dumps(facts)))
        assert tokenizer.vocab_size > 0
        with suppress(ValueError):
            tokenizer.encode("a")


@given(data=st.data())
def test_41_and_42_any_zip_is_unpacked_under_our_names_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Odd names and damaged bytes: nothing but files of ours in the folder, and nothing beside it."""
    packed = io.BytesIO()
    names = st.sampled_from(["config.json", "../x.pth", "/abs.pt", "a/model.safetensors", "x.zip"]) | st.text(
        min_size=1, max_size=10
    )
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in data.draw(st.lists(names, max_size=4, unique=True), "names"):
            with suppress(ValueError, IndexError):  # names that not even Python writes
                archive.writestr(name, data.draw(st.binary(max_size=50)))
    damaged = bytearray(packed.getvalue())
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    outside = tmp_path_factory.mktemp("zip")
    folder = outside / "inside"
    folder.mkdir()
    with suppress(ValueError):
        unpack(io.BytesIO(bytes(damaged)), folder)
    assert list(outside.iterdir()) == [folder]
    assert {path.name for path in folder.iterdir()} <= OURS | {"weights.pth", "weights.safetensors"}


@given(data=st.data())
def test_38_any_damage_to_a_run_s_checkpoint_is_a_training_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("run")
    whole = bytearray(checkpoint_bytes())
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(0, 4000))] = data.draw(st.integers(0, 255))
    length = data.draw(st.integers(0, len(whole)), "length")
    (folder / LAST).write_bytes(whole[:length])
    with torch.random.fork_rng(), suppress(DamagedError):
        assert load_training(READY, folder).step >= 0


READY = prepared(replace(RECIPE, train=replace(RECIPE.train, steps=3)))


@cache
def checkpoint_bytes() -> bytes:
    with tempfile.TemporaryDirectory() as folder, torch.random.fork_rng():
        training = Training.begin(READY)
        next(training.events())
        save_training(training, Path(folder))
        return (Path(folder) / LAST).read_bytes()


@given(configs(), st.data(), SEEDS)
def test_48_to_50_any_model_writes_with_any_settings(
    config: GPTConfig, data: st.DataObject, seed: int
) -> None:
    """Also with weights so large that scores are infinite: then a sentence, never a crash of torch."""
    model = lively(config, seed)
    if data.draw(st.booleans(), "wild"):
        with torch.no_grad():
            model.out_head.weight *= 10.0 ** data.draw(st.integers(0, 38), "by")
    prompt = random_ids(config, data.draw(st.integers(1, 20)), seed=seed)[0]
    chosen = {"temperature": data.draw(TEMPERATURES), "top_k": data.draw(TOP_K), "top_p": data.draw(TOP_P)}
    dice = torch.Generator().manual_seed(seed)
    with suppress(ValueError):
        written = list(generate(model, prompt, 5, generator=dice, **chosen))
        assert all(0 <= token < config.vocab_size for token in written)


ADDRESS = [
    "prompt",
    "model",
    "step",
    "layer",
    "head",
    "token",
    "compare",
    "edits",
    "other",
    "present",
]
ADDRESS += ["hide", "path", "attention_view", "sampling_temperature", "tokenizer_encoding", "windows_stride"]
ODD_VALUES = ["NaN", "-1", "1e999", "../..", "true", "[]", "null", "h0.1,b1", "5.17.42", "storyteller", "5 7"]
VALUES = st.text(max_size=20) | st.sampled_from(ODD_VALUES)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(ADDRESS), VALUES, max_size=6))
def test_44_any_address_opens_any_page(file: str, address: dict[str, str]) -> None:
    """The linked state and a page's own controls, by AppTest: a page, and no error on it."""
    page = AppTest.from_string(FRAME.format(root=ROOT, wanted=file, files=FILES), default_timeout=60)
    for key, text in address.items():
        page.query_params[key] = text.encode("utf-8", "replace").decode()
    page.run()
    assert not page.exception
    assert not page.error
    assert len(page.title) == 1
