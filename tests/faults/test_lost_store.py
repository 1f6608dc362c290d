"""Row 79: the database disappears, or is no database any more, while the app runs."""

import pytest
from streamlit.testing.v1 import AppTest

from runs import open_store
from runs.database import begin_anew
from runs.errors import LostStoreError, StoreError
from tests.pages.conftest import FILES, open_page
from tests.runs.tiny import RECIPE
from views.cache import runs

DAMAGE = {
    "gone": lambda path: [file.unlink() for file in path.parent.glob(f"{path.name}*")],
    "no database": lambda path: [
        file.write_bytes(b"no database at all" * 400) for file in path.parent.glob(f"{path.name}*")
    ],
}


@pytest.fixture(params=DAMAGE)
def lost(store, request):
    """A store with a run and its folder, whose database is damaged; and the id of the run."""
    run_id = store.start(RECIPE, "ada")
    (store.home.run_dir(run_id) / "rail").mkdir(parents=True)
    (store.home.run_dir(run_id) / "rail" / "model").write_text("weights")
    store.check()
    DAMAGE[request.param](store.home.database)
    return run_id


def test_79_a_new_store_begins_only_with_consent(store, lost):
    with pytest.raises(LostStoreError, match="put a copy of it back, or begin a new store"):
        store.check()
    for _ in range(2):  # neither an app nor a dispatcher that starts makes an empty one
        with pytest.raises(LostStoreError):
            open_store(store.home.folder, start_dispatcher=False)
    begin_anew(store.home.database)
    begin_anew(store.home.database)  # two people press: one new store
    store.check()
    assert store.runs("ada") == []
    assert (store.home.folder / "runs.bad" / lost / "rail" / "model").read_text() == "weights"
    assert not (store.home.folder / "runs.2.bad").exists()
    assert store.start(RECIPE, "ada") != lost


def test_79_a_store_that_is_put_back_is_taken_up(store):
    run_id = store.start(RECIPE, "ada")
    store.home.run_dir(run_id).mkdir()
    aside = store.home.database.with_name("copy")
    store.home.database.rename(aside)
    with pytest.raises(LostStoreError):
        store.check()
    aside.rename(store.home.database)
    begin_anew(store.home.database)  # too late: it is there again
    assert store.status(run_id).state == "queued"


@pytest.fixture
def app(lost, store, monkeypatch):
    """The app's own store is the damaged one; afterwards all is as it was."""

    def forget():
        for cached in (runs.made_store, runs.checked_store):
            cached.clear()

    monkeypatch.setenv("GLASSBOX_HOME", str(store.home.folder))
    monkeypatch.setenv("GLASSBOX_DISPATCHER", "elsewhere")
    forget()
    yield
    forget()


def said(page):
    assert not page.exception
    shown = [one.value for kind in (page.warning, page.error, page.info) for one in kind]
    return " ".join(shown).replace("\\", "")


def test_79_pages_without_runs_work_and_the_button_begins_a_new_store(app):
    assert said(open_page(FILES[1])) == ""
    page = open_page("pages/training/runs.py")
    assert "put a copy of it back, or begin a new store" in said(page)
    assert "Nothing of yours is lost" not in said(page)
    page.button(key="begin_new_store").click().run()
    assert "begin a new store" not in said(page)


def test_79_strangers_begin_no_new_store(app, monkeypatch):
    monkeypatch.setenv("GLASSBOX_STRANGERS", "1")
    page = open_page("pages/training/runs.py")
    assert "begin_new_store" not in [button.key for button in page.button]
    assert "tell whoever runs this server" in said(page)
    assert ".sqlite" not in said(page)


def test_79_what_is_said_of_a_lost_store_is_true():
    page = AppTest.from_function(say, kwargs={"error": StoreError("the run store is gone")}).run()
    assert "Nothing of yours is lost" not in page.error[0].value
    assert "Pages without runs still work" in page.error[0].value


def say(error):
    from views import ui

    ui.sorry(error)
