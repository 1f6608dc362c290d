"""Somebody who speaks to the server as a browser does, and says what no browser would."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

PATIENCE = 60
SPOKEN = ("markdown", "alert", "heading", "text", "html", "toast")


class Speaker:
    """One session: what was shown at last, on which page, and which widgets there are."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.elements: dict[tuple[int, ...], Element] = {}
        self.page = ""  # the hash of the page, which a browser sends with each message
        self.path = ""  # the page in the address

    def go(self, page: str, query: str = "") -> list[Element]:
        """Open a page by its address."""
        self.page = ""
        request = BackMsg()
        request.rerun_script.page_name = page
        request.rerun_script.query_string = query
        return self.ask(request)

    def say(self, *values: WidgetState) -> list[Element]:
        """Ask for a run of the page with these values of its widgets."""
        return self.ask(self.request(*values))

    def request(self, *values: WidgetState) -> BackMsg:
        """What a browser sends when these widgets have changed."""
        request = BackMsg()
        request.rerun_script.page_script_hash = self.page
        request.rerun_script.widget_states.widgets.extend(values)
        return request

    def ask(self, request: BackMsg) -> list[Element]:
        """Send it, and wait for the end of the script: all elements that are shown then."""
        self.elements = {}
        self.send(request)
        return self.listen()

    def send(self, message: BackMsg) -> None:
        self.socket.send(message.SerializeToString())

    def listen(self, patience: float = PATIENCE) -> list[Element]:
        """What comes until a script has run to its end."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            message = ForwardMsg.FromString(self.socket.recv(timeout=patience))
            kind = message.WhichOneof("type")
            if kind == "navigation":  # a new session's hash is the main script's, which means the first page
                self.page = message.navigation.page_script_hash
                paths = {page.page_script_hash: page.url_pathname for page in message.navigation.app_pages}
                self.path = paths[self.page]
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self.elements[tuple(message.metadata.delta_path)] = message.delta.new_element
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return list(self.elements.values())
        raise TimeoutError("the script did not end")

    def widgets(self) -> dict[str, tuple[str, str]]:
        """The kind and the id of each widget, by its key."""
        found = {}
        for element in self.elements.values():
            kind = element.WhichOneof("type")
            name = getattr(getattr(element, kind or "empty"), "id", "")
            if name:
                found[name.rsplit("-", 1)[-1]] = (kind, name)
        return found

    def words(self) -> str:
        """All that is written, tracebacks included."""
        return "\n".join(str(element) for element in self.elements.values())


def visit(port: int) -> None:
    """Open the first page, and wait until its script has run."""
    with speaker(port) as visitor:
        visitor.go("")


@contextmanager
def speaker(port: int, headers: dict[str, str] | None = None) -> Iterator[Speaker]:
    """A session of one's own."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    known = {"max_size": None, "subprotocols": ["streamlit"], "open_timeout": PATIENCE}
    with connect(address, additional_headers=headers, **known) as socket:
        yield Speaker(socket)
