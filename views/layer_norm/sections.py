"""One vector and its norm, every norm on the way, and what becomes of a model that has them elsewhere."""

import streamlit as st

from core.config import NORMS
from core.normalisation import MOST_BLOCKS
from views import components, norm_controls, normalising, state, ui
from views.figures import layer_norm as figures
from views.figures.probabilities import changed_bars
from views.here import Here
from views.layer_norm import controls
from views.normalising import GAINS, SOURCES, VOLUMES
from views.phrases import count_of
from views.tables.grid import spreads


def draw_vector(here: Here) -> None:
    """A vector before and after: a token's, or one written by hand."""
    controls.draw()
    chosen = controls.chosen()
    by_hand_above, main = st.container(), st.container()
    if chosen.source == SOURCES[1]:
        with by_hand_above:
            vector, settings = norm_controls.by_hand(chosen.settings)
    else:
        components.token_chips(
            here.prompt.pieces,
            picked=here.token,
            key="layer_norm_chips",
            label="Tokens",
            on_pick=state.pick_token,
        )
        vector, settings = norm_controls.of_token(here, chosen)
    normed = normalising.normed(vector, settings, chosen.times, chosen.plus)
    sentence = normalising.sentence(normed, settings, chosen.times, chosen.plus)
    drawn = figures.before_and_after(
        normed.before,
        normed.after,
        ui.palette(),
        own_before=normed.own,
        own_after=normed.own_after,
        unbiased=settings.unbiased,
    )
    with main:
        told = f"{sentence} {norm_controls.whose(here, chosen)}"
        ui.figure(drawn, key="layer_norm_bars", alt=sentence, caption=told)


def draw_sites(here: Here) -> None:
    """Every norm of the model on the way of the prompt: what goes in, what comes out, and how large."""
    controls.draw_kind()
    chosen = controls.chosen()
    sites = normalising.all_sites(here, chosen.settings, chosen.learned)
    left, right = st.columns([1.2, 1], gap="medium")
    with left:
        drawn = figures.value_ridges(sites.before, sites.after, sites.names, ui.palette())
        told = f"All numbers of {count_of(len(sites.names), 'norm')}, before and after"
        sides = {"before": sites.before, "after": sites.after}
        ui.figure(drawn, key="layer_norm_hills", alt=told, table=lambda: spreads(sites.names, sides))
    with right:
        read = norm_controls.sites_sentence(here, sites)
        drawn = figures.sizes_by_depth(*sites.sizes(), sites.names, ui.palette())
        ui.figure(drawn, key="layer_norm_sizes", alt=read, caption=read)


def draw_places(here: Here) -> None:
    """Norms before each layer, after it, or nowhere, in untrained models."""
    columns = st.columns(3, vertical_alignment="bottom")
    columns[0].slider("Blocks", 1, MOST_BLOCKS, controls.BLOCKS, key="layer_norm_depth", **ui.KEEP)
    state.choice(
        columns[1].select_slider, "Weights ×", GAINS, value=controls.GAIN, key="layer_norm_gain", **ui.KEEP
    )
    state.choice(
        columns[2].select_slider,
        "Input ×",
        VOLUMES,
        value=controls.VOLUME,
        key="layer_norm_volume",
        **ui.KEEP,
    )
    stack = controls.stack()
    sizes = normalising.three_sizes(here.prompt.ids, stack)
    told = norm_controls.stack_sentence(sizes, stack)
    ui.figure(figures.three_stacks(sizes, ui.palette()), key="layer_norm_stacks", alt=told, caption=told)


def draw_bare(here: Here) -> None:
    """What the chosen model says without the norms that it was trained with."""
    st.markdown(f"**{ui.safe(here.model_name)}**, its norms taken out:")
    bare = normalising.laid_bare(here) if here.config.norm == NORMS[0] else None
    told = norm_controls.bare_sentence(here, bare)
    if not bare:
        st.caption(told)
        return
    drawn = changed_bars(bare.names, bare.before, bare.after, ui.palette())
    ui.figure(drawn, key="layer_norm_bare", alt=told, caption=told)
