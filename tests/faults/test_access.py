"""Rows 70 and 80: other sites, other names, frames and metrics, before Streamlit sees a request."""

import socket

import pytest
from streamlit import net_util
from streamlit.web.server.starlette import starlette_websocket

from tests.faults.asking import ask, scope_of
from views.frame.access import Access
from views.frame.headers import Headers

EVIL = "http://evil.example"
STREAM = "/_stcore/stream"


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch):
    """Whoever runs the server has named some hosts."""

    def name(*hosts: str) -> None:
        monkeypatch.setenv("GLASSBOX_HOSTS", ",".join(hosts))

    yield name
    monkeypatch.undo()


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "http://localhost:8502", "http://localhost.evil.example:8501", "x"]
)
def test_70_another_site_is_refused_at_once(origin: str) -> None:
    """FAULTS 70: sockets and all that changes something; 403 before Streamlit sees it."""
    asked = [scope_of(STREAM, kind="websocket", origin=origin)]
    asked += [
        scope_of("/_stcore/upload_file/a/b", method, origin=origin) for method in ("POST", "PUT", "DELETE")
    ]
    for scope in asked:
        answer = ask(Access, scope)
        assert (answer.status, answer.passed) == (403, None)
        assert "another site" in answer.text


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501"])
def test_70_a_page_of_ours_and_a_program_are_let_through(host: str) -> None:
    """FAULTS 70: a browser names its page; a program has no Origin."""
    for origin in (f"http://{host}", ""):
        assert ask(Access, scope_of(STREAM, kind="websocket", host=host, origin=origin)).passed


def test_70_streamlit_never_asks_the_internet_who_we_are(monkeypatch: pytest.MonkeyPatch, named) -> None:
    """FAULTS 70: also an origin that was configured, which Streamlit would look up last, is one it knows."""
    named("app:8501", "school.example")
    monkeypatch.setattr(net_util, "get_external_ip", lambda: pytest.fail("the internet was asked"))
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection was tried"))
    for host, origin in (("localhost:8501", "http://localhost:8501"), ("app:8501", "https://school.example")):
        scope = ask(Access, scope_of(STREAM, kind="websocket", host=host, origin=origin)).passed
        heard = dict(scope["headers"])
        told = heard[b"origin"].decode(), heard[b"host"].decode()
        assert starlette_websocket._is_origin_allowed(*told)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "localhost.evil.example", "10.1.2.3", "a b", "", "u@localhost"],
)
def test_80_a_foreign_name_is_refused(host: str) -> None:
    """FAULTS 80: DNS rebinding: a site that leads its own name here reads nothing."""
    for kind in ("http", "websocket"):
        answer = ask(Access, scope_of("/", kind=kind, host=host))
        assert (answer.status, answer.passed) == (403, None)
        assert "GLASSBOX_HOSTS" in answer.text


def test_80_this_machines_names_and_the_configured_ones_are_ours(named) -> None:
    """FAULTS 80: the address that the request arrived at, the machine's own name, and what is configured."""
    at = scope_of("/", host="192.168.1.7:8501") | {"server": ("::ffff:192.168.1.7", 8501)}
    assert ask(Access, at).passed
    assert ask(Access, scope_of("/", host=socket.gethostname())).passed
    named("school.example", "*.uni.example", "proxy.example:8443")
    for host in ("school.example", "SCHOOL.example:80", "a.uni.example", "proxy.example:8443"):
        assert ask(Access, scope_of("/", host=host)).passed, host
    for host in ("uni.example", "proxy.example", "school.example.evil.example"):
        assert not ask(Access, scope_of("/", host=host)).passed, host


def test_80_health_is_told_under_any_name() -> None:
    """FAULTS 80: proxies and container engines ask by an address of theirs, or by none; it tells nothing."""
    for path in ("/_stcore/health", "/api/ready"):
        assert ask(Access, scope_of(path, host="10.0.0.9")).passed
        assert ask(Access, scope_of(path, host="")).passed


@pytest.mark.parametrize(
    "outside", [{"client": ("192.168.1.9", 1)}, {"forwarded": "10.0.0.1"}, {"client": None}]
)
def test_80_metrics_are_told_to_this_machine_alone(outside: dict) -> None:
    """FAULTS 80: not to the room, and not through a proxy on this machine."""
    assert ask(Access, scope_of("/_stcore/metrics")).passed
    scope = scope_of("/_stcore/metrics", x_forwarded_for=outside.pop("forwarded", "")) | outside
    assert ask(Access, scope).status == 403
    assert ask(Access, scope | {"path": "/_stcore/metrics/"}).status == 403


def test_80_every_answer_says_who_may_frame_it() -> None:
    """FAULTS 80: pages and refusals alike, without a proxy in front."""
    refused = ask(lambda app: Headers(Access(app)), scope_of(host="evil.example"))
    for answer in (ask(Headers, scope_of()), refused):
        policy = dict(part.split(" ", 1) for part in answer.header("content-security-policy").split("; "))
        assert policy["frame-ancestors"] == policy["default-src"] == "'self'"
        assert "unsafe" not in policy["script-src"]
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("referrer-policy") == "same-origin"
