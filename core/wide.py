"""The product behind every linear layer, on the full width of the processor.

PyTorch multiplies float32 matrices with Intel's MKL. On AMD processors MKL computes with 8 numbers at a time
where 16 would do. oneDNN, a library that PyTorch carries as well, uses all of them: about twice as fast
(`make bench`). PyTorch asks it by itself only in compiled models, so it is called by name here. The readable
twin is `F.linear`, y = x W^T + b; a test keeps the two equal, forward and backward.
"""

import sys
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

WORTH_IT = 2**20  # multiplications; below, asking takes longer than it saves
FEW_ROWS = 4  # below, reading the weights is all the work, and a small matrix is read as fast by either
LARGE = 2**19  # numbers in a matrix that comes from memory each time; smaller ones stay in a cache
SHORT = 32  # rows of a short prompt: fewer than any side of a large matrix


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x W^T + b by the faster of two libraries: (..., C_in), (C_out, C_in), (C_out,) -> (..., C_out)."""
    if not suits(x, weight):
        return F.linear(x, weight, bias)
    if torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad):
        return WideLinear.apply(x, weight, bias)
    return product(x, weight, bias)


def suits(x: Tensor, weight: Tensor) -> bool:
    """Whether this product is large enough, of float32, and this processor one that gains."""
    rows, numbers = x.numel() // weight.shape[1], weight.numel()
    return (
        (rows >= FEW_ROWS or (rows and numbers >= LARGE))
        and rows * numbers >= WORTH_IT
        and x.dtype == weight.dtype == torch.float32
        and x.device.type == weight.device.type == "cpu"
        and here()
    )


@cache
def here() -> bool:
    """Whether this is an AMD processor with vectors of 512 bits, under a PyTorch that has the operation."""
    if not sys.platform.startswith("linux") or torch.backends.cpu.get_cpu_capability() != "AVX512":
        return False
    known = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return known and "AuthenticAMD" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")


def product(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x W^T + b by oneDNN, without a memory for gradients."""
    if weight.numel() >= LARGE and 1 < x.numel() // weight.shape[1] <= SHORT:
        return turned_product(x, weight, bias)
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


def in_order(weight: Tensor) -> Tensor:
    """A copy of a matrix in bfloat16 whose numbers lie as oneDNN reads them for one row; itself elsewhere."""
    if not (here() and torch.ops.mkldnn._is_mkldnn_bf16_supported()):
        return weight
    return torch.ops.mkldnn._reorder_linear_weight(weight, 1)


def turned_product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """The same as (W x^T)^T: the large matrix is walked through once, the short prompt stays at hand."""
    rows = x.reshape(-1, weight.shape[1])
    out = torch.ops.mkldnn._linear_pointwise(weight, rows, None, "none", [], "").T.contiguous()
    out = out if bias is None else out.add_(bias)
    return out.view(*x.shape[:-1], weight.shape[0])


class WideLinear(torch.autograd.Function):
    """The layer with its gradients: what each input, each weight and each bias has to do with the loss."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """x W^T + b."""
        ctx.save_for_backward(x, weight)
        return product(x, weight, bias)

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """dL/dx = g W, dL/dW = g^T x, dL/db = the sum of g over all rows: g (..., C_out)."""
        x, weight = ctx.saved_tensors
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        rows = grad.flatten(0, -2)  # (N, C_out)
        return (
            product(grad, weight.T) if needs_x else None,
            weight_gradient(rows, x.flatten(0, -2)) if needs_weight else None,
            rows.sum(0) if needs_bias else None,
        )


def weight_gradient(grad: Tensor, x: Tensor) -> Tensor:
    """g^T x, the narrower of the two turned around, for that one is copied: (N, C_out), (N, C_in)."""
    if x.shape[1] < grad.shape[1]:
        return product(x.T, grad.T).T.contiguous()
    return product(grad.T, x.T)
