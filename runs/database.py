"""The one SQLite file: its tables, and short connections, never shared between threads or processes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from core.waiting import waiting
from runs.errors import LostStoreError, StoreError
from runs.lock import try_lock
from runs.migrations import MIGRATIONS, change
from runs.room import no_room

LEFT = ("runs", "models")  # folders of a store beside its database
LOST = "put a copy of it back, or begin a new store; what is left of the old one is kept beside it"
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
    """Make the file, or bring it up to date; one that is no database is set aside as `.bad`.

    LostStoreError if folders of runs or models are left of a store that is gone: `begin_anew` needs consent.
    """
    with preparing(path):
        if not is_database(path):
            check_nothing_left(path)
            set_aside(path)
            path.touch(0o600)
        migrate(path)


def check_there(path: Path) -> None:
    """Raise LostStoreError if a store's database is gone or is none, StoreError if it cannot be read now."""
    if not is_database(path):
        raise LostStoreError(
            f"the run store {str(path)!r} is {'damaged' if path.exists() else 'gone'}: {LOST}"
        )


def check_nothing_left(path: Path) -> None:
    """Raise LostStoreError if there are folders of runs or models beside a database that is gone."""
    left = [folder for name in LEFT for folder in (path.parent / name).glob("[!.]*")]
    if left:
        check_there(path)


def begin_anew(path: Path) -> None:
    """A new, empty store in the place of one that is lost; what is left is renamed to end in `.bad`."""
    with preparing(path):
        if is_database(path):
            return  # somebody else has just done it, or it has come back
        set_aside(path)
        for name in LEFT:
            move_aside(path.parent / name)
        (path.parent / "runs").mkdir()
        path.touch(0o600)
        migrate(path)


@contextmanager
def preparing(path: Path) -> Iterator[None]:
    """Only one process at a time makes or changes the file."""
    guard = try_lock(path.with_suffix(".lock"), patience=PATIENCE)
    if guard is None:
        raise StoreError(
            f"another process has been preparing the run store {str(path)!r} for {PATIENCE:.0f} s"
        )
    try:
        yield
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
        move_aside(file)


def move_aside(path: Path) -> None:
    """Rename a file or folder, if it is there, to a free name ending in `.bad`."""
    number, aside = 1, path.with_name(f"{path.name}.bad")
    while aside.exists():
        number, aside = number + 1, path.with_name(f"{path.name}.{number + 1}.bad")
    if path.exists():
        path.rename(aside)


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
