"""Taking turns: never more at once than may, in the order of arrival, and nobody waits for ever."""

import threading
import time

import pytest

from views.turns import Turns


def enter(turns: Turns, log: list, name: str, leave: threading.Event) -> threading.Thread:
    """Somebody who comes, writes down that they are inside, and stays until they are let go."""

    def live() -> None:
        with turns:
            log.append(name)
            leave.wait(20)

    thread = threading.Thread(target=live)
    thread.start()
    return thread


def until(true) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_the_others_wait_and_enter_in_the_order_in_which_they_came():
    turns, log, leave = Turns(2, patience=60), [], [threading.Event() for _ in range(6)]
    people = []
    for number in range(6):
        people.append(enter(turns, log, str(number), leave[number]))
        until(lambda expected=number: len(log) + len(turns.line) == expected + 1)
    assert log == ["0", "1"]
    for number, inside in ((1, "012"), (0, "0123"), (3, "01234"), (2, "012345")):
        leave[number].set()
        until(lambda expected=inside: "".join(log) == expected)
        assert turns.inside == 2
    for event in leave:
        event.set()
    for person in people:
        person.join()
    assert (turns.inside, len(turns.line)) == (0, 0)


def test_never_more_at_once_than_may():
    turns, most, now, guard = Turns(2, patience=60), [0], [0], threading.Lock()

    def come_often() -> None:
        for _ in range(50):
            with turns:
                with guard:
                    now[0] += 1
                    most[0] = max(most[0], now[0])
                time.sleep(0)
                with guard:
                    now[0] -= 1

    people = [threading.Thread(target=come_often) for _ in range(12)]
    for person in people:
        person.start()
    for person in people:
        person.join(60)
    assert most[0] == 2
    assert (turns.inside, len(turns.line)) == (0, 0)


def test_who_has_waited_long_goes_in_and_a_script_that_fails_gives_its_turn_back():
    turns, log, leave = Turns(1, patience=0.05), [], threading.Event()
    first, second = (enter(turns, log, name, leave) for name in ("first", "second"))
    until(lambda: len(log) == 2)
    assert turns.inside == 2
    leave.set()
    first.join()
    second.join()
    with pytest.raises(KeyError), turns:
        raise KeyError
    assert (turns.inside, len(turns.line)) == (0, 0)


def test_a_turn_that_comes_while_one_gives_up_is_counted_once():
    turns = Turns(1, patience=60)
    called = threading.Event()
    turns.inside = 1
    turns.line.append(called)
    turns.__exit__()  # calls the one in line, who has given up a moment before
    turns.go_in_anyway(called)
    assert (turns.inside, len(turns.line)) == (1, 0)
