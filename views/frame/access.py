"""Who may speak to this server: under which names it answers, and to pages of which other sites it does not.

Before Streamlit refuses a foreign Origin it asks an address on the internet, with everybody waiting.
"""

import socket
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from runs.settings import settings
from views.frame.refusing import header, refuse

LOOPBACK = ("127.0.0.1", "::1")
FOR_ALL = ("/_stcore/health", "/api/ready")  # asked by proxies and engines, under any name; they tell nothing
METRICS = "/_stcore/metrics"
READING = ("GET", "HEAD", "OPTIONS")
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip")


class Access:
    """ASGI middleware: 403 for a Host that is not ours, for what another site sends, and for metrics."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if reason := why_refused(scope):
            return await refuse(scope, receive, send, 403, reason)
        return await self.app(as_own_origin(scope), receive, send)


def why_refused(scope: Scope) -> str:
    """Why this request is refused, in a sentence; "" if it is not."""
    if scope["path"] in FOR_ALL:
        return ""
    host = header(scope, b"host")
    if not is_ours(host, scope):
        return (
            f"Glassbox does not answer under the name {(host or '')[:80]!r}. Open the address that it "
            "printed; whoever runs this server can add names with GLASSBOX_HOSTS."
        )
    if not is_own_origin(scope, host):
        return "This request was sent by another site. Open Glassbox by its own address."
    if scope["path"].rstrip("/") == METRICS and not asked_from_here(scope):
        return "Metrics are told to this machine alone."
    return ""


def is_ours(host: str | None, scope: Scope) -> bool:
    """Whether a Host header names this machine, or what GLASSBOX_HOSTS says.

    Else a site whose name was changed to this address (DNS rebinding) could read what we answer.
    """
    parts = parted(host or "")
    if parts is None:
        return False
    name, netloc = parts
    own = socket.gethostname().lower()
    known = {"localhost", *LOOPBACK, own, f"{own}.local", address_reached(scope)}
    return name in known or any(fits(name, netloc, one.lower()) for one in settings().hosts)


def parted(host: str) -> tuple[str, str] | None:
    """The name and the whole of a Host header in small letters; None for what is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # ValueError for one that is no number
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname.rstrip("."), host.lower()


def fits(name: str, netloc: str, pattern: str) -> bool:
    """Whether a host is the one of a pattern: a name, with a port or without, *.name, or * for any."""
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in ("*", name, netloc)


def address_reached(scope: Scope) -> str:
    """The address of this machine at which the request arrived."""
    server = scope.get("server")
    return server[0].lower().removeprefix("::ffff:") if server else ""


def is_own_origin(scope: Scope, host: str) -> bool:
    """Whether a page of ours sends this. Who reads without an Origin, or is no browser, has none."""
    origin = header(scope, b"origin")
    if origin is None or (scope["type"] == "http" and scope["method"] in READING):
        return True
    netloc = urlsplit(origin).netloc.lower()
    return bool(netloc) and netloc in {host.lower(), *(one.lower() for one in settings().hosts)}


def as_own_origin(scope: Scope) -> Scope:
    """The same request with an Origin that Streamlit knows without asking anybody: our own."""
    origin, host = header(scope, b"origin"), header(scope, b"host")
    if not origin or not host or urlsplit(origin).netloc == host:
        return scope
    own = [
        (b"origin", f"http://{host}".encode("latin-1")) if key == b"origin" else (key, value)
        for key, value in scope["headers"]
    ]
    return scope | {"headers": own}


def asked_from_here(scope: Scope) -> bool:
    """Whether this machine itself asks, and no proxy for somebody else."""
    client = scope.get("client")
    here = bool(client) and client[0].removeprefix("::ffff:") in LOOPBACK
    return here and not any(key in FORWARDED for key, _ in scope["headers"])
