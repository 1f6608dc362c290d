"""Classes of all sizes on one app, alone and beside training: the table of `python -m bench.classes`."""

import argparse

from bench.class_of import measured
from bench.summary import Table, lines_of

CLASSES = ((1, 0), (15, 0), (30, 0), (60, 0), (1, 1), (15, 1), (30, 1), (30, 2), (60, 1))  # people, training
SHOWN = (
    "interactions",
    "p50 (ms)",
    "p95 (ms)",
    "slowest (ms)",
    "first picture, p50 (ms)",
    "errors",
    "processor, of one core (%)",
    "resident (MB)",
    "ready (s)",
)


def table(minutes: float) -> Table:
    """A row for each class; what went wrong in one stands below it."""
    options = argparse.Namespace(minutes=minutes, soak=0, think=3.0, seed=1, cold=False, pages=None)
    rows: Table = [("people", "of them training", *SHOWN)]
    for people, train in CLASSES:
        options.train = train
        facts = dict(measured(people, options)[0][1:])
        rows.append((str(people), str(train), *(facts[name] for name in SHOWN)))
        wrong = [(name, told) for name, told in facts.items() if name.startswith("error, ")]
        rows += [(name, told, *[""] * len(SHOWN)) for name, told in wrong]
        print(" | ".join(rows[-1 - len(wrong)]), flush=True)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="of each class")
    print("\n".join(lines_of(table(parser.parse_args().minutes))))
