"""The files between a worker on another machine and the dispatcher: none twice, none lost, no nonsense."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.training import TrainEvent
from runs import EvalEvent, far_worker, ingest, mailbox, queue
from runs.database import reading, writing
from runs.far_dispatcher import FarDispatcher, call_home
from runs.folder_journal import FolderJournal
from runs.ingest import far_workers, hear
from runs.mailbox import Orders, SupersededError
from tests.runs.tiny import RECIPE


@pytest.fixture
def far_run(store):
    """A run that a worker elsewhere has taken: its journal, and the dispatcher's ear."""
    run_id = store.start(RECIPE, "ada")
    with writing(store.home.database) as database:
        queue.claim(database, slots=1)
        database.execute("INSERT INTO far_workers (run_id, attempt) VALUES (?, 'one')", (run_id,))
    mailbox.lay_out(store.home.run_dir(run_id), "one", RECIPE)
    journal = FolderJournal(store.home.run_dir(run_id), "one")

    def listen():
        (worker,) = far_workers(store.home)
        return hear(store.home, worker)

    return SimpleNamespace(id=run_id, journal=journal, listen=listen, folder=store.home.run_dir(run_id))


def event(step, loss=2.0):
    return TrainEvent(step, 8 * step + 8, loss, 1.0, 1e-3)


def report_of(far_run):
    return mailbox.report_of(far_run.folder, "one")


def test_what_a_worker_says_is_in_the_store(store, far_run):
    assert far_run.journal.recipe() == RECIPE
    evaluation = EvalEvent(0, 4.0, math.nan, "the qué", 1.5, {"accuracy": 0.5})
    far_run.journal.write([evaluation, event(0, 1 / 3), event(1, math.nan)], 2)
    far_run.journal.note("worth knowing")
    assert far_run.listen() == 0
    status = store.status(far_run.id)
    assert (status.state, status.step, status.reason) == ("running", 2, "worth knowing")
    first, second, third = store.events(far_run.id)
    assert (first.sample, first.scores) == ("the qué", {"accuracy": 0.5})
    assert math.isnan(first.val_loss)
    assert second == event(0, 1 / 3)
    assert math.isnan(third.loss)


def test_a_torn_last_line_waits_for_its_rest(store, far_run):
    far_run.journal.write([event(0)], 1)
    far_run.journal.write([event(1)], 2)
    whole = report_of(far_run).read_bytes()
    report_of(far_run).write_bytes(whole[:-7])
    assert far_run.listen() == 0
    assert store.events(far_run.id) == [event(0)]
    report_of(far_run).write_bytes(whole)
    assert far_run.listen() == 0
    assert store.events(far_run.id) == [event(0), event(1)]


def test_a_line_that_a_full_disk_has_torn_is_written_over(store, far_run):
    far_run.journal.write([event(0)], 1)
    with report_of(far_run).open("ab") as file:
        file.write(b'{"what": "write", "st')
    far_run.journal.end("paused", "the disk is full")
    assert far_run.listen() == 0
    assert store.status(far_run.id).state == "paused"


def test_steps_that_are_done_again_are_there_once(store, far_run):
    far_run.journal.write([event(0), event(1)], 2)
    far_run.journal.write([event(1), event(2)], 3)
    far_run.listen()
    assert store.events(far_run.id) == [event(0), event(1), event(2)]


def test_a_dispatcher_killed_in_the_middle_hears_nothing_twice_and_loses_nothing(store, far_run, monkeypatch):
    far_run.journal.write([event(0)], 1)
    far_run.journal.write([event(1)], 2)
    far_run.journal.rest()

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(ingest.HEARD, "rest", killed)
        with pytest.raises(KeyboardInterrupt):
            far_run.listen()
    assert store.events(far_run.id) == []
    assert far_workers(store.home)[0].heard == 0
    stale = far_workers(store.home)[0]
    far_run.listen()
    assert store.events(far_run.id) == [event(0), event(1)]
    store.command(far_run.id, "play")
    hear(store.home, stale)  # from where somebody else has begun: nothing of it counts
    far_run.listen()
    assert store.status(far_run.id).state == "queued"


NONSENSE = [
    b"\xff\x00\xfe" * 40,
    b"[" * 100_000,
    b"null",
    b"{}",
    b'{"what": "format the disk"}',
    b'{"what": "write", "step": -1, "news": []}',
    b'{"what": "write", "step": 1e3, "news": []}',
    b'{"what": "write", "step": 99999999999999999999999, "news": []}',
    b'{"what": "write", "step": 1, "news": [{"kind": "train"}]}',
    b'{"what": "write", "step": 1, "news": [{"kind": "train", "step": 0, "tokens_seen": 8, "loss": "<b>",'
    b' "grad_norm": 1, "learning_rate": 1}]}',
    b'{"what": "end", "state": "queued", "reason": ""}',
    b'{"what": "end", "state": "failed", "reason": 7}',
    b'{"what": "rate", "step": 1, "rate": -1}',
    b'{"what": "rate", "step": 1, "rate": NaN}',
]


