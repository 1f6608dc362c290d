"""Another model as a judge: it scores an answer from 0 to 100 against the right one (book 7.8).

The book asks one that Ollama runs on the same computer; any server that speaks OpenAI's protocol will do.
"""

import json
import re
import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from core.instruct import shortened
from core.instructions import Item
from core.waiting import waiting
from runs.settings import settings

CHAT = "/v1/chat/completions"
SECONDS = 60.0  # a large model on a small computer thinks for long
LONGEST = 1_000_000  # bytes of an answer
BEST = 100
PIECE = 16_384  # bytes that are read at once
TASK = (
    "Given the input `{asked}` and correct output `{right}`, score the model response `{answer}` on a scale "
    "from 0 to 100, where 100 is the best score. Respond with the integer number only."
)
NUMBER = re.compile(r"(?<![\d.,-])\d{1,3}(?![\d,]|\.\d)", re.ASCII)
THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)  # what some models say to themselves first


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Whom to ask: an address that a person gives, and the name of the model that answers there."""

    address: str  # http://localhost:11434 for Ollama
    model: str = "llama3.1"
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        """Refuse what is no address, and every address on a server that is open to strangers."""
        if settings().strangers:
            raise ValueError(
                "this server is open to strangers, and a judge would be asked by the server itself: "
                "run Glassbox on your own computer to use one"
            )
        chat_address(self.address)
        if not self.model.strip():
            raise ValueError("the judge has no name: write the model that shall answer, as llama3.1")

    def score(self, item: Item, answer: str) -> int:
        """How good an answer is, from 0 to 100. ValueError, in one sentence, for everything that can fail."""
        said = self.ask(task(item, answer))
        return score_in(said)

    def ask(self, question: str) -> str:
        """What the judge says."""
        request = Request(
            chat_address(self.address),
            data=json.dumps(body(self.model.strip(), question)).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        until = time.monotonic() + self.seconds
        try:
            with waiting(), build_opener(NoWayRound).open(request, timeout=self.seconds) as response:
                answer = read(response, until, self.address)
            return words_in(answer)
        except HTTPError as error:
            raise ValueError(refused(error, self)) from error
        except (TimeoutError, URLError, HTTPException, OSError) as error:
            raise ValueError(unreached(error, self)) from error


class NoWayRound(HTTPRedirectHandler):
    """An address that sends us to another one is not followed: the person gave this one."""

    def redirect_request(self, *_: object) -> None:
        return None


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


def read(response: BinaryIO, until: float, address: str) -> bytes:
    """All that is sent, within bounds of size and time: a server may send without an end."""
    found = b""
    while piece := response.read1(PIECE):
        found += piece
        if len(found) > LONGEST:
            raise ValueError(f"the judge at {shortened(address)} sent more than {LONGEST:,} bytes: not read")
        if time.monotonic() > until:
            raise TimeoutError
    return found


def words_in(answer: bytes) -> str:
    """The words of a chat answer."""
    try:
        words = json.loads(answer)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        words = None
    if not isinstance(words, str):
        raise ValueError(
            "what answers at this address does not speak OpenAI's chat protocol: "
            f"it sent {shortened(answer[:200].decode(errors='replace'))!r}"
        )
    return words


def score_in(said: str) -> int:
    """The number that a judge says. ValueError if it says none from 0 to 100."""
    plain = THOUGHT.sub("", said).strip()
    numbers = [int(number) for number in NUMBER.findall(plain)]
    if not numbers or numbers[0] > BEST:
        raise ValueError(
            f"the judge gave no number from 0 to {BEST}, but said {shortened(plain)!r}: ask another model"
        )
    return numbers[0]


def refused(error: HTTPError, judge: Judge) -> str:
    """The sentence for an answer that is an error."""
    why = {
        401: "it wants a key, and none is sent",
        403: "it does not let us in",
        404: f"it has no model {judge.model!r}, or it is not a chat server",
    }.get(error.code, str(error.reason or "no reason given"))
    return f"the judge at {shortened(judge.address)} answered with error {error.code}: {why}"


def unreached(error: Exception, judge: Judge) -> str:
    """The sentence for no answer at all."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return (
            f"the judge at {shortened(judge.address)} said nothing for {judge.seconds:g} s: "
            "choose a smaller model, or ask again"
        )
    return (
        f"the judge at {shortened(judge.address)} cannot be reached ({shortened(str(reason), 80)}): "
        "start it, or correct the address"
    )
