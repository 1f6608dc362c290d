"""Copies of the app behind the real proxy, one store, one dispatcher: as in deploy/compose.yaml."""

import contextlib
import csv
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import chromium, free_port  # noqa: F401
from tests.deploy.names import Names
from tests.deploy.settings import DEPLOY, ROOT, open_settings, proxy_settings
from tests.runs.tiny import wait_until

COPIES = ("127.0.0.2", "127.0.0.3")


def haproxy_path() -> str:
    """The proxy to use. Without one the tests are skipped at home, and fail in CI."""
    for name in (os.environ.get("HAPROXY"), "haproxy", "/usr/sbin/haproxy"):
        if name and (found := shutil.which(name)):
            return found
    missing = "no haproxy found: install Debian's package haproxy, or set HAPROXY to its path"
    return pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)


def started(command: list[str], log: Path, **environment: str) -> subprocess.Popen:
    """A process group of its own, so that all of it can be killed as a container is."""
    with log.open("ab") as out:
        return subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stdout=out, stderr=out, start_new_session=True
        )


def killed(process: subprocess.Popen, how: int = signal.SIGKILL) -> None:
    """End it with all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, how)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        killed(process)


class Proxy:
    """The real proxy with the real file, told where things are, and its book of what it knows."""

    def __init__(self, folder: Path, names: Names, app_port: int, **settings: str) -> None:
        self.port, self.socket = free_port(), folder / f"proxy-{len(list(folder.iterdir()))}.sock"
        extra = self.socket.with_suffix(".cfg")
        extra.write_text(f"global\n    stats socket {self.socket} level admin\n")
        told = (
            proxy_settings()
            | {
                "PROXY_RESOLVER": names.at,
                "PROXY_BIND": f"127.0.0.1:{self.port}",
                "PROXY_APP": f"app:{app_port}",
            }
            | {name: value.format(port=self.port) for name, value in settings.items()}
        )
        command = [haproxy_path(), "-db", "-f", str(DEPLOY / "haproxy.cfg"), "-f", str(extra)]
        self.log = self.socket.with_suffix(".log")
        self.process = started(command, self.log, **told)
        wait_until(lambda: self.process.poll() is not None or self.socket.exists())
        assert self.process.poll() is None, self.log.read_text()

    def url(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def asked(self, question: str) -> str:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.socket))
            line.sendall(f"{question}\n".encode())
            return "".join(iter(lambda: line.recv(65536).decode(), ""))

    def copies(self) -> dict[str, dict[str, str]]:
        """By address: what the proxy knows of each copy."""
        rows = csv.DictReader(io.StringIO(self.asked("show stat").lstrip("# ")))
        known = [row for row in rows if row["pxname"] == "app" and row["addr"].startswith("127.")]
        return {row["addr"].split(":")[0]: row for row in known}

    def up(self) -> list[str]:
        return sorted(address for address, row in self.copies().items() if row["status"].startswith("UP"))

    def open_now(self) -> dict[str, int]:
        """How many connections each copy has."""
        return {address: int(row["scur"]) for address, row in self.copies().items()}


class School:
    """All of it: a store, its dispatcher, two copies and the proxy."""

    def __init__(self, folder: Path) -> None:
        self.home, self.app_port = folder / "home", free_port()
        self.home.mkdir()
        self.folder, self.copies = folder, {}
        told = {"GLASSBOX_HOME": str(self.home), "GLASSBOX_DISPATCHER": "elsewhere"}
        self.settings = open_settings() | told
        self.names = Names(list(COPIES))
        self.processes: list[subprocess.Popen] = []

    def open(self) -> None:
        """Start all of it."""
        idle = {"GLASSBOX_DISPATCHER_IDLE": "inf", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "runs.dispatcher"]
        self.dispatcher = started(command, self.folder / "dispatcher.log", **self.settings | idle)
        self.processes.append(self.dispatcher)
        for address in COPIES:
            self.start(address)
        for address in COPIES:
            self.until_ready(address)
        self.proxy = Proxy(self.folder, self.names, self.app_port)
        self.processes.append(self.proxy.process)
        wait_until(lambda: self.proxy.up() == list(COPIES), "the proxy never found both copies")

    def start(self, address: str) -> None:
        """One copy of the app, at an address of its own."""
        log = self.log_of(address)
        log.unlink(missing_ok=True)
        told = {"STREAMLIT_SERVER_ADDRESS": address, "PORT": str(self.app_port)}
        self.copies[address] = started([sys.executable, "app.py"], log, **self.settings | told)

    def until_ready(self, address: str) -> None:
        """Wait until it is warm."""
        process, log = self.copies[address], self.log_of(address)
        wait_until(lambda: process.poll() is not None or "ready" in log.read_text())
        assert process.poll() is None, log.read_text()

    def log_of(self, address: str) -> Path:
        return self.folder / f"app-{address}.log"

    def kill(self, address: str) -> None:
        killed(self.copies.pop(address))

    def stop(self) -> None:
        for process in (*self.processes, *self.copies.values()):
            killed(process, signal.SIGTERM)
        self.names.stop()


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory):
    if sys.platform != "linux":
        pytest.skip("one machine has many addresses of its own, 127.0.0.2 and so on, on Linux alone")
    haproxy_path()
    running = School(tmp_path_factory.mktemp("school"))
    try:
        running.open()
        yield running
    finally:
        running.stop()


@pytest.fixture
def proxy_told(school: School):
    """Another proxy before the same copies, with other settings."""
    running = []

    def start(**settings: str) -> Proxy:
        running.append(Proxy(school.folder, school.names, school.app_port, **settings))
        wait_until(lambda: running[-1].up() == list(COPIES))
        return running[-1]

    yield start
    for proxy in running:
        killed(proxy.process)
