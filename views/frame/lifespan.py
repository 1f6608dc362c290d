"""What happens before the first request: warm up, visit the first page, print the address."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from anyio import to_thread
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from runs.settings import settings
from views.frame.room import invitation
from views.frame.start import EVERY_ADDRESS, THIS_MACHINE

PATIENCE = 120  # seconds; a first start on a slow disk


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Everything heavy is loaded before anybody is served; the address is printed when it can be opened."""
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # it would tell its own address
    await to_thread.run_sync(warm_up)
    await first_visit(app)
    at = invitation(config.get_option("server.port")) if settings().classroom else address()
    print(f"\n  Glassbox is ready: {at}\n", flush=True)
    yield


def warm_up() -> None:
    """Import all that pages import, load the shared models, and freeze the collector."""
    from views import cache, present, step_in, you_are_here  # noqa: F401

    cache.warm_up()


def address() -> str:
    """Where a browser on this machine finds the app."""
    host = config.get_option("server.address") or THIS_MACHINE
    if host in (THIS_MACHINE, *EVERY_ADDRESS):
        host = "localhost"
    return f"http://{host}:{config.get_option('server.port')}"


async def first_visit(app: st.App) -> None:
    """Run the first page once, as a browser would, without a network.

    The very first visitor who opens another page than the first would see "Page not found" over it: Streamlit
    knows the pages' addresses only when the main script has run. TimeoutError if it does not end.
    """
    inbox: asyncio.Queue[dict] = asyncio.Queue()
    outcome: list[str] = []
    inbox.put_nowait({"type": "websocket.connect"})
    inbox.put_nowait(
        {"type": "websocket.receive", "bytes": BackMsg(rerun_script={}).SerializeToString(), "text": None}
    )

    async def sent(message: dict) -> None:
        if message.get("bytes"):
            kind = ForwardMsg.FromString(message["bytes"]).WhichOneof("type")
            if kind != "script_finished":
                return
            outcome.append(kind)
        if message.get("bytes") or message["type"] == "websocket.close":
            inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})

    async with asyncio.timeout(PATIENCE):
        await app(visitor(), inbox.get, sent)
    if not outcome:
        raise ConnectionError("the server refused its own first visit")


def visitor() -> dict:
    """What an ASGI server tells of a browser that opens a session."""
    base = config.get_option("server.baseUrlPath").strip("/")
    path = f"/{base}/_stcore/stream".replace("//", "/")
    here = ("127.0.0.1", config.get_option("server.port"))
    return {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": here,
        "server": here,
        "subprotocols": ["streamlit"],
    }
