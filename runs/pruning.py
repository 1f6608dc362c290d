"""Keep the data folder within its bounds. The rule, as the Runs page tells it:

When all runs together take more than the quota, the checkpoints of the run that was started longest ago are
removed first, of deleted runs before all others; never those of a run that somebody pinned, or that is still
to be trained. Its curve, its samples and its recipe stay: from that the same model can be trained again.
"""

import os
import shutil
import time
from pathlib import Path

from runs import own_texts
from runs.database import give_back_pages, reading, writing
from runs.home import Home
from runs.lock import try_lock
from runs.settings import settings

UNDO = 3600.0  # seconds in which a deleted run can be brought back
ORPHAN = 3600.0  # seconds after which a folder that no run belongs to is rubbish
ENDED = "('done', 'stopped', 'diverged', 'failed')"
GONE = """EXISTS (SELECT 1 FROM shelf WHERE run_id = id AND deleted IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM starts LEFT JOIN shelf USING (run_id, owner)
                    WHERE starts.run_id = id AND deleted IS NULL)"""


def prune(home: Home, quota: float | None = None) -> None:
    """Remove what is deleted for good, then checkpoints by the rule until the quota holds."""
    for run_id in deleted_for_good(home):
        remove(home, run_id)
    drop_orphans(home)
    sizes = {folder.name: size_of(folder) for folder in (home.folder / "runs").iterdir()}
    with reading(home.database) as database:
        taken = sum(sizes.values()) + own_texts.taken(database)
    quota = settings().disk_bytes if quota is None else quota
    if taken <= quota:
        return
    with reading(home.database) as database:
        prunable = f"state IN {ENDED} AND NOT EXISTS (SELECT 1 FROM shelf WHERE run_id = id AND pinned)"
        rows = database.execute(
            f"SELECT id FROM runs WHERE {prunable} ORDER BY ({GONE}) DESC, seq"
        ).fetchall()
    for row in rows:
        if taken <= quota:
            return
        taken -= sizes.get(row["id"], 0)
        drop_checkpoints(home, row["id"])


def deleted_for_good(home: Home) -> list[str]:
    """Runs that everybody has deleted, the last of them so long ago that nobody will undo it."""
    latest = "(SELECT max(deleted) FROM shelf WHERE run_id = id)"
    ended = f"SELECT id FROM runs WHERE state IN {ENDED} AND {GONE} AND {latest} < ?"
    with reading(home.database) as database:
        return [row["id"] for row in database.execute(ended, (time.time() - UNDO,))]


def remove(home: Home, run_id: str) -> None:
    """A run with all that belongs to it."""
    drop_checkpoints(home, run_id)
    with writing(home.database) as database:
        for table in ("train_events", "eval_events", "step_reports", "starts", "shelf", "far_workers"):
            database.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
        database.execute("DELETE FROM runs WHERE id = ?", (run_id,))
        own_texts.drop_unused(database, run_id)
    give_back_pages(home.database)


def drop_checkpoints(home: Home, run_id: str) -> None:
    """Remove a run's folder, unless a worker holds it; a new start of its recipe will train it again."""
    folder = home.run_dir(run_id)
    if not folder.exists():
        return
    lock = try_lock(home.run_lock(run_id))
    if lock is None:
        return
    try:
        with writing(home.database) as database:
            database.execute("UPDATE runs SET pruned = 1 WHERE id = ?", (run_id,))
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def drop_orphans(home: Home) -> None:
    """Remove folders that a crash has left without a run."""
    with reading(home.database) as database:
        known = {row["id"] for row in database.execute("SELECT id FROM runs")}
    for folder in (home.folder / "runs").iterdir():
        if folder.name not in known and time.time() - folder.stat().st_mtime > ORPHAN:
            shutil.rmtree(folder, ignore_errors=True)


def size_of(folder: Path) -> int:
    """Bytes in a folder; a file that is being replaced counts as none."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
