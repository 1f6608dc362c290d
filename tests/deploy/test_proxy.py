"""Two copies of the app behind the real proxy and its real file: nobody notices when one of them is lost."""

import json
import os
import re
import signal
import socket
from collections import Counter
from contextlib import ExitStack
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from runs import open_store
from runs.database import reading
from tests.browser.conftest import open_page
from tests.browser.test_training import heading, press, step_shown
from tests.deploy.conftest import COPIES, Proxy, School
from tests.deploy.settings import manifests
from tests.runs.tiny import wait_for_state, wait_until

NEXT_ONE = "127.0.0.9"  # somebody else's address


def refusal(proxy: Proxy) -> bytes:
    """What somebody reads whose page is not opened."""
    with pytest.raises(InvalidStatus) as refused, session(proxy):
        pass
    assert refused.value.response.status_code == 429
    return refused.value.response.body


def cookie_of(page: Page) -> str:
    """The name of the copy that this browser belongs to."""
    return next(one["value"] for one in page.context.cookies() if one["name"] == "glassbox")


def copy_of(page: Page, proxy: Proxy) -> str:
    """The address of the copy that this browser belongs to."""
    return next(at for at, row in proxy.copies().items() if row["cookie"] == cookie_of(page))


def session(proxy: Proxy, source: str = "127.0.0.1") -> ClientConnection:
    """A page that somebody opens, without a browser around it."""
    address = proxy.url("_stcore/stream").replace("http", "ws")
    return connect(address, subprotocols=["streamlit"], source_address=(source, 0))


def test_who_came_once_stays_with_the_same_copy(school: School, chromium: Browser):
    wait_until(lambda: not sum(school.proxy.open_now().values()))
    people = [chromium.new_context().new_page() for _ in range(4)]
    for person in people:
        open_page(person, school.proxy.url("tokenizer"))
    began = [copy_of(person, school.proxy) for person in people]
    assert set(began) == set(COPIES), "newcomers are spread"
    for person in people:
        open_page(person, school.proxy.url("attention?layer=2"))
        person.reload()
    assert [copy_of(person, school.proxy) for person in people] == began
    wait_until(lambda: school.proxy.open_now() == Counter(began), "their websockets are elsewhere")
    for person in people:
        person.context.close()


def start_training(page: Page, proxy: Proxy) -> str:
    """A run of minutes; returns its id."""
    open_page(page, proxy.url("pretraining?layer=1&head=3"))
    page.get_by_text("Your own recipe").click()
    page.get_by_role("slider", name="Steps").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    press(page, "Start training")
    expect(heading(page)).to_contain_text("Training: step", timeout=30_000)
    return re.search("model=([0-9a-f]{32})", page.url)[1]


@pytest.mark.slow
def test_a_copy_is_lost_and_its_people_go_on_at_the_other(school: School, chromium: Browser):
    wait_until(lambda: not sum(school.proxy.open_now().values()))
    page, other = (chromium.new_context().new_page() for _ in range(2))
    run_id = start_training(page, school.proxy)
    lost = copy_of(page, school.proxy)
    (left,) = set(COPIES) - {lost}
    open_page(other, school.proxy.url(f"pretraining?model={run_id}"))  # by a link, on the other copy
    assert copy_of(other, school.proxy) == left
    before = step_shown(page)

    school.kill(lost)
    wait_until(lambda: copy_of(page, school.proxy) == left, "the browser did not come back by itself")
    expect(heading(page)).to_contain_text("Training: step", timeout=30_000)
    wait_until(lambda: step_shown(page) > before + 10)
    assert {"layer=1", "head=3", f"model={run_id}"} <= set(page.url.partition("?")[2].split("&"))
    expect(page.get_by_role("slider", name="Head")).to_have_value("3")
    expect(heading(other)).to_contain_text("Training: step")

    press(page, "Pause")  # the run is still this person's own
    expect(heading(page)).to_contain_text("Paused at step", timeout=30_000)
    expect(heading(other)).to_contain_text("Paused at step", timeout=30_000)
    assert_nothing_is_lost(school, run_id)

    school.start(lost)
    school.until_ready(lost)
    wait_until(lambda: school.proxy.up() == list(COPIES))
    newcomer = chromium.new_context().new_page()
    open_page(newcomer, school.proxy.url())
    assert copy_of(newcomer, school.proxy) == lost, "a copy that came back takes people"
    for one in (page, other, newcomer):
        one.context.close()


