"""Pictures that live in the browser: hover costs no server message, a click comes back as a Python value.

`token_chips` shows a text's tokens, `head_grid` all heads of a model, `head_view` one head, `arcs` where one
token looks, `road` the whole way from text to the next token, `run_rows` a list of trainings,
`window_view` a window over a text, `matrix` small tables of numbers that can be hovered.
"""

from views.components.heads import head_grid, thumbnails
from views.components.history import history
from views.components.matrix import Matrix, matrix
from views.components.one_head import HeadVectors, head_view
from views.components.road import road
from views.components.run_rows import run_rows
from views.components.tokens import arcs, token_chips
from views.components.windows import window_view

__all__ = [
    "HeadVectors",
    "Matrix",
    "arcs",
    "head_grid",
    "head_view",
    "history",
    "matrix",
    "road",
    "run_rows",
    "thumbnails",
    "token_chips",
    "window_view",
]
