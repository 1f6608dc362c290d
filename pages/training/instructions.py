from views import tuning, ui
from views.instructions import controls
from views.instructions.views import VIEWS, chosen_view

here = ui.page_header("instructions")
recipe = tuning.chosen(here, "instruct")
draw, lesson, code = VIEWS[chosen_view(here, recipe is not None)]

told = controls.in_a_sentence(draw, here, recipe and recipe.tuning)
if told:
    ui.explain(lesson, **told)
ui.show_code(*code)
