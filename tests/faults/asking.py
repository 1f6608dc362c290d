"""Requests to the parts of the server as an ASGI server would pass them on, without a server."""

from dataclasses import dataclass, field

from tests.conftest import run_apart


@dataclass
class Answer:
    """What a request got: status and headers, and whether it reached the app behind."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    passed: dict | None = None  # the scope that the app behind was given

    def header(self, name: str) -> str:
        return dict(self.headers).get(name, "")


def scope_of(path: str = "/", method: str = "GET", kind: str = "http", **headers: str) -> dict:
    """A request to 127.0.0.1:8501 from this machine; headers are named with _ in place of -."""
    named = {"host": "localhost:8501"} | {key.replace("_", "-"): value for key, value in headers.items()}
    return {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": b"",
        "scheme": "http" if kind == "http" else "ws",
        "headers": [(key.encode(), value.encode("latin-1")) for key, value in named.items() if value],
        "server": ("127.0.0.1", 8501),
        "client": ("127.0.0.1", 50000),
        "extensions": {"websocket.http.response": {}},
    }


def ask(make, scope: dict, behind=None, **how: object) -> Answer:
    """Send a request through one middleware; `behind` is the app, else one that says yes."""
    got = Answer()

    async def say_yes(scope: dict, receive, send) -> None:
        got.passed = scope
        if behind:
            await behind(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"yes"})

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        if message["type"].endswith("response.start"):
            got.status = message["status"]
            got.headers = [(name.decode(), value.decode()) for name, value in message["headers"]]
        got.text += message.get("body", b"").decode()

    run_apart(make(say_yes, **how)(scope, receive, send))
    return got
