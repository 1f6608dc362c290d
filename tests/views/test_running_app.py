"""The app as it runs: what it imports, and how it ends. Walked through by a tab without a browser."""

import os
import re
import signal
from pathlib import Path

import pytest

from bench.people import prepare
from bench.server import command_lines
from runs import open_store, resume
from tests.browser.conftest import App
from tests.conftest import run_apart
from tests.runs.tiny import RECIPE, wait_until, with_train

HEAVY = {"transformers", "sklearn", "scipy", "matplotlib"}
LONG = with_train(RECIPE, steps=100_000)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory):
    running = App(tmp_path_factory.mktemp("home"), PYTHONPROFILEIMPORTTIME="1")  # each import is logged
    yield running
    if running.process.poll() is None:
        running.stop()


def test_no_page_imports_what_is_heavy(app: App):
    run_apart(prepare(app.port))  # every page, and every view of it
    imported = set(re.findall(r"import time:.*\|\s+(\w+)", app.log.read_text()))
    assert {"torch", "streamlit"} <= imported
    assert not imported & HEAVY


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked for in /proc")
def test_the_end_of_the_app_and_of_its_dispatcher_leaves_a_checkpoint_and_no_process(app: App):
    home = app.log.parent

    def at_work() -> list[int]:
        return [pid for pid, line in command_lines() if str(home) in line]

    store = open_store(home)
    run_id = store.start(LONG, "ada")
    wait_until(lambda: store.status(run_id).step > 0 and store.checkpoints(run_id))
    app.stop()
    survivors = at_work()
    assert survivors  # the dispatcher and its worker go on without the app
    dispatcher = [pid for pid in survivors if os.getsid(pid) == pid]
    os.kill(dispatcher[0], signal.SIGTERM)
    wait_until(lambda: not at_work())
    status = store.status(run_id)
    assert status.state == "queued"  # it goes on where it was, when somebody comes again
    assert resume.read_facts(store.home.run_dir(run_id) / resume.LAST)["step"] == status.step
