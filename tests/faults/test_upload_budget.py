"""Row 71: what browsers may upload, and that it is gone when they are."""

from types import SimpleNamespace

import pytest
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from tests.faults.asking import Answer, ask, scope_of
from views.frame.identity import cookie_name, signed
from views.frame.uploads import Uploads

ME, OTHER = b"1" * 16, b"2" * 16


def cookies_of(person: bytes) -> dict[str, str]:
    return {cookie_name(): signed(person)} if person else {}


class Runtime:
    """Streamlit's runtime, as far as uploads know it."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("/_stcore/upload_file")
        self.cookies = {"session": cookies_of(ME), "their session": cookies_of(OTHER)}
        self.closed: list[str] = []

    def get_client(self, session: str) -> object:
        known = self.cookies.get(session)
        return None if known is None else SimpleNamespace(client_context=SimpleNamespace(cookies=known))

    def is_active_session(self, session: str) -> bool:
        return session in self.cookies

    def close_session(self, session: str) -> None:
        self.closed.append(session)
        self.uploaded_file_mgr.remove_session_files(session)


class Page:
    """The middleware with a runtime behind it, and two open pages of two people."""

    def __init__(self) -> None:
        self.app = Runtime()
        self.uploads = Uploads(None)

    def make(self, behind) -> Uploads:
        self.uploads.app = behind
        return self.uploads

    def offer(self, session: str = "session") -> str:
        ask(self.make, scope_of("/_stcore/stream", kind="websocket"))
        (info,) = self.app.uploaded_file_mgr.get_upload_urls(session, ["model.bin"])
        return info.upload_url

    def send(self, path: str, size: int = 0, who: bytes = ME, method: str = "PUT", **headers: str) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in cookies_of(who).items())
        headers = {"content_length": str(size), "cookie": cookie} | headers

        async def keep(scope: dict) -> None:
            *_, session, file_id = scope["path"].split("/")
            record = UploadedFileRec(file_id, "model.bin", "", bytes(size))
            self.app.uploaded_file_mgr.add_file(session, record)

        return ask(self.make, scope_of(path, method, **headers), behind=keep)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch):
    """Ten bytes for each session, 15 for all."""
    monkeypatch.setenv("GLASSBOX_UPLOAD_SESSION_BYTES", "10")
    monkeypatch.setenv("GLASSBOX_UPLOAD_BYTES", "15")
    page = Page()
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: page.app)
    yield page
    monkeypatch.undo()


def test_71_a_session_takes_only_what_its_own_person_was_asked_for(page: Page) -> None:
    """FAULTS 71: made-up ids, another's address, somebody without a cookie."""
    mine, theirs = page.offer(), page.offer("their session")
    made_up = [
        mine[:-1] + "x",
        mine + "/..",
        "/_stcore/upload_file/none/none",
        "/_stcore/upload_file/session/",
    ]
    for path, who in [(theirs, ME), (mine, OTHER), (mine, b""), *((path, ME) for path in made_up)]:
        for method in ("PUT", "DELETE"):
            answer = page.send(path, 5, who, method)
            assert (answer.status, answer.passed) == (403, None)
    assert page.send(mine, 5).passed
    assert page.send(theirs, 5, OTHER).passed
    assert page.send(mine, method="DELETE").passed


def test_71_nobody_without_a_cookie_takes_anything(page: Page) -> None:
    page.app.cookies["session"] = {}
    assert page.send(page.offer(), 5, b"").status == 403


def test_71_a_session_has_a_budget_and_so_has_the_server(page: Page) -> None:
    """FAULTS 71: 413, before a byte of it is read."""
    assert page.send(page.offer(), 6).passed
    answer = page.send(page.offer(), 5)
    assert (answer.status, answer.passed) == (413, None)
    assert "one page" in answer.text
    assert page.send(page.offer(), 4).passed
    answer = page.send(page.offer("their session"), 6, OTHER)
    assert (answer.status, answer.passed) == (413, None)
    assert "This server" in answer.text
    assert page.send(page.offer("their session"), 5, OTHER).passed


def test_71_what_is_on_its_way_counts(page: Page) -> None:
    """FAULTS 71: twenty that are sent at the same time."""
    page.uploads.coming["session"] = 8
    assert page.send(page.offer(), 5).status == 413
    assert page.send(page.offer(), 2).passed
    assert dict(page.uploads.coming) == {"session": 8}, "what has arrived is counted where it lies"


def test_71_a_file_of_unknown_length_is_refused(page: Page) -> None:
    for lengths in ({"content_length": ""}, {"content_length": "-5"}, {"transfer_encoding": "chunked"}):
        assert page.send(page.offer(), 1, **lengths).status == 411


def test_71_files_are_freed_when_their_page_is_closed(page: Page) -> None:
    """FAULTS 71: Streamlit keeps them for two minutes more."""
    page.send(page.offer(), 10)
    page.send(page.offer("their session"), 5, OTHER)
    del page.app.cookies["session"]
    ask(page.make, scope_of("/_stcore/stream", kind="websocket"))  # any connection that ends
    assert page.app.closed == ["session"]
    assert list(page.app.uploaded_file_mgr.file_storage) == ["their session"]
    assert list(page.uploads.offered) == ["their session"]


def test_71_a_page_is_given_so_many_addresses_and_no_more(page: Page) -> None:
    page.offer()
    names = [str(number) for number in range(3000)]
    assert len(page.app.uploaded_file_mgr.get_upload_urls("session", names)) < 1000
    assert page.app.uploaded_file_mgr.get_upload_urls("session", names) == []
