import streamlit as st

from core.config import NORMS
from core.layers import LayerNorm, layer_norm, mean_and_variance
from core.normalisation import MOST_BLOCKS, UntrainedStack, stream_by_depth, without_norms
from views import components, norm_controls, normalising, state, ui
from views.figures import layer_norm as figures
from views.figures.probabilities import changed_bars
from views.normalising import GAINS, VOLUMES

here = ui.page_header("layer_norm")
ui.need_tokens(here)
chosen = norm_controls.draw(here)
by_hand_above, main = st.container(), st.container()
by_hand = chosen.source == normalising.SOURCES[1]
if by_hand:
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
with main:
    drawn = figures.before_and_after(
        normed.before,
        normed.after,
        ui.palette(),
        own_before=normed.own,
        own_after=normed.own_after,
        unbiased=settings.unbiased,
    )
    ui.figure(drawn, key="layer_norm_bars", alt=sentence)
    st.caption(f"{sentence} {norm_controls.whose(here, chosen)}")

st.subheader("Every norm on the way")
sites = normalising.all_sites(here, chosen.settings, chosen.learned)
read = norm_controls.sites_sentence(here, sites)
left, right = st.columns([1.2, 1], gap="medium")
with left:
    drawn = figures.value_ridges(sites.before, sites.after, sites.names, ui.palette())
    ui.figure(drawn, key="layer_norm_hills", alt=f"All numbers of {len(sites.names)} norms, before and after")
with right:
    drawn = figures.sizes_by_depth(*sites.sizes(), sites.names, ui.palette())
    ui.figure(drawn, key="layer_norm_sizes", alt=read)
st.caption(read)

st.subheader("Before each layer, after it, or nowhere")
left, right = st.columns([1.2, 1], gap="medium")
with left:
    controls = st.columns(3, vertical_alignment="bottom")
    depth = controls[0].slider("Blocks", 1, MOST_BLOCKS, 12, key="layer_norm_depth", **ui.KEEP)
    gain = controls[1].select_slider("Weights ×", GAINS, 12.0, key="layer_norm_gain", **ui.KEEP)
    volume = controls[2].select_slider("Input ×", VOLUMES, 1.0, key="layer_norm_volume", **ui.KEEP)
    stack = UntrainedStack(depth=depth, gain=gain, volume=volume)
    sizes = normalising.three_sizes(here.prompt.ids, stack)
    told = norm_controls.stack_sentence(sizes, stack)
    ui.figure(figures.three_stacks(sizes, ui.palette()), key="layer_norm_stacks", alt=told, caption=told)
with right:
    st.markdown(f"**{ui.safe(here.model_name)}**, its norms taken out")
    bare = normalising.laid_bare(here) if here.config.norm == NORMS[0] else None
    told = norm_controls.bare_sentence(here, bare)
    if bare:
        drawn = changed_bars(bare.names, bare.before, bare.after, ui.palette())
        ui.figure(drawn, key="layer_norm_bare", alt=told)
    st.caption(told)

ui.explain("layer_norm", **norm_controls.numbers(here, chosen, normed, sites, sizes))
ui.show_code(layer_norm, mean_and_variance, LayerNorm, stream_by_depth, without_norms)
