"""The secrets of this server: files in the data folder that its owner alone can read, kept over a restart."""

import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path

from runs.errors import StoreError
from runs.home import default_folder, open_home

LEAST = 32  # characters; a file with fewer is not one of ours


def server_key() -> bytes:
    """What cookies are signed with."""
    return kept(default_folder(), "server.key").encode()


@cache
def kept(folder: Path, name: str) -> str:
    """The secret in a file of the data folder, made at random if there is none; else kept in memory alone.

    Several copies of the app that start at once on one data folder agree on the one that was there first.
    """
    try:
        path = open_home(folder).folder / name
        with suppress(FileNotFoundError):
            path.chmod(0o600)
            if len(text := path.read_text(encoding="ascii", errors="replace").strip()) >= LEAST:
                return text
            path.unlink()
        aside = path.with_name(f"{name}.{os.getpid()}")
        with open(
            os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii"
        ) as file:
            file.write(secrets.token_urlsafe(32))
        with suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
        return path.read_text(encoding="ascii").strip()
    except (OSError, StoreError):
        return secrets.token_urlsafe(32)
