import streamlit as st

from core.lens import contributions, frozen_norm, losses_along, read_out
from views import cost, depths, readout, ui
from views.components.surprise import surprise
from views.figures import logits as figures
from views.figures.base import visible
from views.figures.cross_entropy import loss_curve
from views.vocabulary import piece_name

here = ui.page_header("logits")
ui.need_tokens(here)
depth = depths.reading(here)
answers = depths.lens_table(here, depth)
answer = depths.answer_of(here, answers, depth)
st.caption(ui.safe(depths.lens_sentence(here, answer)))

token = ui.safe(visible(piece_name(here.prompt.pieces[here.token])))
st.subheader(f"What comes after «{token}»? Read {depths.after_words(depth)}")
found = readout.candidates(here, depth)
name = visible(found.names[found.chosen])
left, right = st.columns([1, 1.15], gap="large")
with left:
    ui.figure(
        figures.logit_bars(found.names, found.logits, found.probs, found.chosen, ui.palette()),
        key="logits_bars",
        alt=f"Logits and probabilities of the best tokens; {name} has {found.logits[found.chosen]:.2f}",
    )
with right:
    ui.figure(
        figures.dot_product(found.vector, found.rows[found.chosen], name, ui.palette()),
        key="logits_product",
        alt=f"The final vector, the output row of {name}, and their products, whose sum is the logit",
        caption=ui.safe(readout.product_sentence(found)),
    )
with st.expander("Every dot product in short", icon=":material/calculate:"):
    st.markdown(readout.dot_table(found))

st.subheader(f"Who wrote the logit of «{ui.safe(name)}»?")
parts, heads, refused = readout.additions(here, found.ids[found.chosen])
if refused:
    st.info(f"This logit cannot be taken apart: {refused}.", icon=":material/info:")
else:
    steps, squares = st.columns([1.7, 1], gap="large")
    with steps:
        sentence = readout.steps_sentence(parts, name)
        drawn = figures.logit_steps(parts, ui.palette())
        ui.figure(drawn, key="logits_steps", alt=sentence, caption=ui.safe(sentence))
    with squares:
        ui.figure(
            figures.head_squares(heads, (here.layer, here.head), ui.palette()),
            key="logits_heads",
            alt=f"What each head adds to the logit of {name}",
            caption=readout.heads_sentence(heads),
        )

st.subheader("What a mistake costs")
chance = st.select_slider(
    "Probability of the right token", list(cost.CHANCES), "10%", key="logits_chance", **ui.KEEP
)
paid = cost.cost_of(here)
told = paid.tokens(here)
st.markdown(cost.cost_sentence(chance))
ui.figure(
    loss_curve(cost.CHANCES[chance], paid.losses, told, here.config.vocab_size, ui.palette()),
    key="logits_loss",
    alt=f"Loss by the probability of the right token; chosen is {chance}",
)
sentence = cost.prompt_sentence(paid, here.config.vocab_size)
surprise([paid.row(here)], most=paid.guessing, most_name="guessing", key="logits_surprise", label=sentence)
st.caption(f"{sentence} Grey dots above, colours here: {ui.safe(here.model_name)}.")
ui.explain("logits", **readout.numbers(here, answer, found, parts), **paid.numbers())
ui.show_code(read_out, contributions, frozen_norm, losses_along)
