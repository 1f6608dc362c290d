"""What the Residuals page draws: four networks by depth, and the residual stream of the chosen model."""

from dataclasses import replace

import numpy as np

from core.explosion import first_beyond, stream_after_layers
from core.gradients import GPT_WIDTH, LINEAR_WIDTH, DeepNetwork
from views import cache
from views.figures.gradients import SIDES
from views.here import Here
from views.phrases import count_of
from views.text import shown

SWITCHES = ((True, True), (True, False), (False, True), (False, False))  # residual and norm, as in SIDES


def four_networks(network: DeepNetwork) -> dict[str, np.ndarray]:
    """Gradients by depth, (L,) each, of the same network with and without residual and norm."""
    return {
        side: np.array(cache.gradients_by_depth(replace(network, residual=residual, norm=norm)))
        for side, (residual, norm) in zip(SIDES, SWITCHES, strict=True)
    }


def four_streams(network: DeepNetwork) -> dict[str, np.ndarray]:
    """Size of the stream after each layer, (L,) each, of the same four networks."""
    sides = {
        side: replace(network, residual=residual, norm=norm)
        for side, (residual, norm) in zip(SIDES, SWITCHES, strict=True)
    }
    return {
        side: np.array(cache.once(("stream after layers", one), lambda one=one: stream_after_layers(one)))
        for side, one in sides.items()
    }


def places_beyond(sizes: dict[str, np.ndarray]) -> dict[str, int | None]:
    """Each network's first layer that is beyond the limit; None where none is."""
    return {side: first_beyond(values.tolist()) for side, values in sizes.items()}


def beyond_sentence(stream: np.ndarray, gradient: np.ndarray, what: str) -> str:
    """Where a network explodes, or that it does not."""
    found = {
        name: first_beyond(values.tolist()) for name, values in (("stream", stream), ("gradient", gradient))
    }
    told = [
        f"the {name} is beyond 10⁴ at {what} {place + 1}"
        for name, place in found.items()
        if place is not None
    ]
    if not told:
        return f"Neither its stream nor its gradient is beyond 10⁴ at any {what}."
    return f"Where it explodes, counted from the input: {', '.join(told)}."


def exploding(network: DeepNetwork, what: str) -> str:
    """Whether the residual without a norm explodes, for the lesson's sentence."""
    place = first_beyond(four_streams(network)["residual only"].tolist())
    return "stays below 10⁴" if place is None else f"is beyond 10⁴ from {what} {place + 1} on"


def side_of(residual: bool, norm: bool) -> str:
    """Which of the four networks it is."""
    return SIDES[SWITCHES.index((residual, norm))]


def first_and_last(gradients: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """First layer's gradient over the last one's, and the last one's: (2, 2), rows norm, columns residual."""
    both, residual, norm, neither = (gradients[side] for side in SIDES)
    square = [[both, norm], [residual, neither]]
    lasts = np.array([[one[-1] for one in row] for row in square])
    firsts = np.array([[one[0] for one in row] for row in square])
    with np.errstate(invalid="ignore", over="ignore"):  # an overflow over an overflow is no number
        return np.divide(firsts, lasts, out=np.zeros((2, 2)), where=lasts != 0), lasts


def square_of(side: str) -> tuple[int, int]:
    """Where one of the four networks stands in the squares: (row, column)."""
    residual, norm = SWITCHES[SIDES.index(side)]
    return int(not norm), int(not residual)


def told(value: float) -> float | str:
    """A number for a sentence, or the word for one that has left 32 bits."""
    return float(value) if np.isfinite(value) else "an overflow"


def gradient_sentence(values: np.ndarray, side: str, what: str) -> str:
    """What arrives at the first layer, for screen readers and the back row."""
    first, last = values[0], values[-1]
    start = f"{side.capitalize()}, {count_of(len(values), what)}: the first {what}"
    if not np.isfinite(values).all():
        return f"{start} overflows: numbers have left what 32 bits can hold."
    if first == 0 or last == 0:
        return f"{start} gets nothing: its gradient is too small for 32 bits."
    return f"{start} gets {shown(float(first / last))} times the gradient of the last."


def described(network: DeepNetwork) -> str:
    """Which networks are shown, honestly."""
    if network.ids:
        return (
            f"Untrained GPTs of {count_of(network.depth, 'block')} as in this app, width {GPT_WIDTH}, "
            f"predicting the first {count_of(len(network.ids), 'token')} of the prompt; GPT-2's starting "
            "weights, seed 123."
        )
    return (
        f"Untrained networks of {count_of(network.depth, 'linear layer')}, width {LINEAR_WIDTH}, "
        "input 1, 0, −1, …, target 0; PyTorch's starting weights, seed 123."
    )


def stream_sizes(here: Here) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """RMS of the residual stream (2L + 1,), of what attention adds (L,), and the feed-forward layers (L,)."""
    if not here.prompt.ids:
        return np.empty(0), np.empty(0), np.empty(0)
    seen = cache.look_inside(here.look, here.prompt.ids)
    inside = np.stack([rms(seen.layers("resid_in")), rms(seen.layers("resid_mid"))], axis=1).ravel()
    stream = np.append(inside, rms(seen.layers("resid_out"))[-1])
    return stream, rms(seen.layers("attn.out")), rms(seen.layers("ffn.out"))


def stream_ends(here: Here) -> tuple[float, float]:
    """Size of the residual stream before the first and after the last block."""
    stream = stream_sizes(here)[0]
    return (float(stream[0]), float(stream[-1])) if stream.size else (0.0, 0.0)


def rms(vectors: np.ndarray) -> np.ndarray:
    """Root mean square over all tokens and dimensions: (L, T, C) -> (L,)."""
    return np.sqrt((vectors.astype(np.float64) ** 2).mean(axis=(1, 2)))
