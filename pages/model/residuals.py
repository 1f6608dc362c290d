import streamlit as st

from core import gradients as core
from core.config import ACTIVATIONS
from core.layers import TransformerBlock
from views import depth, ui
from views.figures.activations import name_of
from views.figures.gradients import gradient_lines
from views.figures.residuals import layer_bars, ratio_squares, stream_by_depth

LINEAR, BLOCKS = "linear layers", "GPT blocks"
GAINS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)
KEEP = {"persist_state": "session"}

here = ui.page_header("residuals")
controls = st.columns([2.5, 2.1, 1.6, 1.9], vertical_alignment="bottom")
network = controls[0].segmented_control(
    "Network", [LINEAR, BLOCKS], default=LINEAR, required=True, key="residuals_network", **KEEP
)
if network == BLOCKS:
    layers = controls[1].slider("Depth", 1, core.MOST_BLOCKS, 12, key="residuals_blocks", **KEEP)
else:
    layers = controls[1].slider("Depth", 1, core.MOST_LAYERS, 24, key="residuals_layers", **KEEP)
bend = controls[2].selectbox("Activation", ACTIVATIONS, 1, name_of, key="residuals_activation", **KEEP)
gain = controls[3].select_slider("Starting weights ×", GAINS, 1.0, key="residuals_gain", **KEEP)
with st.container(horizontal=True, gap="large"):
    residual = st.toggle("Residual", True, key="residuals_residual", **KEEP)
    norm = st.toggle("Norm", True, key="residuals_norm", **KEEP)
    relative = st.toggle("Relative to the last layer", True, key="residuals_relative", **KEEP)

text = here.prompt.ids[: core.MOST_TOKENS] if network == BLOCKS else ()
if network == BLOCKS and len(text) < 2:
    st.info("GPT blocks need a prompt of at least 2 tokens: linear layers are shown.", icon=":material/edit:")
    text = ()
chosen = core.DeepNetwork(
    depth=layers, activation=bend, gain=gain, ids=text, vocab_size=here.config.vocab_size
)
gradients = depth.four_networks(chosen)
ratios, lasts = depth.first_and_last(gradients)
side, what = depth.side_of(residual, norm), "block" if text else "layer"
sentence = depth.gradient_sentence(gradients[side], side, what)
lines = gradient_lines(gradients, side, ui.palette(), what=what, relative=relative)
ui.figure(lines, key="residuals_lines", alt=sentence)
st.caption(f"{sentence} {depth.described(chosen)}")

plain, shortcut = (core.deep_network_gradients([3, 3, 3, 3, 3, 1], shortcut=on) for on in (False, True))
left, right = st.columns([1, 1.4])
with left:
    st.subheader(f"First {what} ÷ last {what}")
    squares = ratio_squares(ratios, lasts, ui.palette())
    ui.figure(squares, key="residuals_squares", alt=f"First {what}'s gradient over the last one's")
with right:
    st.subheader("The book's five layers")
    ui.figure(
        layer_bars(plain, shortcut, ui.palette()),
        key="residuals_book",
        alt=f"First layer: {plain[0]:.2e} without, {shortcut[0]:.3f} with shortcuts",
    )
st.subheader(f"The residual stream of {ui.safe(here.model_name)}")
stream, attention, feed_forward = depth.stream_sizes(here)
start, end = depth.stream_ends(here)
if stream.size:
    drawn = stream_by_depth(stream, attention, feed_forward, ui.palette())
    ui.figure(drawn, key="residuals_stream", alt=f"The stream goes from size {start:.2g} to {end:.2g}")
else:
    st.info("The prompt has 0 tokens: nothing flows. Write something on the left.", icon=":material/edit:")
ui.explain(
    "residuals",
    depth=f"{layers} {what}s",
    both=depth.told(ratios[0, 0]),
    neither=depth.told(ratios[1, 1]),
    residual_size=depth.told(lasts[1, 0]),
    both_size=depth.told(lasts[0, 0]),
    book_plain=plain[0],
    book_shortcut=shortcut[0],
    book_gain=shortcut[0] / plain[0],
    book_fair=(shortcut[0] / shortcut[-1]) / (plain[0] / plain[-1]),
    model=here.model_name,
    stream_first=start,
    stream_last=end,
    blocks=here.config.n_layers,
    how="adds to" if here.config.residual else "replaces",
)
ui.show_code(core.depth_gradients, core.deep_network_gradients, TransformerBlock.shortcut)
