"""A class at work: so many people on one app, each walking all pages and moving what stands there.

`python -m bench.class_of --people 30 --minutes 2` starts an app of its own and prints tables: how long an
interaction takes, from the message that a browser sends to the end of the script that answers it; the slowest
pages; memory, messages and errors. One person has walked through it before, as a teacher does; not so with
`--cold`. With `--train 1` one of them trains all the time; `--soak 10` walks ten minutes with people who come
and go, and then stops the app. With `--slow 1` the class works twice on the same app, first by itself, then
beside one who imports a file that takes as long as a file may; the last table compares the two.
"""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

from bench.people import Person, Seen, prepare
from bench.server import Server
from bench.slow import Importer, lay_slow_file
from bench.soak import soak
from bench.summary import by_control, by_page, lines_of, overview

SETTLE = 3.0  # seconds before the measured time begins: everybody has come in


def main() -> None:
    """Measure as asked, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[30])
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--train", type=int, default=0, help="how many of them train all the time")
    parser.add_argument("--slow", type=int, default=0, help="how many more make slow requests all the time")
    parser.add_argument("--soak", type=float, default=0, help="minutes with people who come and go")
    parser.add_argument("--think", type=float, default=3.0, help="seconds between two interactions")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cold", action="store_true", help="nobody has been there before the class")
    parser.add_argument("--pages", nargs="*", default=None, help="only these")
    options = parser.parse_args()
    for people in options.people:
        print(f"\n{people} people, load average {os.getloadavg()[0]:.1f} before", flush=True)
        for table in measured(people, options):
            print("\n" + "\n".join(lines_of(table)), flush=True)


def measured(people: int, options: argparse.Namespace) -> list[list[tuple]]:
    """The tables of one class on an app of its own: rows, the head first."""
    server = Server(Path(tempfile.mkdtemp()))
    empty = server.memory()
    try:
        if not options.cold:
            asyncio.run(prepare(server.port))
        if options.soak:
            return [asyncio.run(soak(server, people, options))]
        if options.slow:
            return beside_slow_ones(server, people, options)
        prepared = server.memory()
        before, began = server.processor_seconds(), time.perf_counter()
        seen = asyncio.run(a_class(server, people, options))
        facts = {
            "people": people,
            "training": options.train,
            "memory": server.memory(),
            "a session": (server.memory() - prepared) / people,
            "processor": server.processor_seconds() - before,
            "seconds": time.perf_counter() - began,
            "hits": server.cache_hits(),
            "ready": server.seconds_to_ready,
            "empty": empty,
        }
        return [overview(seen, facts), by_page(seen), by_control(seen)]
    finally:
        if server.process.poll() is None:
            server.stop()
        server.stop_dispatcher()


def beside_slow_ones(server: Server, people: int, options: argparse.Namespace) -> list[list[tuple]]:
    """The same class without and with people who make slow requests: half and 19 of 20 answers, in ms."""
    lay_slow_file(server.home)
    rows = [("slow ones", "answers", "median (ms)", "p95 (ms)", "longest (ms)", "slow requests", "errors")]
    for slow in (0, options.slow):
        seen = asyncio.run(a_class(server, people, options, slow))
        took = sorted(1000 * one.seconds for one in seen.interactions)
        at = [took[int(share * (len(took) - 1))] for share in (0.5, 0.95, 1)]
        facts = (slow, len(took), *map(round, at), seen.slow, len(seen.errors))
        rows.append(tuple(map(str, facts)))
    ratio = float(rows[2][3]) / float(rows[1][3])
    return [rows, [("p95 with, by p95 without",), (f"{ratio:.2f}",)]]


async def a_class(server: Server, people: int, options: argparse.Namespace, slow: int = 0) -> Seen:
    """What a class of so many people sees in so many minutes; `slow` others are not counted."""
    seen = Seen(server)
    end = asyncio.get_running_loop().time() + SETTLE + options.think + options.minutes * 60
    everybody = [
        Person(number, server.port, seen, options.think, options.seed, trains=number < options.train)
        for number in range(people)
    ]
    if options.pages:
        for person in everybody:
            person.road = list(options.pages)
    everybody += [Importer(server.port, seen) for _ in range(slow)]
    await asyncio.gather(*(person.live(end) for person in everybody))
    return seen


if __name__ == "__main__":
    main()
