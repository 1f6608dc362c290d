"""What a person calls a run, and what tells it from another."""

import re

from runs import RunStatus
from views import cache, catalogue, state
from views.text import safe, shown

JOINER = "\u2060"  # has no width: only keeps what stands left and right of it from being read as one sign


def name_of(run_id: str) -> str:
    """The name that the run has in this person's list, or the one that is made of its recipe."""
    for entry in cache.entries_of(state.owner()):
        if entry.run_id == run_id:
            return entry.name or catalogue.run_label(cache.store(), run_id, entry.mine)
    return catalogue.run_label(cache.store(), run_id, False)


def beside(run_id: str, base_id: str) -> str:
    """The name of a run with what tells it from another one."""
    key, base_key = (cache.status_of(one).key for one in (run_id, base_id))
    return f"{name_of(run_id)} · {cache.difference_of(run_id, key, base_id, base_key)}"


def how_it_stands(status: RunStatus) -> str:
    """The state of a run in a few words, in a list."""
    if status.state == "queued" and status.position:
        return f"waits: number {status.position}{waiting_time(status.wait)}"
    words = {
        "queued": "waits",
        "starting": "starts",
        "running": f"step {status.step:,} of {status.steps:,}",
        "paused": f"paused at {status.step:,} of {status.steps:,}",
        "done": f"done, {shown(status.steps)} steps",
    }
    return words.get(status.state, f"{status.state} at step {status.step:,}")


def waiting_time(seconds: float | None) -> str:
    """About how long it will take until a run has its turn."""
    if seconds is None:
        return ""
    if seconds < 5:
        return ", soon"
    return f", about {seconds:.0f} s" if seconds < 90 else f", about {seconds / 60:.0f} min"


def literal(text: str) -> str:
    """A name inside markdown, sign by sign as it was written."""
    return still(safe(text))


def still(escaped: str) -> str:
    """Escaped text without what Streamlit reads all the same: icons, its logo, arrows of two signs."""
    slashes = re.sub(r"(?<!\\)/", r"\\/", escaped)
    logo = slashes.replace("streamlit\\:", f"streamlit{JOINER}\\:")
    return re.sub(r"(\\[-<>~])(?=\\[-<>]|=)", rf"\1{JOINER}", logo)
