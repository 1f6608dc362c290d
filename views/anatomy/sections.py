"""Below the picture of all numbers: other sizes, memory and work, shapes, and a model that is being built."""

import streamlit as st

from core.config import GPTConfig
from views import bill, body, dummy, ui
from views.figures.base import visible
from views.figures.probabilities import next_token_bars
from views.figures.sizes import memory_bars, shares_by_size
from views.here import Here


def draw_sizes(config: GPTConfig, here: Here) -> None:
    """The shares of the parts, from the smallest model to the largest."""
    models, name = body.compared(config, here)
    ui.figure(
        shares_by_size(models, name, ui.palette()),
        key="anatomy_shares",
        alt="Shares of the parts, from the smallest model to GPT-2 XL: the tables shrink, the blocks grow",
        caption="The first bar is your model. Percent of all its learned numbers.",
    )


def draw_memory(config: GPTConfig, here: Here) -> None:
    """What has to be kept, and what training costs."""
    del here
    sentence = body.memory_sentence(config, bill.BATCH)
    drawn = memory_bars(body.memory_rows(config, bill.BATCH), ui.palette())
    ui.figure(drawn, key="anatomy_memory", alt=sentence, caption=sentence)
    st.header("What training it costs")
    cost = bill.bill_of(config)
    bill.bill_numbers(config, cost)
    st.caption(bill.bill_sentence(config, cost))


def draw_shapes(config: GPTConfig, here: Here) -> None:
    """Every part with its formula, and the shapes on the way of the prompt."""
    left, right = st.columns([1, 1], gap="large")
    left.markdown(body.shape_table(config, here))
    right.markdown(body.part_table(config))


def draw_dummy(config: GPTConfig, here: Here) -> None:
    """From the dummy to the linked model, block by block; the controls above play no part."""
    del config
    st.header(f"From the dummy to {ui.safe(here.model_name)}")
    if not here.prompt.ids:
        st.info(
            "The prompt has 0 tokens: nothing flows. Write something on the left.", icon=":material/edit:"
        )
        return
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
