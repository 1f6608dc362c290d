"""`make class`: open to everybody in the room, within limits for people whom nobody has vetted."""

import socket
from io import StringIO
from pathlib import Path

import segno

from views.frame import teacher

SETTINGS = Path(__file__).parents[2] / "deploy/class.env"
ELSEWHERE = ("192.0.2.1", "10.255.255.254", "192.168.255.254", "172.31.255.254")  # nothing is sent there


def settings_for_the_room() -> dict[str, str]:
    """What `make class` sets where nothing else is set."""
    lines = SETTINGS.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def address_in_the_room() -> str:
    """This machine's address in its network, found without asking anybody; its name if it has no address.

    A datagram socket that is connected sends nothing: the system only chooses from which address it would.
    """
    for other in ELSEWHERE:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((other, 9))
            except OSError:  # no route there
                continue
            return probe.getsockname()[0]
    return socket.gethostname()


def invitation(port: int) -> str:
    """What `make class` prints: the address for the room, as a QR code too, and the teacher's own link."""
    address = f"http://{address_in_the_room()}:{port}"
    code = StringIO()
    segno.make(address).terminal(code, compact=True)
    link = f"{address}{teacher.PATH}?key={teacher.secret()}"
    return f"{address}\n\n{code.getvalue()}\n  For the teacher alone, once in each browser: {link}"
