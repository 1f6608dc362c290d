"""One computer of a class: `python -m tests.runs.many_clicks FOLDER BEGIN FIRST LAST SAME|OTHER`.

All people from FIRST to LAST press Start at the time BEGIN, each in a thread and twice; says who got which.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from runs import open_store
from tests.runs.tiny import RECIPE, with_train


def main() -> None:
    folder, begin, first, last, which = sys.argv[1:]
    store = open_store(folder, start_dispatcher=False)

    def press(person: int) -> None:
        recipe = with_train(replace(RECIPE, seed=person), steps=2) if which == "other" else RECIPE
        ids = {store.start(recipe, f"person {person}", click="the click") for _ in range(2)}
        sys.stdout.write(f"{person} {' '.join(ids)}\n")

    people = range(int(first), int(last) + 1)
    with ThreadPoolExecutor(len(people)) as pool:
        time.sleep(max(0.0, float(begin) - time.time()))
        list(pool.map(press, people))


if __name__ == "__main__":
    main()
