import streamlit as st

from core.anatomy import forward_flops, memory_of, parts_of, stages_of
from core.gpt import matrix_weights, parameter_count
from core.interventions import pass_through
from views import body, sizes, state, ui
from views.anatomy import sections
from views.figures.anatomy import mosaic
from views.tables.named import parts

VIEWS = {
    "sizes": ("Beside other sizes", sections.draw_sizes, (parts_of, parameter_count)),
    "memory": ("Memory and work", sections.draw_memory, (memory_of, forward_flops, matrix_weights)),
    "shapes": ("Formulas and shapes", sections.draw_shapes, (parts_of, stages_of)),
    "dummy": ("From the dummy", sections.draw_dummy, (pass_through,)),
}

here = ui.page_header("anatomy")
config = sizes.chosen_config(here)
sentence = body.count_sentence(config, here)
ui.figure(
    mosaic(body.triples(config), config.n_layers, ui.palette()),
    key="anatomy_parts",
    alt=sentence,
    caption=ui.safe(sentence),
    table=lambda: parts(body.triples(config), config.n_layers),
)
view = state.choice(
    st.segmented_control,
    "Look at",
    list(VIEWS),
    format_func=lambda view: VIEWS[view][0],
    default="sizes",
    required=True,
    key="anatomy_view",
    **ui.KEEP,
)
_, draw, code = VIEWS[view]
draw(config, here)
ui.explain("anatomy", **body.numbers(config, here))
ui.show_code(*code)
