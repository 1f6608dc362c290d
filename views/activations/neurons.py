"""Which neuron fires for what: in the prompt, in the text that the model read, and what it then adds."""

import numpy as np
import streamlit as st
from torch import Tensor

from views import cache as shared
from views import state, ui
from views.activations.facts import hidden
from views.cache import neurons as cache
from views.components.neuron_map import neuron_map
from views.figures.activations import NAMES
from views.figures.base import visible
from views.figures.neurons import expansion
from views.here import Here
from views.phrases import count_of
from views.tables.grid import grid
from views.tables.tokens import names_of
from views.text import percent
from views.turns import busy
from views.vocabulary import piece_name, text_of

NEURON = "activations_neuron"
STAGES = {"before": "hidden", "after": "activated"}
MOST_TOKENS = 64  # in one map
BEFORE, AFTER = 7, 3  # tokens of context around a place
STRONGEST = 5  # neurons whose part is told


def draw(here: Here) -> None:
    """The map beside the neuron that is chosen in it; below, one token's way through all of them."""
    units = shared.units(here.look, here.prompt.ids, here.layer)[1].tolist()
    left, right = st.columns([1.15, 1], gap="large")
    with right:
        neuron = neuron_field(here, units)
        read = read_with_a_word(here)
        st.markdown(places_table(here, read, neuron))
        st.caption(dead_sentence(here, read, neuron))
    with left:
        own = NAMES[here.config.activation]
        stage = state.choice(
            st.segmented_control,
            "Numbers",
            list(STAGES),
            default="before",
            required=True,
            key="activations_stage",
            format_func=lambda stage: f"{stage} {own}",
            **ui.KEEP,
        )
        draw_map(here, units, neuron, stage)
    way_of_one_token(here)


def neuron_field(here: Here, units: list[int]) -> int:
    """The number of the neuron; a click into the map sets it too."""
    most = here.config.hidden_dim - 1
    now = state.controls(NEURON).get("", 0)
    if not isinstance(now, int) or not 0 <= now <= most:
        state.set_control(NEURON, units[0])
    label = f"Neuron, 0 to {most:,}"
    return int(st.number_input(label, 0, most, units[0], step=1, key=NEURON, width=220, **ui.KEEP))


def draw_map(here: Here, units: list[int], neuron: int, stage: str) -> None:
    """Neurons as rows, the prompt's last tokens as columns."""
    pieces = here.prompt.pieces[-MOST_TOKENS:]
    first = len(here.prompt.pieces) - len(pieces)
    values = hidden(here, STAGES[stage])[first:, units].T
    label = f"The {count_of(len(units), 'neuron')} of layer {here.layer} that differ most from token to token"
    neuron_map(
        values,
        units,
        pieces,
        stage=f"{stage} {NAMES[here.config.activation]}",
        picked=units.index(neuron) if neuron in units else None,
        token=here.token - first,
        key="activations_map",
        label=label,
        on_pick=lambda row: state.set_control(NEURON, units[row]),
    )
    cut = f" The last {MOST_TOKENS} tokens are shown." if first else ""
    told = f"{label}, of {ui.safe(here.model_name)}.{cut}"
    ui.below("activations_map", lambda: grid(values, units, names_of(pieces), "neuron"), told, ("png",))


def read_with_a_word(here: Here) -> cache.Read | None:
    """What fires the neurons in a larger text; the first to ask waits a moment."""
    with busy("Reading a larger text …"):
        return cache.fired(here.look)


def places_table(here: Here, read: cache.Read | None, neuron: int) -> str:
    """The places of the text where a neuron is highest, each with some words around it, in markdown."""
    if read is None:
        return "There is no larger text that this model's tokenizer knows."
    found = read.firing
    values, places = (part[here.layer, neuron].tolist() for part in (found.values, found.places))
    lines = ["| highest | where |", "|--:|:--|"]
    for value, place in zip(values, places, strict=True):
        words = around(here, read.windows, place) if value > 0 else "*never above 0 in this text*"
        lines.append(f"| {value:.2f} | {words} |".replace("| -", "| −"))
        if value <= 0:
            break
    return "\n".join(lines)