@pytest.mark.parametrize("line", NONSENSE)
def test_nonsense_in_a_report_is_left_out(store, far_run, line):
    far_run.journal.write([event(0)], 1)
    with report_of(far_run).open("ab") as file:
        file.write(line + b"\n")
    far_run.journal.written = report_of(far_run).stat().st_size
    far_run.journal.write([event(1)], 2)
    assert far_run.listen() == 1
    assert store.events(far_run.id) == [event(0), event(1)]
    assert store.status(far_run.id).state == "running"


@given(st.lists(st.binary(max_size=60), max_size=5))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_in_a_report_stop_the_dispatcher(store, far_run, pieces):
    with report_of(far_run).open("ab") as file:
        file.write(b"\n".join(pieces) + b"\n")
    far_run.listen()
    assert store.events(far_run.id) == []


def test_a_report_without_an_end_of_line_is_passed_over(store, far_run, monkeypatch):
    monkeypatch.setattr(mailbox, "LONGEST_LINE", 1000)
    report_of(far_run).write_bytes(b"x" * 2500 + b"\n")
    assert far_run.listen() == 3
    assert far_workers(store.home)[0].heard == 2501


def test_numbers_that_are_none_become_gaps_in_the_database(store, far_run):
    report_of(far_run).write_bytes(
        b'{"what": "write", "step": 1, "news": [{"kind": "train", "step": 0, "tokens_seen": 8, "loss": NaN, '
        b'"grad_norm": null, "learning_rate": 1}]}\n'
    )
    assert far_run.listen() == 0
    with reading(store.home.database) as database:
        row = database.execute("SELECT loss, grad_norm, learning_rate FROM train_events").fetchone()
    assert tuple(row) == (None, None, 1.0)


def test_orders_and_a_new_rate_are_heard(store, far_run):
    far_run.journal.recipe()
    mailbox.write_orders(far_run.folder, Orders("one", "pause", 1e-4))
    store.set_learning_rate(far_run.id, 1e-4, "ada")
    wanted, recipe = far_run.journal.write([event(0)], 1)
    assert wanted == "pause"
    assert recipe.rate_changes == ((1, 1e-4),)
    assert far_run.journal.write([event(1)], 2).recipe is None  # followed already
    far_run.listen()
    assert store.recipe(far_run.id) == recipe
    with reading(store.home.database) as database:
        row = database.execute("SELECT key, new_rate FROM runs").fetchone()
    assert tuple(row) == (recipe.key(), None)


def test_orders_that_cannot_be_read_leave_the_last_ones_in_force(far_run):
    mailbox.write_orders(far_run.folder, Orders("one", "pause"))
    assert far_run.journal.write([], 0).wanted == "pause"
    (mailbox.folder_of(far_run.folder) / "orders.json").write_bytes(b"\xff{")
    assert far_run.journal.write([], 0).wanted == "pause"


@pytest.mark.parametrize("what", ["rest", "give_back", "begin_again"])
def test_a_worker_that_was_struck_from_the_orders_has_no_last_word(store, far_run, what):
    mailbox.write_orders(far_run.folder, Orders("two"))
    with pytest.raises(SupersededError):
        getattr(far_run.journal, what)()
    with pytest.raises(SupersededError):
        far_run.journal.write([event(0)], 1)
    mailbox.clear(far_run.folder)
    with pytest.raises(SupersededError):
        far_run.journal.note("nobody reads this")


def test_one_complaint_for_many_lines(store, far_run, capsys):
    dispatcher = FarDispatcher(store.home, None, slots=1, idle_limit=60)
    for _ in range(3):
        with report_of(far_run).open("ab") as file:
            file.write(b"\xff\n" * 5)
        dispatcher.take_in(far_workers(store.home)[0])
    assert capsys.readouterr().err.count("make no sense") == 1


def test_a_run_comes_home_when_this_machine_is_to_train(store, far_run):
    far_run.journal.write([event(0)], 1)
    call_home(store.home)
    assert store.events(far_run.id) == [event(0)]
    assert store.status(far_run.id).state == "queued"
    with pytest.raises(SupersededError):
        far_run.journal.write([event(1)], 2)


def test_a_job_that_its_cluster_starts_twice_leaves_at_once(far_run):
    far_run.journal.recipe()
    assert far_worker.train(str(far_run.folder), "one") == far_worker.TAKEN
