"""What a class saw, as tables: rows of strings, the head first."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from bench.people import Interaction, Seen

SLOWEST = 25
Table = list[tuple[str, ...]]


def at(share: float, values: Sequence[float]) -> float:
    """The value below which this share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def ms(seconds: float) -> str:
    """Milliseconds."""
    return f"{seconds * 1000:.0f}"


def kb(count: float) -> str:
    """Thousands of bytes."""
    return f"{count / 1000:.0f}"


def overview(seen: Seen, facts: Mapping[str, float]) -> Table:
    """One row for a class: what people feel, and what it costs."""
    times = [one.seconds for one in seen.interactions]
    row = {
        "people": f"{facts['people']:.0f}",
        "training": f"{facts['training']:.0f}",
        "interactions": f"{len(times)}",
        "p50 (ms)": ms(at(0.5, times)),
        "p95 (ms)": ms(at(0.95, times)),
        "slowest (ms)": ms(max(times)),
        "first picture, p50 (ms)": ms(at(0.5, seen.first_pictures)),
        "slowest": ms(max(seen.first_pictures)),
        "processor, an interaction (ms)": ms(facts["processor"] / max(1, len(times))),
        "processor, of one core (%)": f"{100 * facts['processor'] / facts['seconds']:.0f}",
        "cache hits (%)": f"{100 * facts['hits']:.0f}",
        "errors": f"{len(seen.errors)}",
        "refreshes": f"{seen.refreshes}",
        "runs started": f"{seen.starts}",
        "bytes, p50 (kB)": kb(at(0.5, [one.bytes for one in seen.interactions])),
        "largest message (kB)": kb(max(one.largest for one in seen.interactions)),
        "resident (MB)": f"{facts['memory']:.0f}",
        "before (MB)": f"{facts['empty']:.0f}",
        "a session (MB)": f"{facts['a session']:.1f}",
        "ready (s)": f"{facts['ready']:.1f}",
    }
    counted = Counter(re.sub(r"\d+", "#", error) for error in seen.errors)
    told = [(f"error, {count} times", error) for error, count in counted.most_common(10)]
    return [("what", "measured"), *row.items(), *told]


def grouped(seen: Seen, key: Callable[[Interaction], object]) -> dict[object, list[Interaction]]:
    """The interactions of each kind."""
    found = defaultdict(list)
    for one in seen.interactions:
        found[key(one)].append(one)
    return found


def row_of(group: Sequence[Interaction]) -> tuple[str, ...]:
    """How many, how long, what it cost."""
    times = [one.seconds for one in group]
    work = [one.processor for one in group]
    sizes = [one.bytes for one in group]
    shown = (ms(at(0.5, times)), ms(at(0.95, times)), ms(max(times)), ms(sum(work) / len(work)))
    return (str(len(group)), *shown, kb(at(0.5, sizes)), kb(max(sizes)))


HEAD = ("number", "p50 (ms)", "p95 (ms)", "slowest (ms)", "processor (ms)", "sent, p50 (kB)", "most (kB)")


def by_page(seen: Seen) -> Table:
    """Each page, the slowest first. Processor time is the server's meanwhile, for whomever."""
    groups = grouped(seen, lambda one: one.page or "home")
    ordered = sorted(groups.items(), key=lambda item: -at(0.95, [one.seconds for one in item[1]]))
    return [("page", *HEAD), *((str(name), *row_of(group)) for name, group in ordered)]


def by_control(seen: Seen) -> Table:
    """The controls that take longest."""
    groups = grouped(seen, lambda one: f"{one.page or 'home'}: {one.what}")
    ordered = sorted(groups.items(), key=lambda item: -at(0.5, [one.seconds for one in item[1]]))
    return [("control", *HEAD), *((str(name), *row_of(group)) for name, group in ordered[:SLOWEST])]


def lines_of(table: Table) -> list[str]:
    """A table in Markdown."""
    head, *rows = (f"| {' | '.join(row)} |" for row in table)
    return [head, "|" + "---|" * len(table[0]), *rows]
