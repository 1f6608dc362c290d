"""One request of a tab, from the message that is sent to the end of the script that answers it."""

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Asked:
    """One request on its way: when it was sent, what came back until its script had finished."""

    fragment: str
    done: asyncio.Future
    sent: float = field(default_factory=time.perf_counter)
    run: str = ""  # the script run that answers it
    bytes: int = 0
    largest: int = 0  # bytes of its largest message
