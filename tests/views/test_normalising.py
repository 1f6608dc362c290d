"""What a norm reads is found in models of every kind, and the page's numbers are the model's own."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.config import NORMS, GPTConfig
from core.gpt import GPTModel
from tests.core.strategies import lively
from views import cache, normalising
from views.look import Look, traced
from views.normalising import BOOK, PLACES, Settings, normed, sentence

IDS = (3, 1, 4, 1, 5)


def seen_here(
    monkeypatch: pytest.MonkeyPatch, norm: str, residual: bool = True
) -> tuple[GPTModel, SimpleNamespace]:
    """A small model, and a stand-in for where everybody looks."""
    config = GPTConfig(
        vocab_size=9,
        context_length=8,
        emb_dim=12,
        n_heads=3,
        n_layers=2,
        drop_rate=0.0,
        norm=norm,
        residual=residual,
    )
    model, look = lively(config), Look("a test's own")
    monkeypatch.setattr(cache, "model_of", lambda _: model)
    monkeypatch.setattr(cache, "look_inside", lambda _, ids: traced(model, look, ids))
    return model, SimpleNamespace(config=config, look=look, prompt=SimpleNamespace(ids=IDS), layer=1, token=2)


@pytest.mark.parametrize("norm", ["pre", "post"])
@pytest.mark.parametrize("residual", [True, False])
def test_what_enters_a_norm_comes_out_as_the_model_has_it(monkeypatch, norm: str, residual: bool) -> None:
    _, here = seen_here(monkeypatch, norm, residual)
    seen = normalising.inside(here)
    for place in ("norm1", "norm2", *(["final_norm"] if norm == "pre" else [])):
        x = normalising.entering(seen, here.config, 1, place)
        own = normalising.own_settings(here, 1, place, Settings())
        name = place if place == "final_norm" else f"blocks.1.{place}"
        assert np.allclose(own.apply(x), seen[name], atol=1e-5)


@pytest.mark.parametrize("norm", NORMS)
def test_every_norm_of_a_model_is_on_the_way(monkeypatch, norm: str) -> None:
    _, here = seen_here(monkeypatch, norm)
    sites = normalising.all_sites(here, Settings(eps=0.0), learned=False)
    assert len(sites.names) == len(sites.before) == len(sites.after) == (5 if norm == "pre" else 4)
    assert sites.sizes()[1] == pytest.approx(np.ones(len(sites.names)), abs=1e-4)
    missing = normalising.own_settings(here, 0, "norm1", Settings()) is None
    assert missing == (norm == "none")
    assert normalising.entering(normalising.inside(here), here.config, 0, "final_norm").shape == (5, 12)
    assert set(PLACES) == {"norm1", "norm2", "final_norm"}


def test_many_norms_are_thinned_out(monkeypatch) -> None:
    _, here = seen_here(monkeypatch, "pre")
    monkeypatch.setattr(normalising, "MOST_ROWS", 3)
    assert len(normalising.all_sites(here, Settings(), learned=True).names) == 3


def test_the_books_numbers() -> None:
    one = normed(np.array(BOOK, dtype=np.float32), Settings(eps=0.0, unbiased=True), 1.0, 0.0)
    assert one.after == pytest.approx([0.6159, 1.4126, -0.8719, 0.5872, -0.8719, -0.8719], abs=2e-4)
    assert normalising.spread(one.before, True) == pytest.approx((0.1324, 0.0231), abs=5e-5)


def test_multiplied_and_moved_the_output_stays() -> None:
    vector = np.random.default_rng(1).normal(size=64).astype(np.float32)
    one = normed(vector, Settings(), 100.0, 5.0)
    assert one.moved < 1e-3
    assert "the output moves by at most" in sentence(one, Settings(), 100.0, 5.0)
    assert normed(vector, Settings(), 0.001, 0.0).moved > 1


def test_equal_numbers_without_eps_are_told() -> None:
    settings = Settings(eps=0.0)
    one = normed(np.ones(6, dtype=np.float32), settings, 1.0, 0.0)
    assert not one.whole
    assert "0 / 0" in sentence(one, settings, 1.0, 0.0)
    assert normed(np.ones(6, dtype=np.float32), Settings(), 1.0, 0.0).whole


def test_one_number_has_no_unbiased_variance_and_is_shown_all_the_same() -> None:
    one = normed(np.ones(1, dtype=np.float32), Settings(unbiased=True), 2.0, 0.0)
    assert one.after.tolist() == [0.0]
    assert torch.tensor(one.before).tolist() == [2.0]
