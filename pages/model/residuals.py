import streamlit as st

from core.explosion import first_beyond, stream_after_layers
from core.gradients import deep_network_gradients, depth_gradients
from core.layers import TransformerBlock
from views import depth, state, ui
from views.phrases import count_of
from views.residuals import examples, networks

shortcut = TransformerBlock.shortcut
VIEWS = {
    "gradient": ("Gradient by depth", networks.draw_gradients, (depth_gradients, deep_network_gradients)),
    "squares": ("First ÷ last", networks.draw_squares, (depth_gradients, deep_network_gradients)),
    "stream": ("Stream by depth", networks.draw_streams, (stream_after_layers, first_beyond)),
    "book": ("The book's five", examples.draw_book, (deep_network_gradients,)),
    "model": ("Your model", examples.draw_model, ()),
}

here = ui.page_header("residuals")
view = state.choice(
    st.segmented_control,
    "Look at",
    list(VIEWS),
    format_func=lambda view: VIEWS[view][0],
    default="gradient",
    required=True,
    key="residuals_view",
    **ui.KEEP,
)
_, draw, code = VIEWS[view]
draw(here)
chosen = networks.chosen(here)
ratios, lasts = depth.first_and_last(depth.four_networks(chosen.network))
ui.explain(
    "residuals",
    depth=count_of(chosen.network.depth, chosen.what),
    both=depth.told(ratios[0, 0]),
    neither=depth.told(ratios[1, 1]),
    residual_size=depth.told(lasts[1, 0]),
    both_size=depth.told(lasts[0, 0]),
    exploding=depth.exploding(chosen.network, chosen.what),
    **examples.numbers(here),
)
ui.show_code(*code, shortcut)
