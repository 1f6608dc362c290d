"""What browsers may upload: what a page asked for, within a budget for each session and for the server.

Streamlit takes any file for any open session, and keeps it for two minutes after its tab was closed.
"""

from collections import defaultdict

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.uploaded_file_manager import UploadFileUrlInfo

from runs.settings import settings
from views.frame.identity import cookies_of, token_of
from views.frame.refusing import header, refuse

PATH = "/_stcore/upload_file/"
MB = 1e6
MOST_OFFERED = 1000  # addresses that one session may ask for


class Uploads:
    """ASGI middleware: 403 for an upload that no page of this person asked for, 413 beyond a budget."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.offered: dict[str, set[str]] = defaultdict(set)  # by session: the ids that its pages were given
        self.coming: dict[str, int] = defaultdict(int)  # by session: bytes that are on their way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self.watch()
            try:
                return await self.app(scope, receive, send)
            finally:
                self.forget_the_left()
        if scope["type"] != "http" or PATH not in scope["path"] or scope["method"] not in ("PUT", "DELETE"):
            return await self.app(scope, receive, send)
        session, _, file_id = scope["path"].partition(PATH)[2].partition("/")
        if not self.was_asked(scope, session, file_id):
            return await refuse(scope, receive, send, 403, "No page of yours has asked for this file.")
        if scope["method"] == "DELETE":
            return await self.app(scope, receive, send)
        return await self.take(scope, receive, send, session)

    async def take(self, scope: Scope, receive: Receive, send: Send, session: str) -> None:
        """Let an upload through, if it fits beside what is there and what is on its way."""
        length = header(scope, b"content-length") or ""
        if not length.isdecimal() or header(scope, b"transfer-encoding"):
            return await refuse(scope, receive, send, 411, "Say how long the file is.")
        size = int(length)
        if reason := self.too_much(session, size):
            return await refuse(scope, receive, send, 413, reason)
        self.coming[session] += size
        try:
            return await self.app(scope, receive, send)
        finally:
            self.coming[session] -= size
            if not self.coming[session]:
                del self.coming[session]

    def too_much(self, session: str, size: int) -> str:
        """Which budget another upload of `size` bytes would go beyond, in a sentence; "" for none."""
        held = {name: size_of(files) for name, files in list(stored().items())}
        mine = held.get(session, 0) + self.coming.get(session, 0)
        if mine + size > settings().upload_session_bytes:
            most = settings().upload_session_bytes / MB
            return f"All files of one page together may have {most:,.0f} MB: remove some, then add this one."
        if sum(held.values()) + sum(self.coming.values()) + size > settings().upload_bytes:
            return "This server holds as many uploaded files as it may: try again in a few minutes."
        return ""

    def was_asked(self, scope: Scope, session: str, file_id: str) -> bool:
        """Whether a page of this very person was given this address."""
        client = runtime.get_instance().get_client(session) if runtime.exists() else None
        if client is None or file_id not in self.offered.get(session, ()):
            return False
        theirs = token_of(dict(client.client_context.cookies))
        return theirs is not None and theirs == token_of(cookies_of(scope))

    def watch(self) -> None:
        """Note each address that a page is given, from the first session on."""
        manager = runtime.get_instance().uploaded_file_mgr
        if getattr(manager, "is_watched", False):
            return
        give = manager.get_upload_urls

        def give_and_note(session: str, names: list[str]) -> list[UploadFileUrlInfo]:
            room = MOST_OFFERED - len(self.offered[session])
            given = give(session, names[: max(0, room)])
            self.offered[session].update(info.file_id for info in given)
            return given

        # Streamlit has no hook for this: an st.App makes its own manager of uploaded files.
        manager.get_upload_urls, manager.is_watched = give_and_note, True

    def forget_the_left(self) -> None:
        """End the sessions that have uploads and no browser any more: their files are freed at once."""
        app = runtime.get_instance()
        for session in [one for one in list(self.offered) if not app.is_active_session(one)]:
            del self.offered[session]
            app.close_session(session)


def stored() -> dict[str, dict]:
    """The uploaded files in memory, by session and id."""
    return runtime.get_instance().uploaded_file_mgr.file_storage


def size_of(files: dict) -> int:
    """Bytes of one session's uploads."""
    return sum(len(file.data) for file in list(files.values()))
