"""Admission: never more at once than may, in the order of arrival; a turn is lent, lost and taken again."""

import threading
from contextlib import contextmanager

import pytest
from streamlit.runtime.scriptrunner_utils.exceptions import StopException

from core.waiting import held, waiting
from views import turns as admission
from views.turns import Turns, long_work

HOUR = 3600.0
PATIENCE = 20  # seconds until a test has failed


class Visitor:
    """Somebody who comes, is inside from `entered` on, and stays until they may leave."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.entered, self.leave = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.live, daemon=True)
        self.thread.start()

    def live(self) -> None:
        with self.turns:
            self.entered.set()
            self.leave.wait(PATIENCE)

    def is_inside(self) -> bool:
        return self.entered.wait(PATIENCE)

    def go(self) -> None:
        self.leave.set()
        self.thread.join(PATIENCE)


class Line(Turns):
    """Turns that say when somebody stands in line."""

    def __init__(self, at_once: int = 1, lease: float = HOUR, **more: object) -> None:
        super().__init__(at_once, lease, **more)
        self.stands = threading.Semaphore(0)

    def seconds_left(self) -> float:
        self.stands.release()
        return super().seconds_left()

    def come(self) -> Visitor:
        """A visitor who is inside by now, or in line."""
        visitor = Visitor(self)
        assert self.stands.acquire(timeout=PATIENCE)
        return visitor


def assert_empty(turns: Turns) -> None:
    assert not turns.inside
    assert not turns.line


def test_the_others_wait_and_enter_in_the_order_in_which_they_came():
    turns = Line(at_once=2)
    people = [turns.come() for _ in range(6)]
    assert [one.entered.is_set() for one in people] == [True, True, False, False, False, False]
    for leaving, coming in ((1, 2), (0, 3), (3, 4), (2, 5)):
        people[leaving].go()
        assert people[coming].is_inside()
        assert len(turns.inside) == 2
        assert not any(one.entered.is_set() for one in people[coming + 1 :])
    for one in people:
        one.go()
    assert_empty(turns)


def test_a_script_that_fails_gives_its_turn_back():
    turns = Turns(1, HOUR)
    for reason in (KeyError, StopException):
        with pytest.raises(reason), turns:
            raise reason
        assert_empty(turns)


def test_a_turn_that_lasts_too_long_counts_no_more():
    now = [0.0]
    turns = Line(lease=1.0, clock=lambda: now[0])
    slow = turns.come()
    now[0] = 1.5
    other = turns.come()
    assert other.is_inside()
    slow.go()  # its turn was over: nobody else's is
    assert len(turns.inside) == 1
    other.go()
    assert_empty(turns)


def test_who_waits_lends_the_turn_and_takes_it_again_before_those_who_have_not_begun():
    turns = Line()

    def leave_when_the_first_is_back() -> None:
        turns.stands.acquire()
        second.leave.set()

    with turns:
        turns.stands.acquire()
        with waiting():
            second = turns.come()
            assert second.is_inside()
            third = turns.come()
            threading.Thread(target=leave_when_the_first_is_back).start()
        assert turns.inside == [turns.mine.get()]
        assert not third.entered.is_set()
    assert third.is_inside()
    third.go()
    assert_empty(turns)


def test_a_turn_that_was_lent_twice_is_taken_once():
    turns = Turns(1, HOUR)
    with turns:
        with waiting(), waiting():
            assert not turns.inside
        assert len(turns.inside) == 1
    assert_empty(turns)
    with waiting():  # no turn, nothing to lend
        assert_empty(turns)


def test_an_error_while_waiting_leaves_the_page_its_turn():
    turns = Turns(1, HOUR)
    with turns:
        with pytest.raises(ValueError, match="no answer"), waiting():
            raise ValueError("no answer")
        assert len(turns.inside) == 1
    assert_empty(turns)


def test_a_script_that_is_stopped_while_it_waits_is_not_kept_in_line():
    turns, others = Line(), []

    def script() -> None:
        with turns, waiting():
            others.append(turns.come())
            assert others[0].is_inside()
            raise StopException

    with pytest.raises(StopException):
        script()
    (other,) = others
    assert len(turns.inside) == 1  # the other's
    other.go()
    assert_empty(turns)


def test_a_lock_that_is_free_lends_nothing():
    turns = Turns(1, HOUR)
    lock = threading.Lock()
    with turns, held(lock):
        assert len(turns.inside) == 1
        assert lock.locked()
    assert not lock.locked()


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> tuple[Line, Line]:
    """Turns of pages and of long work that a test may watch."""
    pages, long = Line(), Line()
    monkeypatch.setattr(admission, "TURNS", pages)
    monkeypatch.setattr(admission, "LONG", long)
    return pages, long


def test_beside_long_work_pages_are_drawn_and_long_work_takes_turns(lanes: tuple[Line, Line]):
    pages, long = lanes
    with pages:
        with long_work(), long_work():
            assert (len(pages.inside), len(long.inside)) == (0, 1)
            drawn = pages.come()
            assert drawn.is_inside()
            drawn.go()
            with waiting():  # a child process, say: another's long work goes on meanwhile
                assert not long.inside
            assert len(long.inside) == 1
        assert (len(pages.inside), len(long.inside)) == (1, 0)
    for lane in lanes:
        assert_empty(lane)


def test_long_work_outside_of_a_page_takes_its_turn_too(lanes: tuple[Line, Line]):
    with long_work():
        assert len(lanes[1].inside) == 1
    assert_empty(lanes[1])


def test_never_more_at_once_than_may():
    turns, most, now, guard = Turns(2, HOUR), [0], [0], threading.Lock()

    @contextmanager
    def counted():
        with guard:
            now[0] += 1
            most[0] = max(most[0], now[0])
        yield
        with guard:
            now[0] -= 1

    def come_often() -> None:
        for _ in range(50):
            with turns:
                with counted():
                    pass
                with waiting():
                    pass
                with counted():
                    pass

    people = [threading.Thread(target=come_often) for _ in range(12)]
    for person in people:
        person.start()
    for person in people:
        person.join(60)
    assert 1 <= most[0] <= 2
    assert_empty(turns)
