"""Rows 70, 71, 73, 82 on running apps: the default one, and one that is open to the room."""

import os
import re
import shutil
import subprocess
import sys
import uuid
from contextlib import suppress
from http.client import HTTPConnection

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus

from bench.tab import Tab, cookies_of
from bench.widgets import state
from runs import open_store
from runs.settings import Settings
from tests.browser.conftest import App
from tests.conftest import run_apart
from tests.faults.speaking import PATIENCE, Speaker, speaker
from tests.pages.conftest import open_page, shown_text
from tests.runs.tiny import wait_until
from views import cache
from views.frame import room, start
from views.frame.identity import owner_of

HERE, THERE = "10.231.7.1", "10.231.7.2"
LOOK = """
import sys
from http.client import HTTPConnection
for path in sys.argv[3:]:
    try:
        asked = HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)
        asked.request("GET", path)
        print(asked.getresponse().status)
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.fixture(scope="module")
def open_app(tmp_path_factory: pytest.TempPathFactory):
    """What `make class` starts."""
    running = App(tmp_path_factory.mktemp("room"), GLASSBOX_CLASSROOM="1")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def link(open_app: App) -> str:
    """The teacher's link, as it is printed; without the address."""
    line = next(line for line in open_app.process.stdout if "teacher?" in line)
    return line.strip().partition(str(open_app.port))[2]


