from hypothesis import given
from hypothesis import strategies as st

from core.repetition import Loop, longest_repeat, loop_of, parting

IDS = st.lists(st.integers(0, 3), max_size=14)


@given(IDS)
def test_the_longest_repeat_is_the_one_found_by_trying_all(ids: list[int]) -> None:
    found = longest_repeat(ids)
    best = max(
        (
            length
            for length in range(1, len(ids) // 2 + 1)
            for i in range(len(ids))
            for j in range(i + length, len(ids) - length + 1)
            if ids[i : i + length] == ids[j : j + length]
        ),
        default=0,
    )
    assert found.length == best
    one, again = (ids[at : at + found.length] for at in (found.first, found.again))
    assert one == again
    assert len(again) == found.length
    assert found.first + found.length <= found.again or not best


@given(IDS, st.integers(2, 4))
def test_a_loop_goes_round_often_enough_and_no_shorter_one_does(ids: list[int], rounds: int) -> None:
    found = loop_of(ids, rounds)

    def goes_round(period: int) -> bool:
        tail = ids[-rounds * period :]
        return len(tail) == rounds * period and tail[:-period] == tail[period:]

    periods = [period for period in range(1, len(ids) + 1) if goes_round(period)]
    assert (found.period if found else None) == (periods[0] if periods else None)
    if found:
        tail = ids[found.start :]
        assert tail[: -found.period] == tail[found.period :]
        assert found.start == 0 or ids[found.start - 1] != ids[found.start - 1 + found.period]


def test_a_tale_that_ends_in_a_loop() -> None:
    assert loop_of([9, 8, 1, 2, 1, 2, 1, 2, 1]) == Loop(2, 2)
    assert loop_of([1, 2, 1, 2]) is None
    assert loop_of([]) is None


@given(IDS, IDS)
def test_two_texts_are_alike_up_to_where_they_part(one: list[int], other: list[int]) -> None:
    at = parting(one, other)
    if at is None:
        assert one[: len(other)] == other[: len(one)]
    else:
        assert one[:at] == other[:at]
        assert one[at] != other[at]
