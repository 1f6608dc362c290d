import streamlit as st

from core.cache_savings import timed_writing, work_of_next_token
from core.draws import draw_counts, fit_of
from core.repetition import longest_repeat, loop_of
from core.sampling import generate, next_token_probs
from core.temperature import cooled_then_cut, cut_then_cooled, divided_probs, renormalised
from core.written import surprises
from views import state, tuning, ui
from views.sampling import controls, expected, walk
from views.sampling.dividing import dividing
from views.sampling.draws import draws
from views.sampling.savings import savings
from views.sampling.sides import sides

here = ui.page_header("sampling")
tuning.purpose(here)
ui.need_tokens(here)
view = controls.view()
settings = controls.settings()
now = walk.walk(here, settings)

if view == controls.NEXT:
    own, drawn = expected.distribution(now)
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        rows = expected.bars(now, own, drawn)
    with right:
        walk.buttons(now)
        expected.text(now)
        expected.tree(now)
        walk.words_field(now)
    state.run_on(now.by_itself)
    ui.explain("sampling", **expected.numbers(now, own, drawn, rows))
    ui.show_code(next_token_probs, generate)
elif view == controls.DRAWS:
    ui.explain("sampling/draws", **draws(now))
    ui.show_code(draw_counts, fit_of)
elif view == controls.SIDES:
    ui.explain("sampling/sides", **sides(here, settings))
    ui.show_code(surprises, longest_repeat, loop_of)
elif view == controls.CACHE:
    ui.explain("sampling/cache", **savings(here, settings))
    ui.show_code(work_of_next_token, timed_writing, generate)
else:
    ui.explain("sampling/divide", **dividing(now))
    ui.show_code(divided_probs, renormalised, cut_then_cooled, cooled_then_cut)
