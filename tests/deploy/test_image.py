"""What deploy/Dockerfile makes runs as nobody in particular, and writes to its store and /tmp alone."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from core.training import TrainEvent
from runs import open_store
from runs.database import MIGRATIONS
from tests.browser.conftest import free_port
from tests.deploy import image
from tests.deploy.conftest import killed, started
from tests.deploy.settings import ROOT, compose, open_settings
from tests.faults.speaking import visit
from tests.runs.tiny import RECIPE, wait_for_state, wait_until, with_train


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder /opt/glassbox of the image."""
    tree = tmp_path_factory.mktemp("image") / "glassbox"
    image.copy_into(tree)
    image.made_of_it(tree)
    return tree


def test_the_image_holds_the_app_and_nothing_of_its_makers(tree: Path):
    assert (tree / "views/frame/main.py").exists()
    assert list((tree / "core/__pycache__").glob("gpt.*.pyc")), "compiled, for nothing can be written later"
    for name in ("tests", "bench", ".git", ".venv", "deploy/open.env", ".streamlit/secrets.toml"):
        assert not (tree / name).exists()


def test_who_runs_it_is_not_root():
    (user,) = image.steps("USER")
    assert user == f"{image.PERSON}:{image.PERSON}"
    assert f"--uid {image.PERSON} " in (ROOT / "deploy/install").read_text(encoding="utf-8")


@pytest.fixture
def containers(tmp_path: Path):
    """A store, and what starts containers that share it, each with its own view of the machine."""
    image.need_root()
    data, running = tmp_path / "data", []
    data.mkdir()
    os.chown(data, image.PERSON, image.PERSON)

    def start(tree: Path, *command: str, **settings: str) -> image.Container:
        running.append(image.Container(tmp_path / str(len(running)), tree, data, *command, **settings))
        return running[-1]

    yield start
    for one in running:
        killed(one.process)


@contextmanager
def looked_into(home: Path):
    """The store of somebody else. What SQLite keeps beside it stays as long as we look, and stays theirs:

    a file that root has just made, and not yet given to them, would stop them.
    """
    wait_until((home / "glassbox.sqlite").exists)
    with closing(sqlite3.connect(home / "glassbox.sqlite")) as held:
        wait_until(lambda: held.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS))
        yield open_store(home, start_dispatcher=False)


def test_two_containers_share_a_store_and_write_nowhere_else(tree: Path, containers, tmp_path: Path):
    """The app in one and the dispatcher in another find each other by a lock, as in compose.yaml."""
    port, home, services = free_port(), tmp_path / "data", compose()["services"]
    told = open_settings() | services["app"]["environment"] | {"PORT": str(port)}
    app = containers(tree, *image.command("CMD"), **told)
    app.until_ready()
    assert subprocess.run(image.command("HEALTHCHECK", port), check=False).returncode == 0
    with looked_into(home) as store:
        run_id = store.start(RECIPE, "ada")
        visit(port)
        assert not (home / "dispatcher.log").exists(), "the app has started a dispatcher of its own"
        assert store.status(run_id).state == "queued"
        assert not is_healthy(tree, containers), "nobody holds the lock"

        told = open_settings() | services["dispatcher"]["environment"]
        dispatcher = containers(tree, *services["dispatcher"]["command"], **told)
        assert wait_for_state(store, run_id, "done").step == 200
        assert is_healthy(tree, containers)
        assert store.model(run_id, 200)
    visit(port)
    assert {path.stat().st_uid for path in home.rglob("*")} == {image.PERSON}
    assert dispatcher.process.poll() is app.process.poll() is None


def is_healthy(tree: Path, containers) -> bool:
    """The dispatcher's health check, as it stands in compose.yaml."""
    shell, check = compose()["services"]["dispatcher"]["healthcheck"]["test"]
    assert shell == "CMD-SHELL"
    return containers(tree, "sh", "-c", check).process.wait(60) == 0


@pytest.mark.slow
def test_a_lost_container_leaves_its_run_to_the_next(tree: Path, containers, tmp_path: Path):
    """The numbers of processes in a lock mean nothing in another container: the lock itself does."""
    service = compose()["services"]["dispatcher"]
    told = open_settings() | service["environment"]
    first = containers(tree, *service["command"], **told)
    with looked_into(tmp_path / "data") as store:
        run_id = store.start(with_train(RECIPE, steps=3000), "ada")
        wait_until(lambda: store.status(run_id).step > 100)
        killed(first.process)
        assert store.status(run_id).step < 3000
        containers(tree, *service["command"], **told)
        assert wait_for_state(store, run_id, "done").step == 3000
        steps = [event.step for event in store.events(run_id) if isinstance(event, TrainEvent)]
    assert steps == list(range(3000))


def test_the_app_runs_from_a_folder_that_nobody_may_write_to(tree: Path, tmp_path: Path):
    """By permissions alone, where no container can be made; and with nothing set but what the image sets."""
    port, home = free_port(), tmp_path / "data"
    home.mkdir()
    subprocess.run(["chmod", "-R", "a-w", str(tree)], check=True)
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    told = image.environment() | open_settings() | {"GLASSBOX_HOME": str(home), "HOME": str(tmp_path)}
    told |= {"GLASSBOX_DISPATCHER_IDLE": "20", "PORT": str(port)}
    told["PATH"] = f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}"
    listed = [f"{name}={value}" for name, value in told.items()]
    log = tmp_path / "log"
    start = ["env", "-i", f"--chdir={tree}", *listed, *image.command("CMD")]
    process = started(start, log)
    try:
        wait_until(lambda: process.poll() is not None or "ready" in log.read_text())
        assert urlopen(f"http://127.0.0.1:{port}/_stcore/health").read() == b"ok"
    finally:
        killed(process, signal.SIGTERM)
        subprocess.run(["chmod", "-R", "u+w", str(tree)], check=True)
    assert before == {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "log"]


@pytest.mark.slow
def test_the_libraries_install_in_a_clean_folder(tmp_path: Path):
    (line,) = [line for line in image.steps("RUN") if "install libraries" in line]
    for name in ("requirements.txt", "constraints.txt", ".ci/torch", "deploy/install"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    libraries = tmp_path / "libraries"
    clean = {"PATH": f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin"}
    kept = {name: os.environ[name] for name in os.environ if name.startswith(("PIP_", "TORCH_INDEX"))}
    run = ["sh", "-c", line.replace("/opt/libraries", str(libraries))]
    subprocess.run(run, cwd=tmp_path, check=True, env=clean | kept)
    asked = [libraries / "bin/python", "-c", "import torch, streamlit, tiktoken; print(torch.version.cuda)"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "None\n"
