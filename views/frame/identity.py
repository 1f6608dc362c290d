"""Who somebody is: one browser is one person, by a signed cookie that no script of a page can read."""

import hashlib
import hmac
import secrets
from collections.abc import Callable

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from views.frame.keys import server_key
from views.frame.refusing import header

BYTES = 16  # of a person's token
YEAR = 365 * 24 * 3600  # seconds
NO_PAGES = ("/_stcore/", "/static/", "/media/", "/component/", "/api/")


class Identity:
    """ASGI middleware: whoever opens a page without a cookie of ours gets one.

    `earlier` gives the token of somebody whom this server knew by Streamlit's cookie, before it had its own.
    """

    def __init__(self, app: ASGIApp, earlier: Callable[[dict[str, str]], bytes | None]) -> None:
        self.app = app
        self.earlier = earlier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not opens_a_page(scope) or token_of(cookies_of(scope)):
            return await self.app(scope, receive, send)
        token = self.earlier(cookies_of(scope)) or secrets.token_bytes(BYTES)
        line = cookie_line(cookie_name(), signed(token), is_secure=scope["scheme"] == "https")

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = message | {"headers": [*message.get("headers", ()), (b"set-cookie", line)]}
            await send(message)

        return await self.app(scope, receive, send_with_cookie)


def opens_a_page(scope: Scope) -> bool:
    """Whether this is what the browser's address bar sends, and no part of a page that is open."""
    return scope["type"] == "http" and scope["method"] == "GET" and not scope["path"].startswith(NO_PAGES)


def cookies_of(scope: Scope) -> dict[str, str]:
    """The cookies of a request, by name."""
    return cookie_parser(header(scope, b"cookie") or "")


def cookie_name() -> str:
    """Servers on one machine share a browser's cookies, whatever their ports: each has a name of its own."""
    return f"glassbox_{hashlib.sha256(b'name' + server_key()).hexdigest()[:8]}"


def signed(token: bytes) -> str:
    """The cookie's value: the token and its signature, in hexadecimal digits."""
    return f"{token.hex()}.{signature(token)}"


def signature(*parts: bytes) -> str:
    """What only this server can compute of some bytes."""
    lengths = b"".join(len(part).to_bytes(8, "big") for part in parts)
    return hmac.new(server_key(), lengths + b"".join(parts), hashlib.sha256).hexdigest()


def token_of(cookies: dict[str, str]) -> bytes | None:
    """The token in a request's cookies; None if it is missing, of another length or wrongly signed."""
    written, _, sign = cookies.get(cookie_name(), "").partition(".")
    try:
        token = bytes.fromhex(written)
    except ValueError:
        return None
    is_ours = len(token) == BYTES and hmac.compare_digest(sign.encode(), signature(token).encode())
    return token if is_ours else None


def owner_of(token: bytes) -> str:
    """The name under which a person's runs are kept; the token cannot be computed from it."""
    return hashlib.sha256(token).hexdigest()[:32]


def cookie_line(name: str, value: str, *, is_secure: bool) -> bytes:
    """A Set-Cookie header."""
    secure = "; Secure" if is_secure else ""
    return f"{name}={value}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax{secure}".encode("latin-1")