def assert_nothing_is_lost(school: School, run_id: str) -> None:
    """Every step is there, once, and the worker that began it made them all."""
    store = open_store(school.home, start_dispatcher=False)
    status = wait_for_state(store, run_id, "paused")
    with reading(store.home.database) as database:
        rows = database.execute("SELECT step FROM train_events WHERE run_id = ? ORDER BY step", (run_id,))
        steps = [row["step"] for row in rows]
        deaths = database.execute("SELECT deaths FROM runs WHERE id = ?", (run_id,)).fetchone()["deaths"]
    assert steps == list(range(status.step))
    assert status.step > 0
    assert deaths == 0
    assert school.dispatcher.poll() is None


@pytest.mark.slow
def test_a_copy_that_hangs_is_left(school: School):
    wait_until(lambda: school.proxy.up() == list(COPIES) and not sum(school.proxy.open_now().values()))
    with session(school.proxy) as caught:
        (there,) = [address for address, people in school.proxy.open_now().items() if people]
        os.killpg(school.copies[there].pid, signal.SIGSTOP)
        try:
            with pytest.raises(ConnectionClosedError):
                caught.recv(timeout=90)
            with session(school.proxy):
                assert school.proxy.open_now()[there] == 0
        finally:
            os.killpg(school.copies[there].pid, signal.SIGCONT)
    wait_until(lambda: school.proxy.up() == list(COPIES), "it goes on, and nobody is sent to it")


def test_a_copy_is_warm_before_anybody_is_sent_to_it(school: School):
    """The startup probe of kubernetes.yaml is answered by a copy that has drawn its first page."""
    pod = next(one for one in manifests() if one["kind"] == "Deployment")["spec"]["template"]["spec"]
    path = pod["containers"][0]["startupProbe"]["httpGet"]["path"]
    with urlopen(f"http://{COPIES[1]}:{school.app_port}{path}") as answer:
        assert json.load(answer) == {"ready": True}


def test_53_no_address_opens_more_pages_than_is_fair(proxy_told):
    """Ten thousand sessions opened by one address: the app never hears of them."""
    proxy = proxy_told(PROXY_SESSIONS_PER_ADDRESS="5", PROXY_NEW_SESSIONS_PER_ADDRESS="60")
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(session(proxy))
        for _ in range(35):
            assert b"close some" in refusal(proxy)
        assert sum(proxy.open_now().values()) == 5, "the app has never heard of the others"
        stack.enter_context(session(proxy, NEXT_ONE))  # who is not concerned
    wait_until(lambda: not sum(proxy.open_now().values()))
    with session(proxy):
        pass  # there is room again


def test_no_address_opens_pages_faster_than_is_fair(proxy_told):
    proxy = proxy_told(PROXY_NEW_SESSIONS_PER_ADDRESS="5")
    for _ in range(5):
        with session(proxy):
            pass
    assert b"ten seconds" in refusal(proxy)
    with session(proxy, NEXT_ONE):
        pass


def test_a_browser_that_sends_too_much_is_sent_away(school: School):
    with session(school.proxy) as sent:
        sent.send(b"x" * 2**20 * 9)
        with pytest.raises(ConnectionClosedError, match="1009"):
            sent.recv(timeout=30)


def test_no_address_holds_all_connections(proxy_told):
    proxy = proxy_told(PROXY_CONNECTIONS_PER_ADDRESS="5")
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", proxy.port))) for _ in range(8)]
        wait_until(lambda: sum(is_open(line) for line in lines) == 5, "it has refused none, or too many")
        other = socket.create_connection(("127.0.0.1", proxy.port), source_address=(NEXT_ONE, 0))
        assert is_open(stack.enter_context(other))


def test_behind_another_proxy_each_person_keeps_their_address(proxy_told):
    proxy = proxy_told(PROXY_BIND="127.0.0.1:{port} accept-proxy", PROXY_CONNECTIONS_PER_ADDRESS="2")
    with ExitStack() as stack:
        answers = [stack.enter_context(asked_for(proxy, f"192.0.2.{person}")) for person in range(1, 6)]
        assert all(answer.recv(12) == b"HTTP/1.1 200" for answer in answers)
        two = [stack.enter_context(asked_for(proxy, "192.0.2.1")) for _ in range(2)]
        assert sorted(line.recv(12) for line in two) == [b"", b"HTTP/1.1 200"], "the third of one person"


def asked_for(proxy: Proxy, person: str) -> socket.socket:
    """A question that another proxy passes on, with the address that it came from."""
    line = socket.create_connection(("127.0.0.1", proxy.port), timeout=30)
    line.sendall(f"PROXY TCP4 {person} 127.0.0.1 4000 80\r\n".encode())
    line.sendall(b"GET /_stcore/health HTTP/1.1\r\nHost: school\r\n\r\n")
    return line


def is_open(line: socket.socket) -> bool:
    """Whether the other side has not hung up."""
    line.setblocking(False)
    try:
        return line.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False
