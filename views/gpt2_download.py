"""GPT-2's own weights: which size, how far its download is, and what to do without a network."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.anatomy import BYTES
from core.download_progress import Progress
from core.gpt import parameter_count
from core.gpt2_sizes import FILES, SIZES, Size
from runs import StoreError
from runs.budget import check_budget
from runs.gpt2 import Place, State
from runs.offered import Offered
from views import cache, state, ui
from views.text import safe

REFRESH = 1.0  # seconds
SAID = "gpt2"
PHASES = {"asking": "asking the hub", "checking": "checking the hash"}

Offer = Callable[[Path], Offered]  # as runs.bringing.bring wants it
Bring = Callable[[Offer], object]  # what makes it a model of this person


def draw(bring: Bring | None = None) -> None:
    """Choose a size, and download it or offer it to `bring`; live for everybody while it comes."""
    store = cache.store()
    if store is None:
        st.info(safe(cache.opened_store()[1]), icon=":material/folder_off:")
        return
    name = state.choice(
        st.segmented_control,
        "Size of GPT-2",
        list(SIZES),
        default="gpt2",
        required=True,
        format_func=lambda name: SIZES[name].label,
        key="gpt2_size",
        **ui.KEEP,
    )
    place = Place(store.home, name)
    comes = place.state().kind == "downloading"
    st.fragment(draw_safely, run_every=REFRESH if comes else None)(place, comes, bring)


def draw_safely(place: Place, came: bool, bring: Bring | None) -> None:
    """A fragment that runs by itself is outside the app's net, so it has one of its own."""
    try:
        draw_place(place, came, bring)
    except Exception as error:
        ui.sorry(error)


def draw_place(place: Place, came: bool, bring: Bring | None) -> None:
    """One size as it stands now; when a download begins or ends, the whole page runs once more."""
    now = place.state()
    if (now.kind == "downloading") != came:
        st.rerun()
    st.caption(needs(place.size))
    if problem := state.said(SAID):
        st.warning(safe(problem), icon=":material/block:")
    if now.kind == "downloading":
        draw_progress(place, now)
    elif now.kind == "there":
        draw_there(place, bring)
    else:
        draw_offer(place, now)


def needs(size: Size) -> str:
    """What one size takes, in one line."""
    parameters = parameter_count(size.config)
    memory = parameters * BYTES
    parts = [f"{parameters:,} parameters", f"{megabytes(size.file_bytes)} to download"]
    return " · ".join([*parts, f"{megabytes(memory)} of memory"])


def megabytes(count: float) -> str:
    """Bytes as people read them."""
    return f"{count / 1e6:,.0f} MB"


def draw_progress(place: Place, now: State) -> None:
    """How far it is, for everybody on this server, and the way out."""
    told = now.progress
    share = told.done / told.total if told.total else 0.0
    st.progress(min(1.0, share), text=how_far(told))
    button("Cancel", "close", place.cancel)


def how_far(told: Progress) -> str:
    """MB of MB, speed and time left, in one line."""
    if told.phase in PHASES:
        return f"GPT-2: {PHASES[told.phase]}"
    parts = [f"{told.done / 1e6:,.0f} of {megabytes(told.total)}"]
    if told.seconds_left is not None:
        parts += [f"{told.speed / 1e6:,.1f} MB/s", f"{time_left(told.seconds_left)} left"]
    return " · ".join(parts)


def time_left(seconds: float) -> str:
    """A duration as a person says it."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def draw_there(place: Place, bring: Bring | None) -> None:
    """The folder is whole."""
    st.success(f"GPT-2 {place.size.label} is on this server.", icon=":material/check_circle:")
    if bring is None:
        st.caption(f"In the folder `{place.folder}`")
    elif st.button("Look into it", icon=":material/visibility:", key="gpt2_bring", type="primary"):
        bring(place.offered)


def draw_offer(place: Place, now: State) -> None:
    """Download, go on, or put it there by hand; refused if the model would not fit."""
    try:
        check_budget(place.size.config)
    except ValueError as error:
        st.warning(safe(sentence(str(error))), icon=":material/block:")
        return
    if now.reason:
        st.warning(safe(sentence(now.reason)), icon=":material/error:")
    if now.kept:
        st.caption(f"{megabytes(now.kept)} are here; the download goes on from there.")
    with st.container(horizontal=True, gap="small"):
        button("Go on" if now.kept else "Download", "download", place.start)
        if now.kept:
            button("Discard", "delete", place.discard)
    by_hand(place, expanded=now.kind == "failed")


def sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:]}."


def by_hand(place: Place, expanded: bool) -> None:
    """What to fetch elsewhere, and where to put it."""
    with st.expander("Without a network", icon=":material/wifi_off:", expanded=expanded):
        st.markdown(
            "Glassbox works without GPT-2. To have it, open these two on any computer with a network:"
        )
        st.markdown("\n".join(f"- <{place.size.address(file)}>" for file in FILES))
        st.markdown("and put both files, with these names, into this folder on the server:")
        st.code(str(place.folder), language=None)
        st.button("Look again", icon=":material/refresh:", key="gpt2_look")


def button(label: str, icon: str, what: Callable[[], None]) -> None:
    """A button whose order is carried out before anything is drawn."""
    st.button(label, icon=f":material/{icon}:", key=f"gpt2_{icon}", on_click=order, args=(what,))


def order(what: Callable[[], None]) -> None:
    """Carry it out, or say in one sentence why not."""
    try:
        what()
    except (ValueError, StoreError) as error:
        state.say(SAID, sentence(str(error)))
