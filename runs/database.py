"""The one SQLite file: its tables, and short connections, never shared between threads or processes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from core.waiting import waiting
from runs.errors import StoreError
from runs.lock import try_lock
from runs.migrations import MIGRATIONS, change
from runs.room import no_room

PATIENCE = 10.0  # seconds to wait for another process that is writing


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
        if not path.stat().st_size:
            database.execute("PRAGMA auto_vacuum = INCREMENTAL")  # before there is a table
        database.execute("PRAGMA journal_mode = WAL")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise StoreError(
                f"the run store {str(path)!r} was written by a newer Glassbox: update, or move it away"
            )
        for number in range(version, len(MIGRATIONS)):
            change(database, MIGRATIONS[number], number + 1)
        if 0 < version < len(MIGRATIONS) and not database.execute("PRAGMA auto_vacuum").fetchone()[0]:
            with suppress(sqlite3.Error):  # it needs twice the room for a moment, and can do without
                database.executescript("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;")


def give_back_pages(path: Path) -> None:
    """Make the file as small again as what is in it."""
    with reading(path) as database:
        database.executescript("PRAGMA incremental_vacuum")  # a script steps through all of it
        database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
