"""A browser's tab without a browser: Streamlit's websocket protocol, spoken as its frontend speaks it.

It keeps the widgets that stand on the page and their values, sends all of them with each change, names the
messages that it still has, and runs fragments again when the page asks for it.
"""

import asyncio
import time
from urllib.parse import urlencode
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

from bench.asked import Asked
from bench.widgets import Widget, first_state, in_address, widget_of

PATIENCE = 30.0  # seconds for a script to finish
SUCCESS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
MISTAKE = "Glassbox made a mistake"


class Tab:
    """One person's tab. `errors` has what a person would have seen go wrong."""

    def __init__(self, port: int) -> None:
        self.port, self.address = port, f"ws://127.0.0.1:{port}/_stcore/stream"
        self.widgets: dict[tuple[int, ...], Widget] = {}  # by their place on the page
        self.states: dict[str, WidgetState] = {}
        self.kept: dict[str, ForwardMsg] = {}  # messages that need not be sent again, by hash
        self.pages: dict[str, str] = {}  # path in the address -> hash of the page's script
        self.main = self.page = self.run = self.cookies = ""
        self.fragments: tuple[str, ...] = ()  # of the script run that is going on; none if it is the page's
        self.asked: Asked | None = None
        self.again: list[asyncio.Task] = []
        self.errors: list[str] = []
        self.refreshes = 0
        self.socket: ClientConnection | None = None

    async def open(self, path: str) -> Asked:
        """Come to a page by its address."""
        self.cookies = await asyncio.to_thread(cookies_of, self.port)
        how = {"max_size": None, "subprotocols": ["streamlit"], "compression": None}
        self.socket = await connect(self.address, additional_headers={"Cookie": self.cookies}, **how)
        self.reader = asyncio.create_task(self.read())
        return await self.ask(page_name=path, is_first=True)

    async def close(self) -> None:
        """Close the tab."""
        self.stop_refreshing()
        self.reader.cancel()
        await self.socket.close()

    async def go_to(self, path: str) -> Asked:
        """Choose a page in the menu: of the widgets, only those of the frame come along."""
        self.page = self.pages[path]
        return await self.ask(frame_only=True)

    async def change(self, widget: Widget, state: WidgetState) -> Asked:
        """Move a control, or press a button, whose value is forgotten at once."""
        self.states[state.id] = state
        try:
            return await self.ask(fragment=widget.fragment)
        finally:
            if state.WhichOneof("value") == "trigger_value":
                self.states.pop(state.id, None)

    async def ask(self, *, fragment: str = "", page_name: str = "", **which: bool) -> Asked:
        """Have the script run, and wait until it has. TimeoutError if it does not finish."""
        self.asked = asked = Asked(fragment, asyncio.get_running_loop().create_future())
        await self.send(fragment, page_name, **which)
        async with asyncio.timeout(PATIENCE):
            await asked.done
        return asked

    async def send(
        self,
        fragment: str = "",
        page_name: str = "",
        *,
        frame_only: bool = False,
        is_first: bool = False,
        is_auto: bool = False,
    ) -> None:
        """What the browser sends: the address, all that is set, and which messages it still has."""
        live = list(self.widgets.values())
        sent = [one for one in live if not frame_only or one.script == self.main]
        states = [self.states[one.id] for one in sent if one.id in self.states]
        named = {one.key: in_address(one, self.states) for one in live if one.in_address}
        request = {
            "query_string": urlencode({key: value for key, value in named.items() if value is not None}),
            "widget_states": WidgetStates(widgets=states),
            "page_script_hash": "" if is_first else self.page,
            "page_name": page_name,
            "fragment_id": fragment,
            "is_auto_rerun": is_auto,
            "cached_message_hashes": list(self.kept),
        }
        await self.socket.send(BackMsg(rerun_script=request).SerializeToString())

    async def read(self) -> None:
        """Take in every message until the tab is closed."""
        try:
            async for raw in self.socket:
                if self.asked:
                    self.asked.bytes += len(raw)
                    self.asked.largest = max(self.asked.largest, len(raw))
                self.take(ForwardMsg.FromString(raw))
            raise ConnectionError("closed socket")
        except Exception as error:  # also one of ours: whoever waits for the answer is told
            self.errors.append(f"{type(error).__name__}: {error}")
            if self.asked and not self.asked.done.done():
                self.asked.done.set_exception(error)

    def take(self, message: ForwardMsg) -> None:
        """Do with one message what the frontend does."""
        taken = {
            "ref_hash": lambda: self.put(message.metadata, self.kept[message.ref_hash].delta),
            "delta": lambda: self.keep_and_put(message),
            "new_session": lambda: self.begin(message),
            "navigation": lambda: self.find_pages(message),
            "auto_rerun": lambda: self.again.append(asyncio.create_task(self.refresh(message.auto_rerun))),
            "stop_auto_rerun": self.stop_refreshing,
            "script_finished": lambda: self.finish(message),
            "session_event": lambda: self.errors.append(str(message.session_event)[:200]),
        }
        taken.get(message.WhichOneof("type"), lambda: None)()

    def find_pages(self, message: ForwardMsg) -> None:
        """The menu: every page, and which one this is."""
        shown = message.navigation
        self.pages = {page.url_pathname: page.page_script_hash for page in shown.app_pages}
        self.page = shown.page_script_hash

    def keep_and_put(self, message: ForwardMsg) -> None:
        """A large message is kept: the next time, its name is enough."""
        if message.metadata.cacheable:
            self.kept[message.hash] = message
        self.put(message.metadata, message.delta)

    def put(self, metadata: ForwardMsg, delta: ForwardMsg) -> None:
        """Something appears at a place on the page."""
        if delta.WhichOneof("type") == "new_transient":  # a spinner, before what comes
            return
        place = tuple(metadata.delta_path)
        self.widgets.pop(place, None)
        if delta.WhichOneof("type") == "new_element":
            shown = delta.new_element
            if shown.WhichOneof("type") == "exception":
                self.errors.append(f"{shown.exception.type}: {shown.exception.message}"[:200])
            if shown.WhichOneof("type") == "alert" and MISTAKE in shown.alert.body:
                self.errors.append(shown.alert.body[:200])
        widget = widget_of(delta, metadata.active_script_hash, self.run)
        if widget is None:
            return
        self.widgets[place] = widget
        if widget.is_set or widget.id not in self.states:
            state = first_state(widget)
            if state is not None:
                self.states[widget.id] = state

    def begin(self, message: ForwardMsg) -> None:
        """A script run begins; if it is the page's own, the timers of its fragments stop."""
        run = message.metadata.run
        self.run, self.fragments = run.script_run_id, tuple(run.fragment_ids)
        self.main = message.new_session.main_script_hash
        if not self.fragments:
            self.stop_refreshing()
        if self.asked and (self.asked.fragment in self.fragments or not self.fragments):
            self.asked.run = self.run

    def finish(self, message: ForwardMsg) -> None:
        """A script run is over: what it did not draw again is gone."""
        if message.script_finished not in SUCCESS:
            return  # another run follows at once
        old = {
            place
            for place, widget in self.widgets.items()
            if widget.run != self.run and (not self.fragments or widget.fragment in self.fragments)
        }
        for place in old:
            del self.widgets[place]
        if self.asked and self.asked.run == message.metadata.run.script_run_id:
            asked, self.asked = self.asked, None
            if not asked.done.done():
                asked.done.set_result(time.perf_counter() - asked.sent)

    async def refresh(self, wish: ForwardMsg) -> None:
        """A fragment that wants to be run again and again."""
        while True:
            await asyncio.sleep(wish.interval)
            self.refreshes += 1
            await self.send(wish.fragment_id, is_auto=True)

    def stop_refreshing(self) -> None:
        """The page has gone, or says that it is enough."""
        for task in self.again:
            task.cancel()
        self.again = []


def cookies_of(port: int) -> str:
    """What a new browser is given with its first page, as it sends it back: without it nobody trains."""
    with urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as answer:
        given = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.split(";")[0] for cookie in given)
