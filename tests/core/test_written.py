from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, configs, lively, random_ids

from core.config import TINY, GPTConfig
from core.interventions import Edit, intervene
from core.written import surprises


def one_at_a_time(model, ids, first, tap):
    longest = model.config.context_length
    found = []
    for place in range(first, len(ids)):
        seen = torch.tensor([ids[max(0, place - longest) : place]])
        with torch.inference_mode():
            found.append(-model(seen, tap)[0, -1].double().log_softmax(-1)[ids[place]].item())
    return found


@given(configs(), st.integers(2, 20), SEEDS, st.data())
def test_each_token_costs_what_the_model_gave_it_when_it_stood_there(
    config: GPTConfig, tokens: int, seed: int, data: st.DataObject
) -> None:
    model = lively(config, seed).eval()
    ids = random_ids(config, tokens, seed=seed)[0].tolist()
    first = data.draw(st.integers(1, tokens))
    block_off = intervene(model, [Edit(kind="block", layer=0)])
    for tap in (lambda name, x: x, block_off):
        expected = one_at_a_time(model, ids, first, tap)
        for at_once in (True, False):
            found = surprises(model, ids, first, tap=tap, at_once=at_once)
            assert found.tolist() == pytest.approx(expected, abs=1e-3)
            assert len(found) == tokens - first


def test_a_head_at_its_mean_needs_a_pass_for_each_place() -> None:
    model = lively(replace(TINY, n_layers=1)).eval()
    ids = random_ids(TINY, 10)[0].tolist()
    tap = intervene(model, [Edit(kind="head", layer=0, head=1, by="mean")])
    expected = one_at_a_time(model, ids, 2, tap)
    assert surprises(model, ids, 2, tap=tap, at_once=False).tolist() == pytest.approx(expected, abs=1e-4)
    assert surprises(model, ids, 2, tap=tap).tolist() != pytest.approx(expected, abs=1e-2)


@pytest.mark.parametrize("first", [0, -1, 6])
def test_nothing_stands_before_the_first(first: int) -> None:
    with pytest.raises(ValueError, match="first is"):
        surprises(lively(), [1, 2, 3, 4, 5], first)
