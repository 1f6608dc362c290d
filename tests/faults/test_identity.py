"""Rows 72 and 82: who somebody is, by a signed cookie of our own; nobody without one."""

import re
import stat
from pathlib import Path

import pytest

from runs import open_store
from tests.faults.asking import Answer, ask, scope_of
from tests.runs.tiny import RECIPE
from views import cache
from views.frame import identity, keys, teacher
from views.frame.identity import Identity, cookie_name, owner_of, signed, token_of
from views.frame.known_before import known_before

TOKEN = bytes(range(16))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A data folder of its own, as after a fresh start."""
    monkeypatch.setenv("GLASSBOX_HOME", str(tmp_path))
    keys.kept.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    keys.kept.cache_clear()


def opened(cookie: str = "", earlier=lambda _: None, **how: str) -> Answer:
    return ask(Identity, scope_of(cookie=cookie, **how), earlier=earlier)


def given(answer: Answer) -> bytes | None:
    """The token of the cookie that an answer sets."""
    name, value = answer.header("set-cookie").split(";")[0].split("=", 1)
    return token_of({name: value})


def test_82_whoever_comes_first_gets_a_signed_cookie_that_no_script_reads(home: Path) -> None:
    line = opened().header("set-cookie")
    assert re.fullmatch(
        r"glassbox_[0-9a-f]{8}=[0-9a-f]{32}\.[0-9a-f]{64}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax",
        line,
    )
    assert "Secure" in ask(Identity, scope_of() | {"scheme": "https"}, earlier=lambda _: None).header(
        "set-cookie"
    )
    assert given(opened()) != given(opened())


def test_82_a_valid_cookie_is_left_alone_and_survives_a_restart(home: Path) -> None:
    cookie = f"{cookie_name()}={signed(TOKEN)}"
    keys.kept.cache_clear()
    assert not opened(cookie).header("set-cookie")
    assert token_of({cookie_name(): signed(TOKEN)}) == TOKEN
    assert stat.S_IMODE((home / "server.key").stat().st_mode) == 0o600


WRONG = {
    "empty": "",
    "empty token": ".",
    "signed nothing": "SIGNED:",
    "15 bytes": "SIGNED:" + "ab" * 15,
    "17 bytes": "SIGNED:" + "ab" * 17,
    "another signature": "ab" * 16 + "." + "0" * 64,
    "no signature": "ab" * 16,
    "no digits": "zz" * 16 + "." + "0" * 64,
    "no ASCII": "ä.ö",
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
def test_82_a_wrong_token_is_nobody_and_gets_a_fresh_one(home: Path, value: str) -> None:
    """FAULTS 82: empty ones would all have been the same person."""
    if value.startswith("SIGNED:"):
        value = signed(bytes.fromhex(value.removeprefix("SIGNED:")))
    assert token_of({cookie_name(): value}) is None
    assert len(given(opened(f"{cookie_name()}={value}"))) == 16


def test_82_the_cookie_of_another_server_means_nothing(home: Path, tmp_path_factory, monkeypatch) -> None:
    name, value = cookie_name(), signed(TOKEN)
    monkeypatch.setenv("GLASSBOX_HOME", str(tmp_path_factory.mktemp("other")))
    assert cookie_name() != name, "two servers on one machine would overwrite each other's"
    assert token_of({cookie_name(): value}) is None


def test_82_parts_of_a_page_set_no_cookie(home: Path) -> None:
    for path in ("/_stcore/health", "/static/js/index.js", "/media/x.png", "/api/ready"):
        assert not opened_at(path).header("set-cookie")


def opened_at(path: str) -> Answer:
    return ask(Identity, scope_of(path), earlier=lambda _: None)


def test_82_who_had_runs_under_the_earlier_cookie_keeps_them_and_nobody_else_is_named_by_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(home, start_dispatcher=False)
    monkeypatch.setattr(cache, "store", lambda: store)
    store.start(RECIPE, owner_of(TOKEN))
    cookie = "_streamlit_xsrf=2|00000000|{}|1"
    assert given(opened(cookie.format(TOKEN.hex()), known_before)) == TOKEN
    for other in ("ab" * 16, "", "ab" * 15):
        assert given(opened(cookie.format(other), known_before)) not in (TOKEN, bytes.fromhex(other))


def test_82_a_server_that_can_keep_nothing_has_a_key_all_the_same(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GLASSBOX_HOME", str(tmp_path / "file"))
    assert len(keys.server_key()) > 30
    assert keys.server_key() == keys.server_key()
    monkeypatch.undo()


def test_82_copies_on_one_data_folder_share_the_key(home: Path) -> None:
    first = keys.server_key()
    keys.kept.cache_clear()
    assert keys.server_key() == first
    (home / "server.key").write_text("short")
    keys.kept.cache_clear()
    assert keys.server_key() not in (first, b"short")


def test_73_a_teacher_is_who_has_opened_the_link_and_the_secret_leaves_the_address(home: Path) -> None:
    person = {cookie_name(): signed(TOKEN)}
    assert not teacher.is_teachers(person)
    cookies = person | {teacher.teacher_cookie(): teacher.mark(TOKEN)}
    assert teacher.is_teachers(cookies)
    assert not teacher.is_teachers(cookies | {cookie_name(): signed(bytes(16))}), "another browser's mark"
    assert not teacher.is_teachers({teacher.teacher_cookie(): teacher.mark(TOKEN)})
    assert not teacher.is_teachers(person | {teacher.teacher_cookie(): identity.signature(TOKEN)})
    assert stat.S_IMODE((home / "teacher.secret").stat().st_mode) == 0o600


def test_73_the_operators_own_secret_counts_and_a_new_one_ends_the_old(home: Path, monkeypatch) -> None:
    cookies = {cookie_name(): signed(TOKEN), teacher.teacher_cookie(): teacher.mark(TOKEN)}
    monkeypatch.setenv("GLASSBOX_TEACHER", "a long enough secret")
    assert teacher.secret() == "a long enough secret"
    assert not teacher.is_teachers(cookies)
