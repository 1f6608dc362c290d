import streamlit as st

from core.layers import LayerNorm, layer_norm, mean_and_variance
from core.normalisation import stream_by_depth, without_norms
from views import norm_controls, normalising, state, ui
from views.layer_norm import controls, sections

VIEWS = {
    "vector": ("One vector", sections.draw_vector, (layer_norm, mean_and_variance, LayerNorm)),
    "sites": ("Every norm on the way", sections.draw_sites, (layer_norm, LayerNorm)),
    "places": ("Before, after, or nowhere", sections.draw_places, (stream_by_depth, layer_norm)),
    "bare": ("Your model without them", sections.draw_bare, (without_norms, LayerNorm)),
}

here = ui.page_header("layer_norm")
ui.need_tokens(here)
view = state.choice(
    st.segmented_control,
    "Look at",
    list(VIEWS),
    format_func=lambda view: VIEWS[view][0],
    default="vector",
    required=True,
    key="layer_norm_view",
    **ui.KEEP,
)
_, draw, code = VIEWS[view]
draw(here)
chosen = controls.chosen()
sites = normalising.all_sites(here, chosen.settings, chosen.learned)
sizes = normalising.three_sizes(here.prompt.ids, controls.stack())
ui.explain("layer_norm", **norm_controls.numbers(here, chosen, sites, sizes))
ui.show_code(*code)
