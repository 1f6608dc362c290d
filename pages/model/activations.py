import streamlit as st

from core.activations import lowest_point, slope, unit_facts
from core.layers import FeedForward, gelu, gelu_tanh, relu, silu
from core.neurons import firing, moved_by_one, written_by_neurons
from views import state, ui
from views.activations import apart, bends, curves, facts, neurons

VIEWS = {
    "curves": (
        "The curves over real numbers",
        curves.draw,
        (gelu, gelu_tanh, relu, silu, slope, lowest_point),
    ),
    "neurons": ("Which neuron fires for what", neurons.draw, (FeedForward, firing, written_by_neurons)),
    "apart": ("Each token by itself", apart.draw, (moved_by_one, FeedForward)),
    "bends": ("Another bend", bends.draw, (gelu, gelu_tanh, relu, silu, unit_facts)),
}

here = ui.page_header("activations")
ui.need_tokens(here)
view = state.choice(
    st.segmented_control,
    "Look at",
    list(VIEWS),
    format_func=lambda view: VIEWS[view][0],
    default="curves",
    required=True,
    key="activations_view",
    **ui.KEEP,
)
_, draw, code = VIEWS[view]
draw(here)
swap = bends.chosen(here)
ui.explain("activations", **facts.numbers(here, bends.exchanged(here, swap), swap))
ui.show_code(*code)
