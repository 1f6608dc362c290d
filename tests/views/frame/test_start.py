"""The server starts on one port, visits its own first page before it takes requests, and ends cleanly."""

import asyncio
import errno
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from streamlit.testing.v1 import AppTest

from tests.browser.conftest import ROOT, App
from tests.conftest import run_apart
from tests.faults.speaking import speaker
from views.frame import lifespan, start


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_in_use_is_said_in_a_sentence(taken: int):
    asked = [sys.executable, "app.py"]
    told = os.environ | {"PORT": str(taken)}
    ended = subprocess.run(asked, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert f"Port {taken} is in use" in ended.stdout


def test_a_setting_that_cannot_be_used_is_said_before_anything_starts(monkeypatch, capsys):
    monkeypatch.setenv("GLASSBOX_SLOTS", "many")
    assert start.start("app.py") == 1
    assert "GLASSBOX_SLOTS is 'many': set it to a whole number of at least 1" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["eight", "0", "70000", "-1"])
def test_a_port_that_is_none_is_said(port: str):
    told = {"PORT": port}
    with pytest.raises(ValueError, match="PORT is") as said:
        start.decide(told)
    assert repr(port) in str(said.value)
    assert told == {"PORT": port}


def test_the_default_is_this_machine_alone():
    told: dict[str, str] = {}
    start.decide(told)
    assert told == {"STREAMLIT_SERVER_ADDRESS": "127.0.0.1", "STREAMLIT_SERVER_PORT": "8501"}


def test_an_address_of_another_machine_is_said():
    with pytest.raises(OSError, match=os.strerror(errno.EADDRNOTAVAIL)):
        start.check("192.0.2.100", 8501)


def test_a_first_visit_that_is_refused_stops_the_start():
    async def refusing(scope: dict, receive, send) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 1008})

    with pytest.raises(ConnectionError, match="refused"):
        run_apart(lifespan.first_visit(refusing))


def test_a_first_visit_that_never_ends_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    async def silent(scope: dict, receive, send) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(lifespan, "PATIENCE", 0.01)
    with pytest.raises(TimeoutError):
        run_apart(lifespan.first_visit(silent))


def test_the_main_script_runs_from_its_place():
    page = AppTest.from_file(ROOT / "views/frame/main.py", default_timeout=60).run()
    assert not page.exception
    assert page.title or page.header


def test_the_app_is_warm_before_its_first_visitor_and_ends_on_demand(tmp_path: Path):
    app = App(tmp_path)
    try:
        with urlopen(app.url("api/ready")) as answer:
            assert json.load(answer) == {"ready": True}
        with urlopen(app.url("_stcore/metrics")) as answer:
            assert 'session_events_total{type="disconnect"} 1' in answer.read().decode(), "no first visit"
        with speaker(app.port) as visitor:  # a deep link
            assert any(element.WhichOneof("type") == "heading" for element in visitor.go("attention"))
            app.process.send_signal(signal.SIGTERM)  # with a page still open
            assert app.process.wait(timeout=20) == -signal.SIGTERM
    finally:
        app.process.kill()
        app.process.stdout.close()
    assert "Traceback" not in app.log.read_text()
