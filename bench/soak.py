"""Ten minutes with people who come and go, and the end: does memory stay, is everything given back?"""

import argparse
import asyncio
import random
from time import perf_counter

from bench.people import Person, Seen
from bench.server import Server
from bench.summary import Table, at, ms

LIVES = (40, 90)  # seconds that somebody stays, before the next one comes
MINUTE = 60.0


async def soak(server: Server, people: int, options: argparse.Namespace) -> Table:
    """A row a minute, and what is left in the end."""
    seen, rows = Seen(server), []
    end = asyncio.get_running_loop().time() + options.soak * MINUTE
    seats = [asyncio.create_task(a_seat(number, server, seen, options, end)) for number in range(people)]
    counted = 0
    while not all(seat.done() for seat in seats):
        await asyncio.wait(seats, timeout=MINUTE)
        times = [one.seconds for one in seen.interactions[counted:]]
        counted = len(seen.interactions)
        rows.append(row_of(f"minute {len(rows) + 1}", server, times, seen))
        print(rows[-1], flush=True)
    await asyncio.gather(*seats)
    rows.append(row_of("all gone", server, [], seen))
    return [
        ("when", "resident (MB)", "threads", "sessions", "interactions", "p95 (ms)", "errors"),
        *rows,
        *ended(server),
        *((error, *("",) * 6) for error in seen.errors),
    ]


def row_of(when: str, server: Server, times: list[float], seen: Seen) -> tuple[str, ...]:
    """How it stands."""
    counts = (server.memory(), server.threads(), server.sessions())
    return (
        when,
        *(f"{count:.0f}" for count in counts),
        str(len(times)),
        ms(at(0.95, times)),
        str(len(seen.errors)),
    )


async def a_seat(number: int, server: Server, seen: Seen, options: argparse.Namespace, end: float) -> None:
    """One seat of the class: people come to it, stay for a while, and go."""
    dice = random.Random(f"{options.seed}, seat {number}")
    loop, visits = asyncio.get_running_loop(), 0
    while loop.time() < end:
        visitor = Person(
            number + 1000 * visits,
            server.port,
            seen,
            options.think,
            options.seed,
            trains=number < options.train,
        )
        await visitor.live(min(end, loop.time() + dice.uniform(*LIVES)))
        visits += 1


def ended(server: Server) -> Table:
    """SIGTERM to the app, then to the dispatcher: how long each takes, and what is left."""
    app = server.stop()
    began, at_work = perf_counter(), server.dispatcher()
    server.stop_dispatcher()
    dispatcher = perf_counter() - began if at_work else 0.0
    left = "; ".join(server.left_over()) or "nothing"
    blank = ("",) * 5
    return [
        (f"the app ended in {app:.1f} s", *blank, ""),
        (
            f"the dispatcher ended in {dispatcher:.1f} s" if at_work else "no dispatcher was at work",
            *blank,
            "",
        ),
        (f"left over: {left}", *blank, ""),
    ]
