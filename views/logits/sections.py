"""Below the lens: one dot product, who wrote it, and what a mistake costs."""

import streamlit as st

from views import cost, readout, state, ui
from views.components.surprise import surprise
from views.figures import logits as figures
from views.figures.base import visible
from views.figures.cross_entropy import loss_curve
from views.here import Here
from views.picture import nearest
from views.readout import Candidates
from views.tables.tokens import costs
from views.text import percent, safe


def draw_word(here: Here, found: Candidates) -> None:
    """The best tokens' logits, and what softmax makes of them."""
    del here
    name, logit = visible(found.names[found.chosen]), found.logits[found.chosen]
    chance = percent(float(found.probs[found.chosen]))
    ui.figure(
        figures.logit_bars(found.names, found.logits, found.probs, found.chosen, ui.palette()),
        key="logits_bars",
        alt=f"Logits and probabilities of the best tokens; {name} has {logit:.2f}",
        caption=f"«{safe(name)}» has the logit {logit:.2f}; softmax over all tokens makes {chance} of it.",
    )


def draw_product(here: Here, found: Candidates) -> None:
    """How one of these logits comes about: number times number, all added up."""
    del here
    name = visible(found.names[found.chosen])
    ui.figure(
        figures.dot_product(found.vector, found.rows[found.chosen], name, ui.palette()),
        key="logits_product",
        alt=f"The final vector, the output row of {name}, and their products, whose sum is the logit",
        caption=safe(readout.product_sentence(found)),
    )
    st.markdown(readout.dot_table(found))


def draw_writers(here: Here, found: Candidates) -> None:
    """What each part, and each head, has added to the chosen token's logit at the end."""
    name = visible(found.names[found.chosen])
    parts, heads, refused = readout.additions(here, found.ids[found.chosen])
    if refused:
        st.info(f"This logit cannot be taken apart: {refused}.", icon=":material/info:")
        return
    steps, squares = st.columns([1.5, 1], gap="large")
    with steps:
        sentence = readout.steps_sentence(parts, name)
        drawn = figures.logit_steps(parts, ui.palette())
        ui.figure(drawn, key="logits_steps", alt=sentence, caption=safe(sentence))
    with squares:
        ui.figure(
            figures.head_squares(heads, (here.layer, here.head), ui.palette()),
            key="logits_heads",
            alt=f"What each head adds to the logit of {name}",
            caption=f"{readout.heads_sentence(heads)} Click on a head to choose it.",
            on_click=lambda x, y: state.pick_head((nearest(y, len(heads)), nearest(x, len(heads[0])))),
        )


def draw_cost(here: Here, found: Candidates) -> None:
    """The loss by the probability of the right token, and what this prompt's tokens cost."""
    del found
    chance = state.choice(
        st.select_slider,
        "Probability of the right token",
        list(cost.CHANCES),
        value="10%",
        key="logits_chance",
        **ui.KEEP,
    )
    paid = cost.cost_of(here)
    st.markdown(cost.cost_sentence(chance))
    sentence = cost.prompt_sentence(paid, here.config.vocab_size)
    ui.figure(
        loss_curve(
            cost.CHANCES[chance], paid.losses, paid.tokens(here), here.config.vocab_size, ui.palette()
        ),
        key="logits_loss",
        alt=f"Loss by the probability of the right token; chosen is {chance}",
        caption=f"{sentence} Grey dots, and colours below: {ui.safe(here.model_name)}. {cost.BOOK}",
    )
    rows = [paid.row(here)]
    surprise(rows, most=paid.guessing, most_name="guessing", key="logits_surprise", label=sentence)
    ui.below("logits_surprise", lambda: costs(rows))
