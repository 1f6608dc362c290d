"""`python app.py`: choose where to listen, then do what `streamlit run app.py` does."""

import errno
import os
import socket
from collections.abc import MutableMapping

from runs.errors import SettingsError
from runs.settings import settings

PORT = "8501"
THIS_MACHINE = "127.0.0.1"
EVERY_ADDRESS = ("0.0.0.0", "::")


def start(script: str) -> int:
    """Serve until told to stop; returns the exit code."""
    reason = (
        decide(os.environ)
        or why_not(os.environ["STREAMLIT_SERVER_ADDRESS"], int(os.environ["STREAMLIT_SERVER_PORT"]))
        or wrong_setting()
    )
    if reason:
        print(reason)
        return 1
    from streamlit.web import cli  # only now: Streamlit reads its settings when it is imported

    return cli.main(["run", script], standalone_mode=False) or 0


def decide(environ: MutableMapping[str, str]) -> str:
    """Set Streamlit's own variables for port and address; returns what is wrong with $PORT, or ""."""
    port = environ.get("PORT", "").strip() or environ.get("STREAMLIT_SERVER_PORT", PORT)
    if not (port.isdecimal() and 0 < int(port) < 2**16):
        return f"PORT is {port!r}: set it to a number from 1 to 65535."
    environ["STREAMLIT_SERVER_PORT"] = port
    environ.setdefault("STREAMLIT_SERVER_ADDRESS", THIS_MACHINE)
    return ""


def why_not(address: str, port: int) -> str:
    """Why nothing can listen there, in a sentence; "" if it can."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is in use: stop what runs there, or choose another with PORT={port + 1}."
            return f"Nothing can listen at {address}, port {port}: {error.strerror}."
    return ""


def wrong_setting() -> str:
    """The sentence about a variable of Glassbox whose value cannot be used; "" if all can."""
    try:
        settings()
    except SettingsError as error:
        return f"{error}."
    return ""