@pytest.fixture(scope="module")
def another_machine():
    """Ask from another address, over a cable of its own: status by path, or the kind of error."""
    if sys.platform != "linux" or os.geteuid() or not shutil.which("ip"):
        pytest.skip("another machine is imitated by a network namespace, which only root can make, on Linux")
    name = f"glassbox{os.getpid()}"
    outer, inner = f"gbo{os.getpid()}"[:15], f"gbi{os.getpid()}"[:15]
    inside = ["ip", "netns", "exec", name]
    steps = [
        ["ip", "netns", "add", name],
        ["ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name],
        ["ip", "addr", "add", f"{HERE}/24", "dev", outer],
        ["ip", "link", "set", outer, "up"],
        [*inside, "ip", "addr", "add", f"{THERE}/24", "dev", inner],
        [*inside, "ip", "link", "set", inner, "up"],
    ]

    def look(port: int, *paths: str) -> list[str]:
        asked = [*inside, sys.executable, "-c", LOOK, HERE, str(port), *paths]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()

    try:
        for step in steps:
            if subprocess.run(step, capture_output=True, check=False).returncode:
                pytest.skip("this system makes no network namespaces")
        yield look
    finally:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        subprocess.run(["ip", "link", "del", outer], capture_output=True, check=False)


def test_73_the_default_start_is_not_reached_from_another_machine(app: App, another_machine) -> None:
    assert another_machine(app.port, "/") == ["ConnectionRefusedError"]


def test_73_make_class_is_reached_and_tells_nothing_of_its_machine(open_app: App, another_machine) -> None:
    paths = ("/", "/_stcore/health", "/_stcore/metrics", "/api/teacher?key=guessed")
    assert another_machine(open_app.port, *paths) == ["200", "200", "403", "403"]


def test_73_make_class_has_the_settings_for_strangers() -> None:
    told = {"GLASSBOX_CLASSROOM": "1", "GLASSBOX_RUN_SECONDS": "60"}
    start.decide(told)
    settings, at_home = Settings.from_environment(told), Settings()
    assert settings.strangers
    assert settings.upload_session_bytes < settings.upload_bytes < at_home.upload_bytes
    assert settings.training_flops < at_home.training_flops
    assert settings.run_seconds == 60, "what the operator has set counts"
    assert told["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"


def test_73_neither_paths_nor_pickles_nor_judges_are_offered_to_the_room(open_app: App) -> None:
    with speaker(open_app.port) as visitor:
        visitor.go("bring")
        assert not [key for key in visitor.widgets() if "path" in key and key.startswith("bring")]
        visitor.go("instructions")
        assert not [key for key in visitor.widgets() if "judge" in key]


def answer_of(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, dict, list[str]]:
    """Status, headers and cookies."""
    asked = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    asked.request(method, path, headers={key.replace("_", "-"): text for key, text in headers.items()})
    answer = asked.getresponse()
    answer.read()
    asked.close()
    return answer.status, dict(answer.getheaders()), answer.headers.get_all("set-cookie") or []


def test_73_the_teachers_link_leaves_the_address_at_once(open_app: App, link: str) -> None:
    status, headers, cookies = answer_of(open_app.port, link)
    assert (status, headers["location"], headers["cache-control"]) == (303, "/", "no-store")
    assert len(cookies) == 2
    assert all("HttpOnly; SameSite=Lax" in cookie for cookie in cookies)
    for key in ("", "x", "%FF", link.rpartition("=")[2][:-1]):
        assert answer_of(open_app.port, f"/api/teacher?key={key}")[::2] == (403, [])


def test_73_the_address_for_the_room_is_found_without_sending_anything() -> None:
    assert len(room.address_in_the_room().split(".")) == 4 or room.address_in_the_room()


def test_70_a_running_app_refuses_another_site_at_once(app: App) -> None:
    with pytest.raises(InvalidStatus) as refused, speaker(app.port, {"Origin": "http://evil.example"}):
        pass
    assert refused.value.response.status_code == 403
    assert answer_of(app.port, "/", Host="evil.example")[0] == 403


async def press_start(tab: Tab) -> None:
    """Open Pretraining and press Start, with all that a browser sends."""
    await tab.open("pretraining")
    (start_button,) = [one for one in tab.widgets.values() if one.key == "pretraining_start"]
    await tab.change(start_button, state(start_button, trigger_value=True))
    await tab.close()


def test_82_whoever_has_a_cookie_owns_what_they_start(app: App) -> None:
    tab = Tab(app.port)
    run_apart(press_start(tab))
    assert not tab.errors
    token = re.search(r"glassbox_\w{8}=(\w{32})", tab.cookies)[1]
    store = open_store(app.log.parent, start_dispatcher=False)
    (mine,) = store.runs(owner_of(bytes.fromhex(token)))
    store.command(mine.run_id, "stop", by=mine.owner)


def test_82_nobody_without_a_cookie_starts_a_run() -> None:
    page = open_page("pages/training/pretraining.py", owner="nobody-1")
    page.button(key="pretraining_start").click().run()
    assert "keeps no cookie" in shown_text(page)
    assert cache.store().runs("nobody-1") == []


def upload_address(who: Speaker) -> str:
    """Ask for the address of one file, as the widget does."""
    asked = BackMsg()
    asked.file_urls_request.request_id = uuid.uuid4().hex
    asked.file_urls_request.file_names.append("model.bin")
    who.send(asked)
    while True:
        message = ForwardMsg.FromString(who.socket.recv(timeout=PATIENCE))
        if message.WhichOneof("type") == "file_urls_response":
            return message.file_urls_response.file_urls[0].upload_url


def uploads_held(app: App) -> bool:
    asked = HTTPConnection("127.0.0.1", app.port, timeout=PATIENCE)
    asked.request("GET", "/_stcore/metrics")
    text = asked.getresponse().read().decode()
    asked.close()
    return "UploadedFileManager" in text


def test_71_an_upload_is_taken_from_its_person_alone_and_freed_when_the_page_closes(app: App) -> None:
    cookie = cookies_of(app.port)
    token = answer_of(app.port, "/_stcore/health", Cookie=cookie)[2][0].split(";")[0].partition("=")[2]
    form = {"Content_Type": "multipart/form-data; boundary=b", "X_Xsrftoken": token}
    with speaker(app.port, {"Cookie": cookie}) as somebody:
        somebody.go("bring")
        address = upload_address(somebody)
        own = f"{cookie}; _streamlit_xsrf={token}"
        other = f"{cookies_of(app.port)}; _streamlit_xsrf={token}"
        assert put(app, address, form, other) == 403
        assert put(app, address[:-4] + "0000", form, own) == 403
        assert put(app, address, form, own) == 204
        assert uploads_held(app)
    wait_until(lambda: not uploads_held(app))


def put(app: App, address: str, headers: dict[str, str], cookie: str) -> int:
    """Send a megabyte as a browser would."""
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="model.bin"\r\n\r\n'
    body += bytes(10**6) + b"\r\n--b--\r\n"
    asked = HTTPConnection("127.0.0.1", app.port, timeout=PATIENCE)
    sent = {key.replace("_", "-"): text for key, text in headers.items()} | {"Cookie": cookie}
    with suppress(BrokenPipeError, ConnectionResetError):  # refused before all of it was sent
        asked.request("PUT", address, body=body, headers=sent)
    status = asked.getresponse().status
    asked.close()
    return status
