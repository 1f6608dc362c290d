"""What can be done with one run of the list; nothing of it is lost at once."""

from collections.abc import Callable

import streamlit as st

from runs import RunStatus, StoreError
from runs.shelf import LONGEST_NAME, Entry, Shelf
from views import cache, catalogue, run_names, state, takeaway
from views.road import file_of
from views.state.linked import MOST_COMPARED
from views.text import safe

UNDO = "runs_undo"
MOST_AWAY = 10  # runs put away that can be brought back here


def actions(entry: Entry, status: RunStatus) -> None:
    """All that can be done with this run, in one line."""
    run_id = entry.run_id
    with st.container(horizontal=True, gap="small"):
        if button("Open in Pretraining", "open_in_new", state.pick_model, run_id, rerun=False):
            st.switch_page(file_of("pretraining"), query_params={})
        if run_id in laid_over():
            button("Compare no longer", "layers_clear", take_out, run_id)
        else:
            button("Compare", "layers", lay_over, run_id)
        pin = ("Unpin", "keep_off", False) if entry.pinned else ("Pin", "keep", True)
        button(pin[0], pin[1], on_shelf, Shelf.pin, run_id, pin[2])
        if status.owner == state.owner():
            share = (
                ("Share no longer", "lock", False)
                if entry.shared
                else ("Share with the class", "group", True)
            )
            button(share[0], share[1], on_shelf, Shelf.share, run_id, share[2])
        rename(entry)
        takeaway.downloads(run_id)
        button("Delete" if entry.mine else "Hide", "delete", put_aside, run_id)
    comparison()
    if problem := state.said("runs"):
        st.warning(safe(problem), icon=":material/block:")


def button(label: str, icon: str, what: Callable, *args: object, rerun: bool = True) -> bool:
    """A button whose order is carried out before anything is drawn; then the whole page, the sidebar too."""
    key = f"runs_do_{icon}"
    pressed = st.button(label, icon=f":material/{icon}:", key=key, on_click=what, args=args)
    if pressed and rerun:
        st.rerun()
    return pressed


def on_shelf(what: Callable, run_id: str, *values: object) -> None:
    """Change something in this person's list; or say in one sentence why not."""
    try:
        what(cache.store().shelf(state.owner()), run_id, *values)
    except (ValueError, StoreError) as error:
        state.say("runs", str(error))
    cache.forget_lists()
    forget_undo()


def rename(entry: Entry) -> None:
    """A name of one's own for the run; without one it is called by its recipe."""
    key = f"runs_name_{entry.run_id}"
    with st.popover("Rename", icon=":material/edit:"), st.form(f"{key}_form", border=False):
        st.text_input(
            "Name", entry.name, max_chars=LONGEST_NAME, key=key, placeholder="empty: as its recipe says"
        )
        pressed = st.form_submit_button("Save", on_click=save_name, args=(entry.run_id, key))
    if pressed:
        st.rerun()


def save_name(run_id: str, key: str) -> None:
    """The form's button."""
    on_shelf(Shelf.rename, run_id, str(state.controls(key).get("", "")))


def put_aside(run_id: str) -> None:
    """Delete a run, so that it can be brought back."""
    name = run_names.name_of(run_id)
    on_shelf(Shelf.delete, run_id)
    state.compare_with([other for other in state.compared() if other != run_id])
    if state.model_key() == run_id:
        state.pick_model(catalogue.BUNDLED)
    state.set_control(UNDO, (run_id, name))


def forget_undo() -> None:
    """Something else was done since."""
    state.set_control(UNDO, None)


def undo() -> None:
    """The way back, directly after a run was deleted."""
    last = state.controls("runs_").get("undo")
    if not last:
        return
    run_id, name = last
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f":material/delete: {safe(name)} is deleted.", width="content")
        button("Undo", "undo", on_shelf, Shelf.restore, run_id)


def put_away() -> None:
    """What was deleted and is not gone yet."""
    away = cache.entries_of(state.owner(), True)[:MOST_AWAY]
    if not away:
        return
    with st.expander("Recently deleted", icon=":material/restore_from_trash:"):
        for entry in away:
            name = entry.name or catalogue.run_label(cache.store(), entry.run_id, entry.mine)
            with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
                st.markdown(safe(name), width="content")
                key = f"runs_restore_{entry.run_id}"
                if st.button("Restore", key=key, on_click=on_shelf, args=(Shelf.restore, entry.run_id)):
                    st.rerun()


def laid_over() -> list[str]:
    """The runs of the comparison, the chosen one first."""
    return [
        run_id for run_id in (state.model_key(), *state.compared()) if catalogue.is_run(cache.store(), run_id)
    ]


def lay_over(run_id: str) -> None:
    """Compare this run with the chosen one; if none is chosen, with those that come after it."""
    if not catalogue.is_run(cache.store(), state.model_key()):
        state.pick_model(run_id)
    elif len(state.compared()) >= MOST_COMPARED:
        state.say("runs", f"{MOST_COMPARED} runs lie over the chosen one already: take one out first")
    else:
        state.compare_with([*state.compared(), run_id])


def take_out(run_id: str) -> None:
    """Compare this run no longer; the next one takes the place of the chosen one."""
    others = [other for other in state.compared() if other != run_id]
    if run_id == state.model_key():
        state.pick_model(others.pop(0) if others else catalogue.BUNDLED)
    state.compare_with(others)


def comparison() -> None:
    """How many runs are compared, and the way to see them."""
    laid = laid_over()
    if len(laid) == 1:
        st.caption("One run is chosen for the comparison: add another.")
    elif laid:
        st.page_link(
            file_of("pretraining"),
            label=f"See the {len(laid)} compared runs together on Pretraining",
            icon=":material/stacked_line_chart:",
        )
