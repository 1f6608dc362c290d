"""Who teaches: whoever has once opened the teacher's link, with the secret that only this server prints."""

import hmac
import secrets
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from runs.home import default_folder
from runs.settings import settings
from views.frame.identity import BYTES, cookie_line, cookie_name, signature, signed, token_of
from views.frame.keys import kept

PATH = "/api/teacher"


def secret() -> str:
    """GLASSBOX_TEACHER, else one that is kept in the data folder."""
    return settings().teacher or kept(default_folder(), "teacher.secret")


def mark(token: bytes) -> str:
    """The value of a teacher's cookie: for this person alone, and as long as the secret is the same."""
    return signature(b"teacher", token, secret().encode())


def is_teachers(cookies: dict[str, str]) -> bool:
    """Whether these cookies are those of somebody who has opened the teacher's link."""
    token, shown = token_of(cookies), cookies.get(teacher_cookie(), "")
    return token is not None and hmac.compare_digest(shown.encode(), mark(token).encode())


def teacher_cookie() -> str:
    """The name of the second cookie, which says that this person teaches."""
    return f"{cookie_name()}_teacher"


async def become_teacher(request: Request) -> Response:
    """The teacher's link: check the secret, remember it in a signed cookie, and leave the address at once."""
    (given,) = parse_qs(request.url.query).get("key", [""])[:1]
    if not hmac.compare_digest(given.encode(), secret().encode()):
        return PlainTextResponse("This is not the teacher's link of this server.\n", 403)
    token = token_of(request.cookies) or secrets.token_bytes(BYTES)
    answer = RedirectResponse("/", 303)
    is_secure = request.url.scheme == "https"
    for name, value in ((cookie_name(), signed(token)), (teacher_cookie(), mark(token))):
        answer.raw_headers.append((b"set-cookie", cookie_line(name, value, is_secure=is_secure)))
    answer.headers["cache-control"] = "no-store"
    return answer
