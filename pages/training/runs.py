import streamlit as st

from runs import Recipe
from runs.pruning import prune
from runs.shelf import Shelf
from views import cache, run_facts, run_list, ui
from views.frame import lost_store

ui.page_header("runs", tries=run_list.has_runs())
if cache.store() is None:
    lost_store.show()
    st.stop()
found = run_list.watch()
ui.explain("runs", **run_facts.lesson_numbers(found))
ui.show_code(Shelf.delete, prune, Recipe.key, label="What delete, the quota and “the same run” mean, in code")
