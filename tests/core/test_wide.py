"""The wide product is the library's linear layer: same numbers, same gradients."""

import pytest
import torch
import torch.nn.functional as F

from core import wide

SIZES = [
    (64, 128, 512, True),
    (64, 512, 128, True),
    (40, 192, 192, False),
    (8, 256, 1024, True),
    (1, 768, 769, True),
    (5, 768, 768, False),
]


@pytest.fixture
def forced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the processor gains nothing, the operation is there nevertheless, and must be right."""
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        pytest.skip("this PyTorch comes without oneDNN")
    monkeypatch.setattr(wide, "here", lambda: True)


@pytest.mark.parametrize(("rows", "inputs", "outputs", "has_bias"), SIZES)
def test_it_equals_the_plain_layer_both_ways(forced, rows, inputs, outputs, has_bias) -> None:
    draw = torch.Generator().manual_seed(rows + inputs)
    x = torch.randn(2, rows, inputs, generator=draw)
    weight = torch.randn(outputs, inputs, generator=draw) / inputs**0.5
    bias = torch.randn(outputs, generator=draw) if has_bias else None
    grad = torch.randn(2, rows, outputs, generator=draw)
    found = []
    for linear in (wide.linear, F.linear):
        leaves = [t.clone().requires_grad_() for t in (x, weight, bias) if t is not None]
        out = linear(*leaves, *([] if has_bias else [None]))
        out.backward(grad)
        found.append([out.detach(), *(leaf.grad for leaf in leaves)])
    assert wide.suits(x, weight)
    for ours, theirs in zip(*found, strict=True):
        assert ours.is_contiguous()
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-4)
    with torch.inference_mode():
        torch.testing.assert_close(
            wide.linear(x, weight, bias), F.linear(x, weight, bias), rtol=1e-5, atol=1e-5
        )


def test_only_what_learns_gets_a_gradient(forced) -> None:
    x, weight, bias = torch.randn(128, 128), torch.randn(128, 128), torch.randn(128, requires_grad=True)
    wide.linear(x.requires_grad_(), weight, bias).sum().backward()
    assert [leaf.grad is not None for leaf in (x, weight, bias)] == [True, False, True]


def test_the_same_product_twice_is_the_same_to_the_bit(forced) -> None:
    x, weight = torch.randn(300, 192), torch.randn(768, 192)
    moved = torch.empty(300 * 192 + 1)[1:].view(300, 192).copy_(x)  # another place in memory
    assert torch.equal(wide.linear(x, weight), wide.linear(moved, weight))


@pytest.mark.parametrize("odd", [torch.float64, torch.bfloat16])
def test_other_kinds_of_numbers_take_the_usual_way(forced, odd) -> None:
    x, weight = torch.randn(128, 128, dtype=odd), torch.randn(128, 128, dtype=odd)
    assert not wide.suits(x, weight)
    assert torch.equal(wide.linear(x, weight), F.linear(x, weight))


def test_nothing_at_all_is_multiplied_as_well(forced) -> None:
    assert wide.linear(torch.empty(0, 128), torch.randn(64, 128)).shape == (0, 64)
