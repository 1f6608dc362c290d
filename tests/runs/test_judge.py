"""A judge is asked as the book asks it, and whatever it does is a number or one sentence."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.instructions import Item
from runs.judge import CHAT, LONGEST, Judge, chat_address, score_in, task

ITEM = Item("Say the opposite.", "hot", "cold", "opposite")


class Server(ThreadingHTTPServer):
    """A chat server that says what a test wants it to say."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.says: object = "85"
        self.raw: bytes | None = None
        self.status, self.headers, self.pause = 200, {}, 0.0
        self.asked: list[tuple[str, dict]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, sent))
        answer = self.server.raw
        if answer is None:
            answer = json.dumps({"choices": [{"message": {"content": self.server.says}}]}).encode()
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            if self.server.pause:
                for _ in range(40):
                    self.wfile.write(b" ")
                    time.sleep(self.server.pause)
            self.wfile.write(answer)
        except OSError:  # nobody listens any more
            pass

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {}))
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    monkeypatch.setenv("GLASSBOX_JUDGES", server.address)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_it_is_asked_as_in_the_book(server: Server) -> None:
    assert Judge(address=server.address, model="phi3").score(ITEM, "chilly") == 85
    [(path, sent)] = server.asked
    assert path == CHAT
    assert (sent["model"], sent["temperature"], sent["stream"]) == ("phi3", 0, False)
    question = sent["messages"][0]["content"]
    assert question == task(ITEM, "chilly")
    assert "Say the opposite.\nhot" in question
    assert "correct output `cold`" in question
    assert "model response `chilly`" in question


def test_answers_with_braces_are_only_words(server: Server) -> None:
    assert Judge(address=server.address).score(ITEM._replace(input="{answer}"), "{asked} {0}") == 85
    assert "{answer}" in server.asked[0][1]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1/chat/completions"),
        (" https://a.b/v1/ ", "https://a.b/v1/chat/completions"),
        ("http://a.b/x/v1/chat/completions", "http://a.b/x/v1/chat/completions"),
        ("http://[::1]:80", "http://[::1]:80/v1/chat/completions"),
    ],
)
def test_an_address_may_be_short(written: str, asked: str) -> None:
    assert chat_address(written) == asked


@pytest.mark.parametrize(
    "written",
    [
        "",
        "localhost:11434",
        "file:///etc/passwd",
        "ftp://a.b",
        "http://",
        "http://a:b",
        "http://a b",
        "http://[::",
        "http://a\nHost: b",
        "x" * 10_000,
    ],
)
def test_what_is_no_address_is_said(written: str) -> None:
    with pytest.raises(ValueError, match="is not an address") as refused:
        chat_address(written)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(
    ("said", "score"),
    [("85", 85), ("Score: 0", 0), ("100/100", 100), ("**72**", 72), ("<think>I say 3 or 9</think>\n40", 40)],
)
def test_numbers(said: str, score: int) -> None:
    assert score_in(said) == score


@pytest.mark.parametrize("said", ["", "very good", "101", "999", "-5", "0.85", "1,000", "<think>80", "٣"])
def test_no_number_is_said(said: str) -> None:
    with pytest.raises(ValueError, match="no number from 0 to 100"):
        score_in(said)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        b"\xff",
        b"[" * 5000,
        b'"text"',
    ],
)
def test_other_servers_are_told_by_their_answer(server: Server, raw: bytes) -> None:
    server.raw = raw
    with pytest.raises(ValueError, match=r"does not speak OpenAI's chat protocol$"):
        Judge(address=server.address).score(ITEM, "cold")


@pytest.mark.parametrize(
    ("status", "why"), [(401, "wants a key"), (404, "no model 'phi3'"), (500, "error 500")]
)
def test_errors_are_sentences(server: Server, status: int, why: str) -> None:
    server.status = status
    with pytest.raises(ValueError, match=why):
        Judge(address=server.address, model="phi3").score(ITEM, "cold")


def test_another_address_is_not_followed(server: Server) -> None:
    server.status, server.headers = 302, {"Location": server.address + "/elsewhere"}
    with pytest.raises(ValueError, match="error 302"):
        Judge(address=server.address).score(ITEM, "cold")
    assert [path for path, _ in server.asked] == [CHAT]


def test_nobody_there_is_said(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Server()
    empty.server_close()
    monkeypatch.setenv("GLASSBOX_JUDGES", empty.address)
    with pytest.raises(ValueError, match=r"^the judge cannot be reached: start it") as refused:
        Judge(address=empty.address).score(ITEM, "cold")
    assert "refused" not in str(refused.value)


def test_silence_and_trickles_end(server: Server) -> None:
    server.pause = 0.05  # a byte now and then, for two seconds
    with pytest.raises(ValueError, match=r"no answer within 0\.2 s"):
        Judge(address=server.address, seconds=0.2).score(ITEM, "cold")


def test_an_answer_without_end_is_not_read(server: Server) -> None:
    server.raw = b" " * (LONGEST + 100_000)
    with pytest.raises(ValueError, match="sent more than"):
        Judge(address=server.address).score(ITEM, "cold")


def test_a_judge_has_a_name(server: Server) -> None:
    with pytest.raises(ValueError, match="no name"):
        Judge(address=server.address, model=" ")
