"""Training runs: recipe -> queue -> worker process -> events -> store. No streamlit, no plotly."""

from runs.errors import NotAllowedError, NotThereError, QuotaError, StoreError
from runs.events import EvalEvent
from runs.recipe import Recipe
from runs.store import RunStatus, RunStore, open_store

__all__ = [
    "EvalEvent",
    "NotAllowedError",
    "NotThereError",
    "QuotaError",
    "Recipe",
    "RunStatus",
    "RunStore",
    "StoreError",
    "open_store",
]
