"""The judge: only who is on the operator's list is ever asked, and nothing of its answer is shown."""

from contextlib import suppress
from threading import Event

import pytest

from runs.judge import OLLAMA, Judge, judges
from tests.runs.test_judge import ITEM, Server, server

__all__ = ["server"]
SECRET = "nobody may read this zebra"


@pytest.mark.parametrize("strangers", ["0", "1"])
def test_75_no_port_is_asked_that_is_not_on_the_list(monkeypatch: pytest.MonkeyPatch, strangers: str):
    monkeypatch.setenv("GLASSBOX_STRANGERS", strangers)
    other = Server()
    for address in (other.address, other.address.replace("127.0.0.1", "localhost"), "http://[::1]:80", ""):
        with pytest.raises(ValueError, match="not one that the server may ask"):
            Judge(address=address)
    other.server_close()


def test_75_the_list_is_the_operators(monkeypatch: pytest.MonkeyPatch):
    assert judges() == (OLLAMA,)
    monkeypatch.setenv("GLASSBOX_STRANGERS", "1")
    assert judges() == ()
    monkeypatch.setenv("GLASSBOX_JUDGES", "http://judge.school:8000, https://other.school")
    assert judges() == ("http://judge.school:8000", "https://other.school")
    assert Judge(address="https://other.school")
    with pytest.raises(ValueError, match="not one that the server may ask"):
        Judge(address=OLLAMA)


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 418, 500])
@pytest.mark.parametrize("says", [SECRET, {"zebra": 1}, f"{SECRET} 999"])
def test_75_no_word_of_an_answer_is_shown(server: Server, status: int, says: object):
    server.status, server.says, server.headers = status, says, {"Location": server.address, "X": SECRET}
    with pytest.raises(ValueError, match=r"judge|protocol") as refused:
        Judge(address=server.address).score(ITEM, "cold")
    assert "zebra" not in str(refused.value)
    assert server.address not in str(refused.value)
    assert len(server.asked) == 1  # nowhere else is asked


def test_75_a_head_that_never_ends_is_cut(server: Server, monkeypatch: pytest.MonkeyPatch):
    cut = Event()

    def trickle(handler: object) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not cut.wait(0.02):
            with suppress(OSError):
                handler.wfile.write(b"X")

    monkeypatch.setattr(server.RequestHandlerClass, "do_POST", trickle)
    with pytest.raises(ValueError, match=r"no answer within 0\.1 s"):
        Judge(address=server.address, seconds=0.1).score(ITEM, "cold")
    cut.set()
