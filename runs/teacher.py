"""What a teacher may do to everybody's runs. Who is the teacher is decided where this is called."""

from runs import orders
from runs.database import writing
from runs.errors import NotThereError
from runs.home import Home

STOPPED = "the teacher has stopped this run"
CLEARED = "the teacher has cleared the queue"


def stop_run(home: Home, run_id: str) -> None:
    """Stop a run, whoever started it. NotThereError if there is none with this id."""
    with writing(home.database) as database:
        if not database.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone():
            raise NotThereError("there is no such run here: it may have been deleted")
        orders.give(database, run_id, "stop")
        tell = "UPDATE runs SET reason = ? WHERE id = ? AND (state = 'stopped' OR wanted = 'stop')"
        database.execute(tell, (STOPPED, run_id))


def clear_queue(home: Home) -> int:
    """Stop all runs that wait, and none that trains; returns how many."""
    stop = "UPDATE runs SET state = 'stopped', wanted = NULL, reason = ? WHERE state = 'queued'"
    with writing(home.database) as database:
        return database.execute(stop, (CLEARED,)).rowcount