def around(here: Here, windows: Tensor, place: int) -> str:
    """Some words of a text, the token at `place` marked."""
    row, column = divmod(place, windows.shape[1])
    ids = windows[row].tolist()
    before, after = ids[max(0, column - BEFORE) : column], ids[column + 1 : column + 1 + AFTER]
    told = [text_of(here.tokenizer, part) if part else "" for part in (before, [ids[column]], after)]
    before, token, after = (ui.safe(visible_lines(part)) for part in told)
    return f"{before}:orange-background[{token}]{after}"


def visible_lines(text: str) -> str:
    """Text in one row of a table: line breaks as signs, other control characters too, spaces as they are."""
    return visible(text).replace("·", " ")


def dead_sentence(here: Here, read: cache.Read | None, neuron: int) -> str:
    """How often this neuron fires, and how many of the layer never do."""
    if read is None:
        return ""
    above, dead = read.firing.above[here.layer], read.firing.dead[here.layer]
    tokens = read.firing.tokens
    return (
        f"Neuron {neuron} is above 0 at {percent(int(above[neuron]) / tokens)} of {tokens:,} tokens from all "
        f"over {ui.safe(read.title)}. {dead_words(here, dead)}"
    )


def dead_words(here: Here, dead: Tensor) -> str:
    """How many neurons of the layer (4C,) are never above 0 in the larger text."""
    none = f"None of the {count_of(len(dead), 'neuron')} of layer {here.layer} is dead there."
    share = percent(float(dead.float().mean()))
    some = f"Dead there, never above 0 at any of them: {int(dead.sum())} of {len(dead):,} neurons of layer"
    return f"{some} {here.layer}, {share}." if dead.any() else none


def way_of_one_token(here: Here) -> None:
    """Expand by four, bend, contract: one token's numbers, and the neurons that add most to the stream."""
    token = visible(piece_name(here.prompt.pieces[here.token]))
    st.header(f"Expand, bend, contract: «{ui.safe(token)}» in layer {here.layer}")
    before, after = (hidden(here, stage)[here.token] for stage in STAGES.values())
    seen = shared.look_inside(here.look, here.prompt.ids)
    read, out = (seen[f"blocks.{here.layer}.{name}"][here.token] for name in (reads(here), "ffn.out"))
    names = ("reads", "expanded", "bent", "adds to the stream")
    ui.figure(
        expansion((read, before, after, out), names, ui.palette()),
        key="activations_way",
        alt=f"{len(read)} numbers become {len(before)}, are bent, and become {len(out)} again",
        caption=strongest_sentence(here, before, after, out),
    )


def reads(here: Here) -> str:
    """The tensor that the feed-forward layer reads."""
    return "norm1" if here.config.norm == "post" else "norm2"


def strongest_sentence(here: Here, before: np.ndarray, after: np.ndarray, out: np.ndarray) -> str:
    """The neurons that add most to this token's stream, and how large the sum of all is."""
    lengths = cache.lengths_added(here.look, here.prompt.ids, here.layer, here.token).numpy()
    best = np.argsort(-lengths)[:STRONGEST]
    told = ", ".join(f"{i} ({before[i]:.2f} → {after[i]:.2f}, adds {lengths[i]:.3f})" for i in best)
    size = float(np.sqrt((out.astype(np.float64) ** 2).mean()))
    return (
        f"Each neuron adds its number times its own {len(out)} weights. Most: {told.replace('-', '−')}. All "
        f"{len(lengths):,} and the bias add up to size {size:.3f} (RMS). Half of what is added, all lengths "
        f"counted, comes from {count_of(half_from(lengths), 'neuron')}."
    )


def half_from(lengths: np.ndarray) -> int:
    """How many of the strongest neurons make half of all that is added."""
    share = np.cumsum(np.sort(lengths)[::-1])
    return int(np.searchsorted(share, share[-1] / 2) + 1)
