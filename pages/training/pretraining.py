import streamlit as st

from core.training import learning_rate_at, next_token_loss, train, update
from views import cache, live, recipes, state, ui
from views.catalogue import is_run

here = ui.page_header("pretraining")
store = cache.store()
if store is None:
    st.warning(ui.safe(cache.opened_store()[1]), icon=":material/database_off:")
    st.stop()

recipes.recipe_controls()
st.button(
    "Start training",
    icon=":material/play_arrow:",
    key="pretraining_start",
    on_click=recipes.start,
    args=(state.click_token("pretraining"),),
)
if problem := state.said("pretraining"):
    st.warning(ui.safe(problem), icon=":material/block:")

if is_run(here.choice.key):
    live.watch(here.choice.key)
else:
    live.bundled_story()
ui.show_code(train, update, next_token_loss, learning_rate_at)
