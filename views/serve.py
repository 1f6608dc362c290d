"""Start the app, warm it up, and only then print its address: `python -m views.serve --port 8501`.

The first visitor of a fresh Streamlit server would find neither the pages' addresses nor the models. So this
launcher waits for the server's health, opens one session by itself, and lets it run to the end.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

ROOT = Path(__file__).parent.parent
PATIENCE = 120  # seconds; a first start on a slow disk


def main() -> int:
    """Run the server until it ends or is told to."""
    parser = argparse.ArgumentParser(description="Start Glassbox")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default="", help="network address to listen on; all if left out")
    options = parser.parse_args()
    host = options.address if options.address not in ("", "0.0.0.0") else "127.0.0.1"
    if port_is_taken(host, options.port):
        print(f"Port {options.port} is in use: stop what runs there, or choose another with PORT=8502.")
        return 1
    server = start_server(options.port, options.address)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.terminate())
    try:
        wait_until_healthy(server, host, options.port)
        visit(host, options.port)
    except (OSError, TimeoutError, WebSocketException) as error:
        server.terminate()
        print(f"Glassbox did not start: {error}")
        return server.wait() or 1
    print(f"\n  Glassbox is ready: http://{options.address or 'localhost'}:{options.port}\n", flush=True)
    return max(0, server.wait())


def port_is_taken(host: str, port: int) -> bool:
    """Whether something already listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def start_server(port: int, address: str) -> subprocess.Popen:
    """Streamlit as a child, without its own banner, which would speak too early."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    if address:
        command.append(f"--server.address={address}")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}  # a class shares the cores: one thread a request
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=environment)


def wait_until_healthy(server: subprocess.Popen, host: str, port: int) -> None:
    """Until the server answers. OSError if it ended, TimeoutError if it takes too long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            raise OSError(f"the server ended with code {server.returncode}")
        try:
            with urllib.request.urlopen(f"http://{host}:{port}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"the server did not answer within {PATIENCE} s")


def visit(host: str, port: int) -> None:
    """Open one session on the first page and wait until its script has run."""
    with connect(f"ws://{host}:{port}/_stcore/stream", max_size=None, subprotocols=["streamlit"]) as session:
        session.send(BackMsg(rerun_script={"query_string": ""}).SerializeToString())
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            message = ForwardMsg.FromString(session.recv(timeout=PATIENCE))
            if message.WhichOneof("type") == "script_finished":
                return


if __name__ == "__main__":
    sys.exit(main())
