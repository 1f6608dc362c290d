"""A page in front of a class: large, by keyboard along the road; and its link, also as a QR code."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import segno
import streamlit as st

from views import state
from views.road import ROAD, Station, file_of

STYLE = Path(__file__).parents[1] / "assets" / "present.css"
HERE_ALONE = (
    "This address works on this computer only. For a class, start Glassbox with `make class`, "
    "open the address that it prints, and share from there."
)
LONGEST_QR = 1200  # characters: more is too fine to be read from a projector


def style() -> None:
    """The style of the lecture hall, and of the controls that the address leaves out."""
    if state.presenting():
        st.html(STYLE)
    if state.left_out():
        hidden = ", ".join(f".st-key-{name}" for name in state.left_out())
        st.html(f"<style>{hidden} {{ display: none !important; }}</style>")


def sidebar() -> None:
    """How to begin, and the link to what is on the screen."""
    with st.sidebar, st.container(horizontal=True, gap="small"):
        st.button(
            "Present",
            icon=":material/present_to_all:",
            key="present_begin",
            type="tertiary",
            on_click=state.set_presenting,
            args=(True,),
        )
        shared = st.popover("Share", icon=":material/share:", key="present_share", on_change="rerun")
        if shared.open:
            with shared:
                link(state.address(present=""))


def link(address: str) -> None:
    """A link as text to copy, and as a picture that a telephone reads."""
    st.caption("Whoever opens this sees what you see.")
    st.code(address, language=None, wrap_lines=True)
    if is_of_this_computer(address):
        st.warning(HERE_ALONE, icon=":material/warning:")
        return  # nor could a telephone open it
    if len(address) > LONGEST_QR:
        st.caption("The prompt is too long for a QR code: copy the link.")
        return
    st.image(segno.make(address, error="l").svg_inline(scale=4, border=3, light="white"))


def is_of_this_computer(address: str) -> bool:
    """Whether an address leads every computer to itself: localhost, 127.0.0.1 or [::1]."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost" or host.endswith(".localhost")


def bar(path: str) -> None:
    """Back and forth along the road, at the foot of the page: Page Up, Page Down, Escape."""
    if not state.presenting():
        return
    stations = [station for part in ROAD.values() for station in part]
    place = next(place for place, station in enumerate(stations) if station.path == path)
    with st.container(key="present_bar", horizontal=True, vertical_alignment="center", gap="small"):
        step("Back", "PageUp", stations[place - 1] if place else None)
        st.markdown(f"**{stations[place].title}** {place + 1} / {len(stations)}")
        step("Next", "PageDown", stations[place + 1] if place + 1 < len(stations) else None)
        st.button(
            "End",
            key="present_end",
            type="tertiary",
            shortcut="Escape",
            on_click=state.set_presenting,
            args=(False,),
        )


def step(label: str, shortcut: str, to: Station | None) -> None:
    """A button that leads to another page of the road."""
    pressed = st.button(
        label,
        key=f"present_{label.lower()}",
        type="tertiary",
        shortcut=shortcut,
        disabled=to is None,
        help=to.title if to else None,
    )
    if pressed and to:
        st.switch_page(file_of(to.path), query_params={})
