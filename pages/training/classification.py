import streamlit as st

from core.classify import Classifier, choose_trained, read_vector
from core.labelled import balanced, pad
from views import cache, following, state, tuning, ui
from views.classification import numbers, sections, settings, setup
from views.frame import lost_store

here = ui.page_header("classification")
if cache.store() is None:
    lost_store.show()
    st.stop()

following.stay()
recipe = tuning.chosen(here, "classify")
code = (read_vector, Classifier.forward, choose_trained, balanced, pad)
if recipe is None:
    learned = setup.draw(here, settings.choose(here))
else:
    code = sections.CODE[sections.draw(here, recipe.tuning)]
    learned = recipe.tuning
    tried = state.pressed("classification") is not None
    with st.expander("Learn to sort in another way", expanded=tried, icon=":material/tune:"):
        setup.draw(here, settings.choose(here))
if learned is not None:
    ui.explain("classification", **numbers.lesson_numbers(here.config, learned))
ui.show_code(*code)
