"""`python app.py`: choose where to listen, then do what `streamlit run app.py` does."""

import errno
import os
import socket
from collections.abc import MutableMapping

from runs.errors import SettingsError
from runs.settings import Settings
from views.frame.room import settings_for_the_room

PORT = "8501"
THIS_MACHINE = "127.0.0.1"
EVERY_ADDRESS = ("0.0.0.0", "::")


def start(script: str) -> int:
    """Serve until told to stop; returns the exit code."""
    try:
        decide(os.environ)
        check(os.environ["STREAMLIT_SERVER_ADDRESS"], int(os.environ["STREAMLIT_SERVER_PORT"]))
    except (ValueError, OSError, SettingsError) as reason:
        print(f"{str(reason).rstrip('.')}.")
        return 1
    from streamlit.web import cli  # only now: Streamlit reads its settings when it is imported

    return cli.main(["run", script], standalone_mode=False) or 0


def decide(environ: MutableMapping[str, str]) -> None:
    """Write what is not decided yet into the variables. ValueError says which of them is wrong."""
    port = environ.get("PORT", "").strip() or environ.get("STREAMLIT_SERVER_PORT", PORT)
    if not (port.isdecimal() and 0 < int(port) < 2**16):
        raise ValueError(f"PORT is {port!r}: set it to a number from 1 to 65535.")
    told = Settings.from_environment(environ)
    environ["STREAMLIT_SERVER_PORT"] = port
    decided = settings_for_the_room() if told.classroom else {"STREAMLIT_SERVER_ADDRESS": THIS_MACHINE}
    for name, value in decided.items():
        environ.setdefault(name, value)


def check(address: str, port: int) -> None:
    """Raise OSError, with a sentence, if nothing can listen there."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                cure = f"stop what runs there, or choose another with PORT={port + 1}"
                raise OSError(f"Port {port} is in use: {cure}") from error
            raise OSError(f"Nothing can listen at {address}, port {port}: {error.strerror}") from error
