import streamlit as st

from core.training import learning_rate_at, next_token_loss, train, update
from views import cache, experiments, following, live, recipes, state, tuning, ui
from views.catalogue import is_run
from views.frame import lost_store

here = ui.page_header("pretraining")
st.html(live.STYLE)
store = cache.store()
if store is None:
    lost_store.show()
    st.stop()

following.stay()
watching = is_run(store, here.choice.key)  # then the picture comes first; what leads to another is folded
if not watching:
    experiments.gallery()
drawer, button = st.columns([3.4, 1])
own = "Your own recipe: text, size, every hyper-parameter"
with drawer, st.expander("Experiments, and your own recipe" if watching else own, icon=":material/tune:"):
    if watching:
        experiments.gallery()
    recipes.recipe_controls()
button.button(
    "Start training",
    icon=":material/play_arrow:",
    key="pretraining_start",
    on_click=recipes.start,
    args=(state.click_token("pretraining"),),
)
if problem := state.said("pretraining"):
    st.warning(ui.safe(problem), icon=":material/block:")

if watching:
    tuning.link(here)
    live.watch(here.choice.key)
else:
    live.bundled_story()
ui.show_code(train, update, next_token_loss, learning_rate_at)
