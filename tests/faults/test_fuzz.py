"""Random files, addresses and settings: read, or refused in a sentence. `make nightly` tries 2,000 each."""

import math
from contextlib import suppress

import pytest
import torch
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from core.config import TINY
from core.labelled_csv import labelled_csv
from core.sampling import next_token_probs
from core.weights import load_model, save_model
from tests.core.checkpoints import save_nanogpt
from tests.core.strategies import lively
from tests.core.test_labelled_csv import GOOD
from views.edits import code_of, edit_of, edits_of

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
    assert probs.tolist() == pytest.approx(naive_probs(scores, temperature, k, p), abs=1e-6)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # no_child is the same for every example
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


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # no_child is the same for every example
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
