"""Another model as a judge: it scores an answer from 0 to 100 against the right one (book 7.8).

The book asks one that Ollama runs on the same computer; any server that speaks OpenAI's protocol will do.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR, socket
from threading import Event, Timer
from urllib.parse import urlsplit, urlunsplit

from core.instruct import shortened
from core.instructions import Item
from core.waiting import waiting
from runs.settings import settings

OLLAMA = "http://localhost:11434"  # where Ollama listens unless it is told otherwise
CHAT = "/v1/chat/completions"
SECONDS = 60.0  # a large model on a small computer thinks for long
LONGEST = 1_000_000  # bytes of an answer
BEST = 100
UNREACHED = "the judge cannot be reached: start it, or ask whoever runs this server"
PIECE = 16_384  # bytes that are read at once
TASK = (
    "Given the input `{asked}` and correct output `{right}`, score the model response `{answer}` on a scale "
    "from 0 to 100, where 100 is the best score. Respond with the integer number only."
)
NUMBER = re.compile(r"(?<![\d.,-])\d{1,3}(?![\d,]|\.\d)", re.ASCII)
THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)  # what some models say to themselves first


def judges() -> tuple[str, ...]:
    """The addresses that whoever runs this server lets it ask; at home, if they list none, Ollama's."""
    return settings().judges or (() if settings().strangers else (OLLAMA,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Whom to ask: one of the server's judges, and the name of the model that answers there.

    What it answers is a number, or one sentence of ours: nothing that it sent is shown.
    """

    address: str
    model: str = "llama3.1"
    seconds: float = SECONDS  # for the whole answer

    def __post_init__(self) -> None:
        """Refuse an address that is not on the list."""
        if self.address.strip() not in judges():
            raise ValueError(
                "this judge is not one that the server may ask: whoever runs it lists the addresses "
                "in GLASSBOX_JUDGES"
            )
        chat_address(self.address)
        if not self.model.strip():
            raise ValueError("the judge has no name: write the model that shall answer, as llama3.1")

    def score(self, item: Item, answer: str) -> int:
        """How good an answer is, from 0 to 100. ValueError, in one sentence, for everything that can fail."""
        said = self.ask(task(item, answer))
        return score_in(said)

    def ask(self, question: str) -> str:
        """What the judge says. Another address that it names is not followed."""
        sent = json.dumps(body(self.model.strip(), question)).encode()
        try:
            with waiting():
                status, answer = exchange(chat_address(self.address), sent, self.seconds)
        except TimeoutError as error:
            raise ValueError(silent(self)) from error
        except (HTTPException, OSError) as error:
            raise ValueError(UNREACHED) from error
        if status != 200:
            raise ValueError(refused(status, self))
        return words_in(answer)


def exchange(address: str, sent: bytes, seconds: float) -> tuple[int, bytes]:
    """Status and body of the answer to a POST, within bounds of size and time. OSError, HTTPException."""
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    line = kind(parts.hostname, parts.port, timeout=seconds)
    try:
        line.connect()
        with cut_after(seconds, line.sock):
            kinds = {"Content-Type": "application/json", "Accept": "application/json"}
            line.request("POST", urlunsplit(("", "", parts.path, parts.query, "")), sent, kinds)
            response = line.getresponse()
            return response.status, read(response)
    finally:
        line.close()


@contextmanager
def cut_after(seconds: float, line: socket) -> Iterator[None]:
    """Close a connection when the time is over, with TimeoutError, even if a byte comes now and then."""
    late = Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            line.shutdown(SHUT_RDWR)

    clock = Timer(seconds, cut)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
        if late.is_set():
            raise TimeoutError


def chat_address(written: str) -> str:
    """Where to ask, from what a person writes: the server alone, with /v1, or the whole address."""
    try:
        parts = urlsplit(written.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:  # a port that is no number, brackets that do not close
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f]", written.strip()):
        raise ValueError(
            f"{shortened(written)!r} is not an address: write one that begins with http:// or https://, "
            "as http://localhost:11434 for Ollama"
        )
    path = parts.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        path = path.removesuffix("/v1") + CHAT
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def body(model: str, question: str) -> dict:
    """The request: always the likeliest words, so that the same answer gets the same score."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": question}],
        "temperature": 0,
        "seed": 123,
        "stream": False,
    }


def task(item: Item, answer: str) -> str:
    """What the judge is asked, in the book's words."""
    asked = item.instruction + (f"\n{item.input}" if item.input.strip() else "")
    return TASK.format(asked=asked, right=item.response, answer=answer)


def read(response: HTTPResponse) -> bytes:
    """All that is sent, within the bound of size: a server may send without an end."""
    found = b""
    while piece := response.read1(PIECE):
        found += piece
        if len(found) > LONGEST:
            raise ValueError(f"the judge sent more than {LONGEST:,} bytes: not read")
    if response.length:  # it ended before its stated length
        raise HTTPException
    return found


def words_in(answer: bytes) -> str:
    """The words of a chat answer."""
    try:
        words = json.loads(answer)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        words = None
    if not isinstance(words, str):
        raise ValueError("what answers at this address does not speak OpenAI's chat protocol")
    return words


def score_in(said: str) -> int:
    """The number that a judge says. ValueError if it says none from 0 to 100."""
    plain = THOUGHT.sub("", said).strip()
    numbers = [int(number) for number in NUMBER.findall(plain)]
    if not numbers or numbers[0] > BEST:
        raise ValueError(f"the judge gave no number from 0 to {BEST}: ask another model")
    return numbers[0]


def refused(status: int, judge: Judge) -> str:
    """The sentence for an answer that is an error."""
    why = {
        401: "it wants a key, and none is sent",
        403: "it does not let us in",
        404: f"it has no model {shortened(judge.model)!r}, or it is not a chat server",
    }.get(status, "ask again, or another model")
    return f"the judge answered with error {status}: {why}"


def silent(judge: Judge) -> str:
    """The sentence for an answer that did not come in time."""
    return f"the judge gave no answer within {judge.seconds:g} s: choose a smaller model, or ask again"
