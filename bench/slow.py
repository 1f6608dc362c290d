"""Somebody who makes slow requests: imports, again and again, a file that takes as long as a file may."""

import asyncio
from pathlib import Path

from websockets.exceptions import WebSocketException

from bench.people import Seen
from bench.tab import Tab
from bench.widgets import chosen, moved

NAME = "slow.pth"
OPERATIONS = 40_000_000  # of the pickle: more than its reader does in 20 seconds
WAY = "The server's folder"


def lay_slow_file(home: Path) -> None:
    """Put a pickle without end into the folder from which everybody may import."""
    folder = home / "models-to-bring"
    folder.mkdir(exist_ok=True)
    (folder / NAME).write_bytes(b"\x80\x02]" + b"K\x01a" * OPERATIONS)  # a list of ones


class Importer:
    """A tab on the page for imports that presses the button as soon as the last answer has come."""

    def __init__(self, port: int, seen: Seen) -> None:
        self.tab_port, self.tab, self.seen = port, Tab(port), seen

    async def live(self, end: float) -> None:
        """Import until the end; an import that takes longer than a browser waits begins anew."""
        while asyncio.get_running_loop().time() < end:
            try:
                await self.import_until(end)
            except (TimeoutError, OSError, WebSocketException):
                await self.tab.close()
                self.tab = Tab(self.tab_port)

    async def import_until(self, end: float) -> None:
        """Press the button again and again, in one tab."""
        await self.tab.open("bring")
        await self.tab.change(self.widget("bring_way"), chosen(self.widget("bring_way"), [WAY]))
        while asyncio.get_running_loop().time() < end:
            self.seen.slow += 1
            button = self.widget("bring_go")
            await self.tab.change(button, moved(button, None, None))
        await self.tab.close()

    def widget(self, key: str) -> object:
        """The control of this key."""
        return next(one for one in self.tab.widgets.values() if one.key == key)
