"""Who sits in the class: people who walk along the road and move what they find, and some who train."""

import asyncio
import random
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException

from bench.asked import Asked
from bench.server import Server
from bench.tab import Tab
from bench.widgets import Widget, chosen, moved, options_of, state
from views.road import ROAD

PAGES = [station.path for stations in ROAD.values() for station in stations]
STAY = (6, 12)  # interactions on a page before the next
NOT_MOVED = ("lang_picked", "model_picked", "pretraining_")  # and no button but those of Try
WEIGHTS = {"page": 12, "frame": 2, "try": 4, "folder": 1, "prompt": 1}  # how often which kind is moved
LARGE = "tokenizer_large"  # the switch that has GPT-4's and GPT-4o's vocabularies built, once a process
STEPS = ("100", "200", "400")


@dataclass
class Interaction:
    """One thing that a person did."""

    page: str
    what: str
    seconds: float
    bytes: int
    largest: int
    processor: float  # seconds that the server worked meanwhile, for whomever
    began: float


@dataclass
class Seen:
    """What all of them saw."""

    server: Server
    interactions: list[Interaction] = field(default_factory=list)
    first_pictures: list[float] = field(default_factory=list)  # seconds
    errors: list[str] = field(default_factory=list)
    refreshes: int = 0
    starts: int = 0
    slow: int = 0  # slow requests of somebody else


async def prepare(port: int) -> None:
    """A teacher before the class: every page once, and every view of it, so that what all share is there."""
    tab = Tab(port)
    await tab.open("")
    for page in PAGES:
        await tab.go_to(page)
        views = [widget for widget in tab.widgets.values() if widget.key == f"{page}_view"]
        for widget in views:
            for view in options_of(widget)[1:]:
                await tab.change(widget, chosen(widget, [view]))
        for switch in [widget for widget in tab.widgets.values() if widget.key == LARGE]:
            await tab.change(switch, state(switch, bool_value=True))
    await tab.close()


class Person:
    """One of the class, with a tab."""

    def __init__(self, number: int, port: int, seen: Seen, think: float, seed: int, *, trains: bool) -> None:
        self.dice = random.Random(f"{seed}, {number}")
        self.number, self.port, self.seen, self.think, self.trains = number, port, seen, think, trains
        self.road = PAGES[number % len(PAGES) :] + PAGES[: number % len(PAGES)]
        self.tab = Tab(port)
        self.page = self.doing = ""  # where, and with what, for what may go wrong

    async def live(self, end: float, *, first_wait: bool = True) -> None:
        """Come, look, move things until the end; whatever goes wrong is written down."""
        loop = asyncio.get_running_loop()
        if first_wait:
            await asyncio.sleep(self.dice.uniform(0, self.think))
        try:
            await self.come("pretraining" if self.trains else self.road[0])
            while loop.time() < end:
                for _ in range(self.dice.randint(*STAY)):
                    await self.pause()
                    if loop.time() >= end:
                        return
                    await (self.train() if self.trains else self.move_something())
                if not self.trains:
                    await self.pause()
                    await self.walk_on()
        except (TimeoutError, OSError, WebSocketException, KeyError, IndexError, ValueError) as error:
            self.seen.errors.append(f"{self.page}: {self.doing}: {type(error).__name__} {error}")
        finally:
            await self.leave()

    async def pause(self) -> None:
        """Think: now shorter, now longer."""
        await asyncio.sleep(self.dice.uniform(0.5, 1.5) * self.think)

    async def come(self, page: str) -> None:
        """Open the tab on a page."""
        self.page = page
        asked = await self.tab.open(page)
        self.seen.first_pictures.append(asked.done.result())

    async def leave(self) -> None:
        """Close the tab."""
        self.seen.errors += [f"{self.page}: {error}" for error in self.tab.errors]
        self.seen.refreshes += self.tab.refreshes
        await self.tab.close()

    async def walk_on(self) -> None:
        """The next page of the road."""
        self.page = self.road[(self.road.index(self.page) + 1) % len(self.road)]
        await self.do("(come to the page)", self.tab.go_to(self.page))

    async def move_something(self) -> None:
        """Move one control of those that stand there."""
        for kind in self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()), k=20):
            found = [widget for widget in self.tab.widgets.values() if self.kind_of(widget) == kind]
            widget = self.dice.choice(found) if found else None
            state = moved(widget, self.tab.states.get(widget.id), self.dice) if widget else None
            if state is not None:
                await self.do(widget.key, self.tab.change(widget, state))
                return
        await self.walk_on()

    def kind_of(self, widget: Widget) -> str | None:
        """Which kind of thing it is to a person; None for what nobody moves here."""
        sent, frame = widget.sent, widget.script == self.tab.main
        if getattr(sent, "disabled", False) or getattr(sent, "ignore_rerun", False):
            return None
        if getattr(sent, "form_id", "") or widget.key.startswith(NOT_MOVED):
            return None
        if widget.kind == "button":
            return "try" if "_try_" in widget.key else None
        if widget.kind in ("expandable", "popover"):
            return None if frame else "folder"
        if widget.kind in ("text_area", "text_input"):
            return "prompt" if widget.kind == "text_area" and widget.key == "prompt" else None
        return "frame" if frame else "page"

    async def train(self) -> None:
        """Start another run as soon as the last is over; else watch it."""
        keys = {widget.key: widget for widget in self.tab.widgets.values()}
        at_work = any(key.startswith(("pretraining_pause", "pretraining_stop")) for key in keys)
        start = keys.get("pretraining_start")
        if start is None or at_work:
            return
        for key, value in (("steps", self.dice.choice(STEPS)), ("seed", float(self.dice.randrange(10**6)))):
            widget = keys[f"pretraining_{key}"]
            state = self.tab.states[widget.id]
            if key == "seed":
                state.double_value = value
            else:
                state.string_array_value.data[:] = [value]
        await self.do("Start", self.tab.change(start, moved(start, None, self.dice)))
        self.seen.starts += 1

    async def do(self, what: str, going: "asyncio.Future[Asked]") -> None:
        """Do something, and write down how long the answer took."""
        self.doing = what
        before = self.seen.server.processor_seconds()
        began = asyncio.get_running_loop().time()
        asked = await going
        processor = self.seen.server.processor_seconds() - before
        self.seen.interactions.append(
            Interaction(self.page, what, asked.done.result(), asked.bytes, asked.largest, processor, began)
        )
