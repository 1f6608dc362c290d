"""What a person calls a run, and what tells it from another."""

from runs import RunStatus
from views import cache, catalogue, state
from views.runs_seen import waiting
from views.text import shown


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
    return ", soon" if seconds < 5 else f", {waiting(seconds)}"
