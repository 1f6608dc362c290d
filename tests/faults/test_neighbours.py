"""One person's slow request: whatever it waits for, everybody else's pages are drawn meanwhile."""

import json
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from core import child, tokenizer
from core.instructions import Item
from core.tensor_files import open_tensors
from core.unpickle import LONGEST_PICKLE
from runs import StoreError, keeping, tensorboard
from runs.database import writing
from runs.home import Home
from runs.judge import Judge
from runs.keeping import tidy, unfinished
from runs.lock import try_lock
from views import turns as admission
from views.cache.guard import Kept
from views.cache.shared import shared
from views.turns import Turns, busy

PATIENCE = 20  # seconds until a test has failed
HOUR = 3600.0
ITEM = Item("Say the opposite.", "hot", "cold", "opposite")
Slow = Iterator[Callable[[], object]]


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes every request, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def a_judge_that_hangs(folder: Path) -> Slow:
    def ask(address: str) -> None:
        with suppress(ValueError):
            Judge(address=address, seconds=PATIENCE).score(ITEM, "cold")

    with silent_server() as address:
        yield partial(ask, address)


@contextmanager
def a_child_that_waits(folder: Path) -> Slow:
    """A program that reads what nobody has written yet."""
    source = folder / "pipe"
    os.mkfifo(source)
    yield lambda: child.run_child("json.tool", source, folder / "target")
    source.write_text("1")


@contextmanager
def a_lock_that_is_held(folder: Path) -> Slow:
    held = try_lock(folder / "lock")
    yield lambda: os.close(try_lock(folder / "lock", PATIENCE))
    os.close(held)


@contextmanager
def a_database_that_is_written(folder: Path) -> Slow:
    path = folder / "some.sqlite"
    path.touch()

    def write() -> None:
        with writing(path):
            pass

    with writing(path):
        yield write


@contextmanager
def the_same_being_computed(make: Callable[[Callable], Callable]) -> Slow:
    """What somebody else, who has no turn here, is just computing; they end when the block does."""
    begun, end = threading.Event(), threading.Event()

    def compute() -> int:
        begun.set()
        assert end.wait(PATIENCE)
        return 1

    ask = make(compute)
    first = threading.Thread(target=ask)
    first.start()
    assert begun.wait(PATIENCE)
    yield ask
    end.set()
    first.join(PATIENCE)


def a_computation_of_another(folder: Path) -> Slow:
    def decorated(compute: Callable) -> Callable:
        @shared(max_entries=1)
        def computed(folder: Path) -> int:
            return compute()

        return lambda: computed(folder)

    return the_same_being_computed(decorated)


def a_model_that_another_loads(folder: Path) -> Slow:
    things = Kept(lambda: 100, lambda _: 1)
    return the_same_being_computed(lambda compute: lambda: things.get(folder, compute))


@contextmanager
def long_computation(folder: Path) -> Slow:
    """Seconds of work of one's own."""
    end = threading.Event()

    def work() -> None:
        with busy(" "):
            assert end.wait(PATIENCE)

    yield work
    end.set()


@contextmanager
def locked(lock: threading.Lock, ask: Callable[[], object]) -> Slow:
    with lock:
        yield ask


def a_vocabulary_that_another_loads(folder: Path) -> Slow:
    return locked(tokenizer.LOADING["gpt2"], lambda: tokenizer.load_tokenizer("gpt2"))


def an_export_of_another(folder: Path) -> Slow:
    return locked(tensorboard.one_at_a_time, lambda: tensorboard.tensorboard_zip([]))


SLOW = [
    a_judge_that_hangs,
    a_child_that_waits,
    a_lock_that_is_held,
    a_database_that_is_written,
    a_computation_of_another,
    a_model_that_another_loads,
    a_vocabulary_that_another_loads,
    an_export_of_another,
    long_computation,
]


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Turns:
    """Admission for one page, which keeps it until it says otherwise."""
    pages, long = Turns(1, HOUR), Turns(1, HOUR)
    monkeypatch.setattr(admission, "TURNS", pages)
    monkeypatch.setattr(admission, "LONG", long)
    monkeypatch.setattr("tests.faults.test_neighbours.Judge.__post_init__", lambda judge: None)
    monkeypatch.setattr(tensorboard, "available", lambda: True)
    monkeypatch.setattr(tensorboard, "write_in_a_child", lambda *_: None)
    return pages


