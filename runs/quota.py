"""How many runs may wait and train at a time: of one person, from one network address, and in total.

Cookies cost nothing, so a limit for each person alone would limit nobody. All are checked in the transaction
that queues a run.
"""

import hmac
import ipaddress
import math
import sqlite3

from runs import forecast, queue
from runs.errors import NotAllowedError, QuotaError
from runs.settings import settings

ACTIVE = "state IN ('queued', 'starting', 'running')"
NOBODY = "a run needs somebody who can find it again: allow cookies for this address, and reload the page"


def check(database: sqlite3.Connection, owner: str, address: str) -> None:
    """Raise QuotaError if no more runs may wait, NotAllowedError without an owner. `address` is a key."""
    if not owner:
        raise NotAllowedError(NOBODY)
    mine, near, total = counts(database, owner, address)
    if mine > settings().queue_person:
        raise QuotaError(
            f"you have 1 run in training and {mine - 1} waiting, which is the most for one person: "
            f"the next of them begins in {wait_of(database, 'owner', owner)}; wait for it, or stop one"
        )
    if address and near >= settings().queue_address:
        raise QuotaError(
            f"{near} runs from your network address wait or train, the most for one address: the next of "
            f"them begins in {wait_of(database, 'address', address)}; wait for it, or stop your own"
        )
    if total >= settings().queue:
        raise QuotaError(
            f"{total} runs wait or train on this server, which is the most: the next of them begins in "
            f"{in_words(forecast.expected_wait(database, 1))}; try again then, or watch a run of the class"
        )


def check_again(database: sqlite3.Connection, run_id: str) -> None:
    """Raise QuotaError if a resting run may not go on now: it is one more that waits."""
    row = database.execute("SELECT owner, address, state FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row["state"] == "paused":
        check(database, row["owner"], row["address"])


def counts(database: sqlite3.Connection, owner: str, address: str) -> tuple[int, int, int]:
    """Runs that wait or train: of this person, from this address, and all."""
    find = f"""SELECT count(*) FILTER (WHERE owner = ?), count(*) FILTER (WHERE address = ?), count(*)
               FROM runs WHERE {ACTIVE}"""
    return tuple(database.execute(find, (owner, address)).fetchone())


def wait_of(database: sqlite3.Connection, what: str, whose: str) -> str:
    """How long until the first waiting run of a person, or from an address, begins."""
    find = f"SELECT id FROM runs WHERE state = 'queued' AND {what} = ?"
    mine = {row["id"] for row in database.execute(find, (whose,))}
    places = [place for place, row in enumerate(database.execute(queue.FAIR_ORDER), 1) if row["id"] in mine]
    return in_words(forecast.expected_wait(database, min(places, default=1)))


def in_words(seconds: float) -> str:
    """About how long, as people say it."""
    return "less than a minute" if seconds < 60 else f"about {math.ceil(seconds / 60)} minutes"


def address_key(database: sqlite3.Connection, address: str | None) -> str:
    """What is kept of a network address: nobody can read it back. "" without one.

    A home has a whole network of 64 bits of IPv6, which counts as one address.
    """
    if not address:
        return ""
    secret = database.execute("SELECT value FROM secret").fetchone()["value"]
    return hmac.digest(bytes.fromhex(secret), one_of_many(address).encode(), "sha256").hex()[:16]


def one_of_many(address: str) -> str:
    """An address by which a visitor cannot pass for several."""
    try:
        known = ipaddress.ip_address(address.strip())
    except ValueError:
        return address
    known = getattr(known, "ipv4_mapped", None) or known
    return str(known) if known.version == 4 else str(ipaddress.ip_network((int(known) >> 64 << 64, 64)))
