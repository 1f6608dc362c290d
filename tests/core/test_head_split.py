import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near, configs, lively, random_ids

from core.config import TINY
from core.head_split import (
    cut,
    cut_without_transpose,
    forget_transpose,
    in_one,
    one_by_one,
    slice_by_slice,
)
from core.trace import Trace


@given(configs(), SEEDS)
def test_it_is_the_cut_that_the_model_makes(config, seed: int):
    x = torch.randn(5, config.emb_dim, generator=torch.Generator().manual_seed(seed))
    attention = lively(config).trf_blocks[0].att
    assert torch.equal(cut(x, config.n_heads), attention.split_heads(x[None])[0])


@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 5), SEEDS)
def test_small_matrices_are_rows_of_the_wide_one(tokens: int, heads: int, width: int, seed: int):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(tokens, heads * width, generator=generator)
    weight = torch.randn(heads * width, heads * width, generator=generator)
    wide = in_one(x, weight, heads)
    assert wide.shape == (heads, tokens, width)
    assert_near(torch.stack(one_by_one(x, weight, heads)), wide, 1e-4)
    sliced = torch.stack(slice_by_slice(x, weight, heads))
    assert sliced.shape == wide.shape
    assert torch.allclose(sliced, wide, atol=1e-4) == (heads == 1)


@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 5))
def test_without_the_transpose_tokens_are_mixed(tokens: int, heads: int, width: int):
    whose = torch.arange(tokens)[:, None].expand(tokens, heads * width)
    right, wrong = cut(whose, heads), cut_without_transpose(whose, heads)
    assert right.shape == wrong.shape == (heads, tokens, width)
    assert (right == torch.arange(tokens)[None, :, None]).all()  # row t of each head is of token t
    assert torch.equal(wrong.flatten(), whose.flatten())
    assert torch.equal(right, wrong) == (heads == 1 or tokens == 1)


def test_the_tap_cuts_as_view_alone_does_and_the_model_notices():
    model, ids = lively(TINY), random_ids(TINY, 6)
    right, wrong = Trace(), Trace()

    def both(name, x):
        return wrong(name, forget_transpose(name, x))

    with torch.inference_mode():
        model(ids, right), model(ids, both)
    for name in ("queries", "keys", "values"):
        x = right[f"blocks.0.attn.{name}"][0]
        flat = x.transpose(0, 1).flatten(1)  # (T, C), as it came from the matrix
        expected = cut_without_transpose(flat, TINY.n_heads)
        assert torch.equal(wrong[f"blocks.0.attn.{name}"][0], expected)
    assert not torch.allclose(right["logits"], wrong["logits"])
    assert forget_transpose("blocks.0.attn.scores", right["logits"]) is right["logits"]


def test_a_width_that_no_cut_fits_is_refused():
    with pytest.raises(RuntimeError):
        cut(torch.ones(3, 5), 2)
