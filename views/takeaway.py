"""What can be taken home from a run. Nothing is computed before it is asked for."""

from collections.abc import Callable

import streamlit as st

from runs import RunStore
from runs.export import events_csv, model_bundle
from runs.prepare import prepared
from runs.script import standalone_script
from runs.tensorboard import available, tensorboard_zip
from views import cache


def downloads(run_id: str) -> None:
    """Model, curve, script and TensorBoard files of a run."""
    store, name = cache.store(), f"glassbox-{run_id[:8]}"
    with st.popover("Download", icon=":material/download:"):
        steps = store.checkpoints(run_id)
        if steps:
            step = st.selectbox("Checkpoint (step)", steps, len(steps) - 1, key=f"takeaway_step_{run_id}")
            step = step if step in steps else steps[-1]
            file(
                "Model (zip)",
                f"{name}-step-{step}.zip",
                "application/zip",
                lambda: bundle(store, run_id, step),
            )
        else:
            st.caption("No checkpoint is kept: the script trains the same model again.")
        file("Curve and samples (CSV)", f"{name}.csv", "text/csv", lambda: table(store, run_id))
        if store.recipe(run_id).tuning is None:  # a fine-tuning's script would need the model before
            file("Training script (Python)", f"{name}.py", "text/x-python", lambda: script(store, run_id))
        if available():
            file(
                "TensorBoard files (zip)",
                f"{name}-tensorboard.zip",
                "application/zip",
                lambda: tensorboard_zip(store.events(run_id)),
            )
        else:
            st.caption("For TensorBoard files, install it beside Glassbox: `pip install tensorboard`.")


def file(label: str, name: str, mime: str, make: Callable[[], bytes]) -> None:
    """A button that has the file made when it is pressed."""
    st.download_button(label, make, name, mime, key=f"takeaway_{name}", on_click="ignore", width="stretch")


def bundle(store: RunStore, run_id: str, step: int) -> bytes:
    """The model after this step, with its tokenizer and its recipe."""
    return model_bundle(store.recipe(run_id), store.model(run_id, step), store.tokenizer(run_id), step)


def table(store: RunStore, run_id: str) -> bytes:
    """All events, as spreadsheets like it."""
    return events_csv(store.events(run_id)).encode("utf-8-sig")


def script(store: RunStore, run_id: str) -> bytes:
    """One Python file that trains the same model without Glassbox."""
    return standalone_script(prepared(store.recipe(run_id), store.tokenizer(run_id))).encode()
