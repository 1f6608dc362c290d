import streamlit as st

from core.anatomy import forward_flops, memory_of, parts_of
from core.gpt import parameter_count
from core.interventions import pass_through
from views import bill, body, dummy, sizes, ui
from views.figures.anatomy import mosaic
from views.figures.base import visible
from views.figures.probabilities import next_token_bars
from views.figures.sizes import memory_bars, shares_by_size

here = ui.page_header("anatomy")
config = sizes.chosen_config(here)
sentence = body.count_sentence(config, here)
ui.figure(
    mosaic(body.triples(config), config.n_layers, ui.palette()),
    key="anatomy_parts",
    alt=sentence,
    caption=ui.safe(sentence),
)
with st.expander("Every part with its formula", icon=":material/functions:"):
    st.markdown(body.part_table(config))

models, name = body.compared(config, here)
left, right = st.columns([1.25, 1], gap="large")
with left:
    st.subheader("The same for every size")
    ui.figure(
        shares_by_size(models, name, ui.palette()),
        key="anatomy_shares",
        alt="Shares of the parts, from the smallest model to GPT-2 XL: the tables shrink, the blocks grow",
        caption="The first bar is your model. Percent of all its learned numbers.",
    )
with right:
    st.subheader("Memory")
    ui.figure(
        memory_bars(body.memory_rows(config, bill.BATCH), ui.palette()),
        key="anatomy_memory",
        alt=body.memory_sentence(config, bill.BATCH),
        caption=body.memory_sentence(config, bill.BATCH),
    )

st.subheader("What training it costs")
cost = bill.bill_of(config)
bill.bill_numbers(config, cost)
st.caption(bill.bill_sentence(config, cost))

st.subheader("Shapes on the way")
st.markdown(body.shape_table(config, here))

st.subheader(f"From the dummy to {ui.safe(here.model_name)}")
if here.prompt.ids:
    step = dummy.building_step(here)
    found = dummy.built(here, step)
    one, other = st.columns([1, 1.2], gap="large")
    one.markdown(dummy.stage_table(here, found))
    with other:
        if step > dummy.EMBEDDINGS:
            ui.figure(
                next_token_bars(found.names, found.probs, ui.palette()),
                key="anatomy_next",
                alt=f"Likeliest next token at this step: {visible(found.names[0])}",
            )
    st.caption(dummy.built_sentence(here, found))
else:
    st.info("The prompt has 0 tokens: nothing flows. Write something on the left.", icon=":material/edit:")
ui.explain("anatomy", **body.numbers(config, here))
ui.show_code(parts_of, parameter_count, memory_of, forward_flops, pass_through)