@pytest.mark.parametrize("slow", SLOW, ids=lambda slow: slow.__name__)
def test_76_a_page_is_drawn_while_another_waits(slow, one_at_a_time: Turns, tmp_path: Path):
    began, done = threading.Event(), threading.Event()

    def impatient(ask: Callable[[], object]) -> None:
        with one_at_a_time:
            began.set()
            ask()
            counted.append(len(one_at_a_time.inside))
        done.set()

    counted: list[int] = []
    with slow(tmp_path) as ask:
        threading.Thread(target=impatient, args=(ask,), daemon=True).start()
        assert began.wait(PATIENCE)
        assert drawn_within(one_at_a_time)
        assert not done.is_set()
    assert done.wait(PATIENCE)
    assert counted == [1]  # the turn was taken again
    assert not one_at_a_time.inside


def drawn_within(turns: Turns) -> bool:
    """Whether a neighbour's page is drawn before the test's patience ends."""
    drawn = threading.Event()

    def draw() -> None:
        with turns:
            drawn.set()

    threading.Thread(target=draw, daemon=True).start()
    return drawn.wait(PATIENCE)


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc how the child is shut in")
def test_77_the_child_is_shut_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GLASSBOX_SECRET", "of the server")
    told = child.run_child("tests.faults.shut_in", tmp_path, tmp_path / "found.json")
    assert told == child.TOO_LONG  # it goes on for ever, and was ended
    assert child.SECONDS <= 20
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["privileges"]
    assert found["settings"] == []
    assert 0 < found["processor"] <= 1.3
    if a_process_may_leave_the_network():
        assert found["networks"] == ["lo"]


def a_process_may_leave_the_network() -> bool:
    """Whether this system lets a process of this user have a network of its own, with nothing in it."""
    asked = [["unshare", "--net", "true"], ["unshare", "--user", "--net", "true"]]
    return any(subprocess.run(one, capture_output=True, check=False).returncode == 0 for one in asked)


def test_77_beside_a_slow_file_others_are_read(tmp_path: Path):
    (tmp_path / "quick.json").write_text("1")
    done = threading.Event()
    with a_child_that_waits(tmp_path) as read_slowly:
        slow = threading.Thread(target=lambda: (read_slowly(), done.set()))
        slow.start()
        assert child.run_child("json.tool", tmp_path / "quick.json", tmp_path / "quick") == ""
        assert not done.is_set()
    slow.join(PATIENCE)
    assert done.is_set()


def test_77_beside_a_slow_import_others_import(home: Home):
    begun, end = threading.Event(), threading.Event()

    def import_slowly() -> None:
        with unfinished(home) as folder:
            begun.set()
            assert end.wait(PATIENCE)
            kept.append(folder.is_dir())

    kept: list[bool] = []
    slow = threading.Thread(target=import_slowly)
    slow.start()
    assert begun.wait(PATIENCE)
    entered = threading.Event()

    def import_quickly() -> None:
        with unfinished(home):
            entered.set()
        tidy(home)

    quick = threading.Thread(target=import_quickly)
    quick.start()
    assert entered.wait(PATIENCE)
    quick.join(PATIENCE)
    end.set()
    slow.join(PATIENCE)
    assert kept == [True]  # nobody has swept it away
    assert os.listdir(home.models) == []


def test_77_more_imports_than_memory_has_room_for_are_told_so(home: Home, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping, "PATIENCE", 0)
    with ExitStack() as others:
        for _ in range(4):
            others.enter_context(unfinished(home))
        with pytest.raises(StoreError, match="try again in a minute"), unfinished(home):
            pass
    with unfinished(home):  # and room was given back by each
        pass


def test_77_a_pickle_of_endless_length_is_refused_before_it_is_opened(tmp_path: Path, no_child: None):
    with zipfile.ZipFile(tmp_path / "long.pt", "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + b"N0" * LONGEST_PICKLE)
    with pytest.raises(ValueError, match="names and shapes take more than"):
        open_tensors([tmp_path / "long.pt"])
