"""A primer: what a tensor and its shape are, and the dot product as a measure of pointing the same way."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.embeddings import arrow, dot_product
from views import cache, state, ui
from views.components.arrows import LONGEST, Turned, arrows
from views.embeddings.entering import token_names
from views.figures.primer import corner
from views.here import Here
from views.phrases import count_of
from views.tables.named import arrows as arrow_table
from views.text import safe

ROWS, COLUMNS = 7, 8  # of a tensor, on one screen
AXES = {"queries": "query|queries"}  # whose singular is not the name without its s
STARTS = {"a": (20, 2.0), "b": (80, 2.0)}


@dataclass(frozen=True)
class Shown:
    """A tensor of the model, and what its axes are; the last two are drawn, of an axis before them one."""

    numbers: np.ndarray
    axes: tuple[str, ...]
    code: str  # its name in core/
    sheet: int = 0

    @property
    def shape(self) -> str:
        """As torch writes it."""
        sizes = ", ".join(map(str, self.numbers.shape))
        return f"({sizes},)" if self.numbers.ndim == 1 else f"({sizes})"

    @property
    def told(self) -> str:
        """The shape in words."""
        sizes = zip(self.numbers.shape, self.axes, strict=True)
        product = " × ".join(count_of(size, AXES.get(axis, axis[:-1])) for size, axis in sizes)
        return f"{product} = {count_of(self.numbers.size, 'number')}"

    @property
    def part(self) -> str:
        """Which part of it is drawn."""
        axes = list(zip(self.flat.shape[::-1], self.numbers.shape[::-1], self.axes[::-1], strict=False))
        told = ", ".join(f"the first {some} of {size:,} {axis}" for some, size, axis in axes)
        return told + f", of {self.axes[0][:-1]} {self.sheet} alone" * (self.numbers.ndim == 3)

    @property
    def flat(self) -> np.ndarray:
        """The sheet that is drawn, its first rows and columns."""
        numbers = self.numbers[self.sheet] if self.numbers.ndim == 3 else np.atleast_2d(self.numbers)
        return numbers[:ROWS, :COLUMNS]


def tensors(here: Here) -> dict[str, Shown]:
    """Some tensors of the model on its way through the prompt."""
    ids = np.array(here.prompt.ids)
    table = cache.source(here.look)[0].tok_emb.weight.numpy()
    embedded = cache.look_at_input(here.look, here.prompt.ids)["embedded"]
    return {
        "ids: the prompt": Shown(ids, ("tokens",), "ids"),
        "one token's row": Shown(embedded[here.token], ("dimensions",), "tok_emb[token]"),
        "the prompt's rows": Shown(embedded, ("tokens", "dimensions"), "embedded"),
        "the token table": Shown(table, ("rows", "dimensions"), "tok_emb.weight"),
        "weights of all heads": Shown(
            weights(here), ("heads", "queries", "keys"), f"blocks.{here.layer}.attn.weights", here.head
        ),
    }


def weights(here: Here) -> np.ndarray:
    """Attention of the linked layer: (H, T, T)."""
    return cache.look_at_layer(here.look, here.prompt.ids, here.layer)[f"blocks.{here.layer}.attn.weights"]


def show(here: Here) -> dict[str, object]:
    """Both halves; the numbers of the lesson."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Do two arrows point the same way?")
        found = show_arrows()
    with right:
        st.header("What is a tensor?")
        found |= show_tensor(here)
    return found


def show_arrows() -> dict[str, object]:
    """Two arrows, each with its angle and its length, and their dot product."""
    controls = st.columns(2)
    a, b = (turned(controls[place], name) for place, name in enumerate(STARTS))
    (angle_a, length_a), (angle_b, length_b) = a, b
    one, other = arrow(*a), arrow(*b)
    product = dot_product(one, other)
    between = abs((angle_a - angle_b + 180) % 360 - 180)
    cosine = float(np.cos(np.radians(between)))
    label = f"Two arrows {between} degrees apart; their dot product is {product:.2f}"
    arrows(a, b, key="embeddings_arrows", label=label, on_pick=turn)
    told = (
        f"|a| |b| cos {between}° = {length_a:g} · {length_b:g} · {cosine:.2f} = "
        f"**{length_a * length_b * cosine:.2f}**".replace("-", "−")
    )
    table = {"a": (*a, *map(float, one)), "b": (*b, *map(float, other))}
    ui.below("embeddings_arrows", lambda: arrow_table(table), told, large=True)
    return {"product": product, "between": between, "meaning": meaning(product, between)}


def turned(place: st.delta_generator.DeltaGenerator, name: str) -> tuple[int, float]:
    """The angle and the length of one arrow, by two sliders."""
    angle, length = STARTS[name]
    with place:
        chosen = st.slider(
            f"Angle of {name} (°)", -180, 180, angle, 5, key=f"embeddings_angle_{name}", **ui.KEEP
        )
        size = st.slider(
            f"Length of {name}", 0.0, float(LONGEST), length, 0.1, key=f"embeddings_length_{name}", **ui.KEEP
        )
    return chosen, size


def turn(dragged: Turned) -> None:
    """An arrow was dragged: its sliders follow."""
    which, angle, length = dragged
    name = list(STARTS)[which]
    state.set_control(f"embeddings_angle_{name}", angle)
    state.set_control(f"embeddings_length_{name}", length)


def meaning(product: float, between: int) -> str:
    """What a dot product says of two arrows."""
    if abs(product) < 0.005:
        return "nothing in common: a right angle, or an arrow without length"
    return "the same way, more or less" if product > 0 else "against each other"


def show_tensor(here: Here) -> dict[str, object]:
    """One tensor of the model, its shape and its first numbers."""
    found = tensors(here)
    name = state.choice(
        st.selectbox, "A tensor of this model", list(found), index=2, key="embeddings_tensor", **ui.KEEP
    )
    one = found[name]
    whole = one.numbers.dtype.kind == "i"
    rows = names_of(here, one)
    st.markdown(f"`{one.code}` has the shape **{one.shape}**: {one.told}")
    ui.figure(
        corner(
            one.flat,
            rows,
            ui.palette(),
            x=one.axes[-1],
            y=one.axes[-2] if one.numbers.ndim > 1 else "",
            whole=whole,
        ),
        key="embeddings_corner",
        alt=f"The first numbers of {name}: {one.told}",
        caption=f"Drawn: {one.part}. {safe(here.model_name)}.",
    )
    return {"shape": one.shape, "axes": one.numbers.ndim, "told": one.told}


def names_of(here: Here, one: Shown) -> list[str]:
    """What the rows of a tensor are called."""
    if one.numbers.ndim == 1:
        return [""]
    if one.axes[-2] in ("tokens", "queries"):
        return [safe_tick(name) for name in token_names(here)[:ROWS]]
    return [str(row) for row in range(len(one.flat))]


def safe_tick(name: str) -> str:
    """A token as a tick label, which plotly would read as HTML."""
    return name.replace("&", "&amp;").replace("<", "&lt;")
