"""The one SQLite file: its tables, and short connections, never shared between threads or processes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from core.waiting import waiting
from runs.errors import StoreError
from runs.lock import try_lock
from runs.room import no_room

PATIENCE = 10.0  # seconds to wait for another process that is writing
MIGRATIONS = (  # version n + 1 is made from version n; only ever append
    """
    CREATE TABLE runs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of starting; clocks may jump
        id TEXT NOT NULL UNIQUE,                -- 128 random bits: who knows it may look
        key TEXT NOT NULL,                      -- the content of the recipe
        owner TEXT NOT NULL,                    -- who started it first
        recipe TEXT NOT NULL,                   -- JSON
        steps INTEGER NOT NULL,
        step INTEGER NOT NULL DEFAULT 0,        -- updates done
        state TEXT NOT NULL DEFAULT 'queued',
        wanted TEXT,                            -- 'stop' or 'pause', until the worker has seen it
        reason TEXT NOT NULL DEFAULT '',
        deaths INTEGER NOT NULL DEFAULT 0,      -- workers that died over it
        created REAL NOT NULL                   -- seconds since 1970, for people to read
    );
    CREATE INDEX runs_by_state ON runs (state);
    CREATE INDEX runs_by_key ON runs (key);
    CREATE TABLE starts (                       -- who asked for a run, and with which click
        run_id TEXT NOT NULL REFERENCES runs (id),
        owner TEXT NOT NULL,
        click TEXT,
        UNIQUE (owner, click)
    );
    CREATE INDEX starts_by_run ON starts (run_id);
    CREATE TABLE train_events (
        run_id TEXT NOT NULL, step INTEGER NOT NULL, tokens_seen INTEGER NOT NULL,
        loss REAL, grad_norm REAL, learning_rate REAL, PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    CREATE TABLE eval_events (
        run_id TEXT NOT NULL, step INTEGER NOT NULL, train_loss REAL, val_loss REAL,
        sample TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE runs ADD COLUMN life INTEGER NOT NULL DEFAULT 0;    -- how often it was reset to step 0
    ALTER TABLE runs ADD COLUMN new_rate REAL;                      -- wanted, until the worker has seen it
    ALTER TABLE runs ADD COLUMN parent TEXT;                        -- the run that it branched off from
    ALTER TABLE runs ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;  -- its checkpoints made room for others
    ALTER TABLE runs ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;  -- the whole class sees it in the list
    ALTER TABLE runs ADD COLUMN estimate REAL NOT NULL DEFAULT 0;   -- seconds that it should take
    CREATE TABLE shelf (                        -- what a person made of a run in their list
        run_id TEXT NOT NULL, owner TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '', pinned INTEGER NOT NULL DEFAULT 0,
        deleted REAL,                           -- when, in seconds since 1970; NULL: it is there
        PRIMARY KEY (run_id, owner)
    ) WITHOUT ROWID;
    CREATE TABLE step_reports (
        run_id TEXT NOT NULL, step INTEGER NOT NULL, report TEXT NOT NULL, PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE runs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;    -- its round of the queue
    """,
    """
    CREATE TABLE secret (value TEXT NOT NULL);  -- this server's, so that nobody can compute a model's id
    INSERT INTO secret VALUES (lower(hex(randomblob(32))));
    CREATE TABLE models (                       -- weights that were brought from elsewhere
        id TEXT PRIMARY KEY,
        bytes INTEGER NOT NULL,
        opened REAL NOT NULL                    -- when, in seconds since 1970
    ) WITHOUT ROWID;
    CREATE TABLE brought (                      -- who brought them, and what that person calls them
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        model_id TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (model_id, owner)
    );
    """,
    """
    ALTER TABLE eval_events ADD COLUMN scores TEXT NOT NULL DEFAULT '{}';  -- JSON, of a fine-tuning
    """,
    """
    CREATE TABLE far_workers (                  -- who is at a run on another machine
        run_id TEXT PRIMARY KEY,
        attempt TEXT NOT NULL,                  -- tells this worker from those before it
        handle TEXT NOT NULL DEFAULT '',        -- its name in Slurm or Dask
        heard INTEGER NOT NULL DEFAULT 0        -- bytes of its report that are in the tables above
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE runs ADD COLUMN saved_at_death INTEGER NOT NULL DEFAULT -1;  -- step of the checkpoint then
    """,
)


@contextmanager
def reading(path: Path, patience: float = PATIENCE) -> Iterator[sqlite3.Connection]:
    """A connection for a moment. StoreError if the file cannot be read."""
    try:
        # Without create: a data folder that somebody removed must not come back as an empty one.
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=patience)) as database:
            database.isolation_level = None  # transactions are ours to begin
            database.row_factory = sqlite3.Row
            database.execute("PRAGMA synchronous = NORMAL")
            yield database
    except sqlite3.Error as error:
        why = "the disk is full" if no_room(path.parent) and "locked" not in str(error) else error
        raise StoreError(f"the run store {str(path)!r} cannot be used: {why}") from error


@contextmanager
def writing(path: Path, patience: float = PATIENCE) -> Iterator[sqlite3.Connection]:
    """A transaction that nobody else can write beside: all of it happens, or nothing."""
    with reading(path, patience) as database:
        begin_to_write(database, patience)
        try:
            yield database
        except BaseException:
            if database.in_transaction:  # SQLite has rolled back by itself if the disk is full
                database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")


def begin_to_write(database: sqlite3.Connection, patience: float) -> None:
    """Begin a transaction, once whoever is writing has ended. sqlite3.Error if that takes long."""
    try:
        database.execute("PRAGMA busy_timeout = 0")
        database.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # the low byte: there are kinds of busy
            raise
        with waiting():
            database.execute(f"PRAGMA busy_timeout = {round(1000 * patience)}")
            database.execute("BEGIN IMMEDIATE")
    finally:
        database.execute(f"PRAGMA busy_timeout = {round(1000 * patience)}")


def prepare_database(path: Path) -> None:
    """Make the file, or bring it up to date; one that is no database is set aside as `.bad`."""
    guard = try_lock(path.with_suffix(".lock"), patience=PATIENCE)
    if guard is None:
        raise StoreError(
            f"another process has been preparing the run store {str(path)!r} for {PATIENCE:.0f} s"
        )
    try:
        if not is_database(path):
            set_aside(path)
            path.touch(0o600)
        migrate(path)
    finally:
        os.close(guard)


def is_database(path: Path) -> bool:
    """Whether SQLite can read the file at all; a missing or empty one counts as not."""
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with reading(path) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except StoreError as error:
        if isinstance(error.__cause__, sqlite3.OperationalError):
            raise  # locked or unreadable now, which says nothing about its content
        return False
    return True


def set_aside(path: Path) -> None:
    """Rename a file that is in the way, and what SQLite keeps beside it, to a free name ending in `.bad`."""
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        number, aside = 1, file.with_name(f"{file.name}.bad")
        while aside.exists():
            number, aside = number + 1, file.with_name(f"{file.name}.{number + 1}.bad")
        if file.exists():
            file.rename(aside)


def migrate(path: Path) -> None:
    """Run the migrations that the file has not seen. StoreError if it was written by a newer Glassbox."""
    with reading(path) as database:
        database.execute("PRAGMA journal_mode = WAL")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise StoreError(
                f"the run store {str(path)!r} was written by a newer Glassbox: update, or move it away"
            )
        for number in range(version, len(MIGRATIONS)):
            change = f"{MIGRATIONS[number]} PRAGMA user_version = {number + 1};"
            database.executescript(f"BEGIN IMMEDIATE; {change} COMMIT;")
