"""Say no to a request before Streamlit sees it: a status and one sentence, over HTTP and WebSocket alike."""

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, sentence: str) -> None:
    """Answer with the status. A WebSocket is refused before it is accepted: its browser sees it at once."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    await PlainTextResponse(sentence + "\n", status)(scope, receive, send)


def header(scope: Scope, name: bytes) -> str | None:
    """A header of the request, the first if there are several; None if there is none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)
