"""Fixtures of the whole house, for faults of every kind."""

import os
import subprocess
from contextlib import suppress
from types import SimpleNamespace

import pytest

from runs import open_store, worker
from tests.browser.conftest import app, chromium, context, page
from tests.core.conftest import no_child
from tests.core.test_download import folder, hub
from tests.core.test_pickled_by_strangers import no_unpickling_here
from tests.pages.test_bring import person
from tests.runs.conftest import live, one_thread, recipe, store, uninterrupted
from tests.runs.test_brought import brought, home
from tests.runs.test_dispatcher import dispatcher
from tests.runs.test_worker import work_here
from tests.runs.tiny import end_dispatcher

__all__ = [
    "app",
    "brought",
    "chromium",
    "context",
    "dispatcher",
    "folder",
    "home",
    "hub",
    "live",
    "no_child",
    "no_unpickling_here",
    "one_thread",
    "page",
    "person",
    "recipe",
    "store",
    "uninterrupted",
    "work_here",
]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A store whose dispatcher may be ended."""
    monkeypatch.setenv("GLASSBOX_SLOTS", "1")
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
    store = open_store(tmp_path)
    yield store
    end_dispatcher(store)


@pytest.fixture
def here(store, monkeypatch):
    """Be the worker of a run in this very process."""
    monkeypatch.setattr(worker, "settle_down", lambda: None)
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)

    def work(run_id):
        store.home.run_dir(run_id).mkdir(exist_ok=True)
        return worker.work(store.home.run_dir(run_id))

    return work


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """A store on a disk of four megabytes, a way to fill it, and a way to make room again."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a small disk can only be mounted by root")
    monkeypatch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
    store = open_store(folder)
    filler = folder / "filler"
    yield SimpleNamespace(
        store=store, folder=folder, fill=lambda room: fill(filler, room), make_room=filler.unlink
    )
    end_dispatcher(store)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(filler, room):
    """Take all space of a disk but `room` bytes."""
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    os.truncate(filler, max(0, filler.stat().st_size - room))
