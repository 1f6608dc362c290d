"""One wide projection, cut into heads: the ways that give the same, and those that only have the same shape.

`view` then `transpose` puts each token's slice into a head; a `view` alone gives the same shape, and fills it
with pieces of several tokens (book 3.6.2).
"""

from torch import Tensor


def cut(x: Tensor, heads: int) -> Tensor:
    """Each token's vector into slices, then the heads first: (T, C) -> (H, T, D)."""
    tokens, width = x.shape
    return x.reshape(tokens, heads, width // heads).transpose(0, 1)


def cut_without_transpose(x: Tensor, heads: int) -> Tensor:
    """The same numbers in the same order, told another shape: (T, C) -> (H, T, D). Tokens are mixed."""
    tokens, width = x.shape
    return x.reshape(heads, tokens, width // heads)


def in_one(x: Tensor, weight: Tensor, heads: int) -> Tensor:
    """All heads by one wide matrix (C, C), cut afterwards: (T, C) -> (H, T, D)."""
    return cut(x @ weight.T, heads)


def one_by_one(x: Tensor, weight: Tensor, heads: int) -> list[Tensor]:
    """Each head by a small matrix (D, C) of its own, the whole vector read: (T, C) -> H of (T, D)."""
    return [x @ rows.T for rows in weight.chunk(heads, dim=0)]


def slice_by_slice(x: Tensor, weight: Tensor, heads: int) -> list[Tensor]:
    """If each head read nothing but its own slice of the vector: (T, C) -> H of (T, D). No GPT does so."""
    slices = zip(x.chunk(heads, dim=1), weight.chunk(heads, dim=0), strict=True)
    width = x.shape[1] // heads
    return [part @ rows[:, head * width : (head + 1) * width].T for head, (part, rows) in enumerate(slices)]


def forget_transpose(name: str, x: Tensor) -> Tensor:
    """A tap that cuts queries, keys and values of every block by `view` alone: no error, another model."""
    if not name.endswith(("attn.queries", "attn.keys", "attn.values")):
        return x
    return x.transpose(1, 2).reshape(x.shape)  # (B, H, T, D): back to the tokens' order, then only told so
