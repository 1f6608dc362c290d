"""What every answer tells the browser: what a page may load, and who may show it in a frame."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.types import ASGIApp, Message, Receive, Scope, Send

INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob: {hashes}",  # components bring their scripts as blobs
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}


class Headers:
    """ASGI middleware: the security headers stand on every answer, refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                message = message | {"headers": [*message.get("headers", ()), *security_headers()]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


@cache
def security_headers() -> tuple[tuple[bytes, bytes], ...]:
    """Content-Security-Policy and the like. Streamlit's page has inline scripts: they are named by hash."""
    page = (Path(streamlit.__file__).parent / "static/index.html").read_bytes()
    hashes = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE.findall(page)]
    named = " ".join(f"'sha256-{one}'" for one in hashes)
    policy = "; ".join(f"{name} {allowed}" for name, allowed in POLICY.items()).format(hashes=named)
    return (
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
    )
