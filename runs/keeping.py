"""How a brought model gets its place on the disk: whole or not at all, and within bounds. The rule:

8 models a person; when all together take more than the quota, the one that was opened longest ago goes first,
never one that was opened within the last hour. The same files get the same place, whoever brings them.
"""

import hmac
import os
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from threading import BoundedSemaphore
from uuid import uuid4

from core.waiting import waiting
from runs.database import writing
from runs.errors import QuotaError, StoreError
from runs.home import Home
from runs.lock import try_lock
from runs.room import disk_is_full
from runs.settings import settings

MOST = 8  # models in one person's list
IN_USE = 3600.0  # seconds since a model was opened, in which it does not make room for others
PATIENCE = 30.0  # seconds to wait while others bring models
IMPORTS = BoundedSemaphore(4)  # at once: each holds its model in memory


@contextmanager
def unfinished(home: Home) -> Iterator[Path]:
    """A folder for one import; nothing of it is left afterwards. StoreError if many are at work already."""
    with waiting():
        if not IMPORTS.acquire(timeout=PATIENCE):
            raise StoreError("others are just bringing large models: try again in a minute")
    try:
        home.models.mkdir(parents=True, exist_ok=True)
        folder = home.models / f".{uuid4().hex}"
        lock = try_lock(lock_of(folder))
        try:
            sweep(home)
            folder.mkdir()
            yield folder
        finally:
            remove(folder, lock)
    except Exception as error:
        if disk_is_full(error):
            raise StoreError(
                "the disk is full, and nothing of the model was kept: make room first"
            ) from error
        raise
    finally:
        IMPORTS.release()


def lock_of(folder: Path) -> Path:
    """What the import that works in a folder holds, as long as it lives."""
    return folder.with_name(f"{folder.name}.lock")


def remove(folder: Path, lock: int) -> None:
    """Remove a folder whose lock is held, and the lock."""
    shutil.rmtree(folder, ignore_errors=True)
    lock_of(folder).unlink(missing_ok=True)
    os.close(lock)


def take_place(
    home: Home, folder: Path, identity: Sequence[bytes], owner: str, name: str, replaces: str = ""
) -> str:
    """Give an unfinished folder its id and its place, unless the same is there, instead of `replaces`."""
    size = sum(path.stat().st_size for path in folder.iterdir())
    with writing(home.database) as database:
        if not replaces:
            check_room_for_one(database, owner)
        model_id = id_of(database, identity)
        if not (home.models / model_id).exists():
            discard(home, database, to_remove(database, size))
            os.rename(folder, home.models / model_id)
        database.execute("INSERT OR REPLACE INTO models VALUES (?, ?, ?)", (model_id, size, time.time()))
        add = "INSERT OR IGNORE INTO brought (model_id, owner, name) VALUES (?, ?, ?)"
        database.execute(add, (model_id, owner, name))
        if replaces != model_id:
            strike(home, database, replaces, owner)
    return model_id


def strike(home: Home, database: sqlite3.Connection, model_id: str, owner: str) -> None:
    """Take a model from one list; when it is on nobody's any more, its files go."""
    database.execute("DELETE FROM brought WHERE model_id = ? AND owner = ?", (model_id, owner))
    known = database.execute("SELECT 1 FROM models WHERE id = ?", (model_id,)).fetchone()
    listed = database.execute("SELECT 1 FROM brought WHERE model_id = ?", (model_id,)).fetchone()
    if known and not listed:
        discard(home, database, [model_id])


def check_room_for_one(database: sqlite3.Connection, owner: str) -> None:
    """Raise QuotaError for a person who has all the models that are fair."""
    count = "SELECT count(*) FROM brought JOIN models ON id = model_id WHERE owner = ?"
    if database.execute(count, (owner,)).fetchone()[0] >= MOST:
        raise QuotaError(
            f"you have brought {MOST} models, which is the most for one person: delete one first"
        )


def digest(path: Path) -> bytes:
    """A file's content in 32 bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()


def id_of(database: sqlite3.Connection, parts: Iterable[bytes]) -> str:
    """An id that the same content always gets, and that nobody can compute without this server's secret."""
    secret = database.execute("SELECT value FROM secret").fetchone()["value"]
    sign = hmac.new(bytes.fromhex(secret), digestmod="sha256")
    for part in parts:
        sign.update(len(part).to_bytes(8, "big") + part)
    return sign.hexdigest()[:32]


def to_remove(database: sqlite3.Connection, size: int) -> list[str]:
    """The models that make room for `size` more bytes, by the rule. QuotaError if there are not enough."""
    rows = database.execute("SELECT id, bytes, opened FROM models ORDER BY opened").fetchall()
    taken, found = sum(row["bytes"] for row in rows) + size, []
    quota = settings().brought_bytes
    for row in rows:
        if taken > quota and row["opened"] < time.time() - IN_USE:
            found.append(row["id"])
            taken -= row["bytes"]
    if taken <= quota:
        return found
    raise QuotaError(
        f"this model takes {size / 2**20:,.0f} MiB, and all that were brought to this server may take "
        f"{quota / 2**20:,.0f} MiB; the others are in use: delete one of yours, or come back in an hour"
    )


def discard(home: Home, database: sqlite3.Connection, model_ids: Iterable[str]) -> None:
    """Strike models out and take their folders out of sight; `tidy` removes these."""
    for model_id in model_ids:
        database.execute("DELETE FROM models WHERE id = ?", (model_id,))
        database.execute("DELETE FROM brought WHERE model_id = ?", (model_id,))
        if (home.models / model_id).is_dir():
            os.rename(home.models / model_id, home.models / f".{uuid4().hex}")


def opened(home: Home, model_id: str) -> None:
    """Remember that somebody looks into a model now."""
    with writing(home.database) as database:
        database.execute("UPDATE models SET opened = ? WHERE id = ?", (time.time(), model_id))


def tidy(home: Home) -> None:
    """Remove what imports that were killed, and deletions, have left."""
    if home.models.is_dir():
        sweep(home)


def sweep(home: Home) -> None:
    """Remove folders that belong to no model, and to no import that is at work."""
    with writing(home.database) as database:  # while nobody gives a model its place
        known = {row["id"] for row in database.execute("SELECT id FROM models")}
        left = [folder for folder in home.models.iterdir() if folder.is_dir() and folder.name not in known]
    for folder in left:
        lock = try_lock(lock_of(folder))
        if lock is not None:
            remove(folder, lock)
