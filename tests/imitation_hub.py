"""A Hugging Face hub of our own, as far as a download sees it: it can break, lie, refuse and be silent.

By hand: `python -m tests.imitation_hub 8600 [bytes a second]`, and for the app HF_ENDPOINT=http://127.0.0.1:8600
"""

import hashlib
import json
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch
from safetensors.torch import save

COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e"
TINY = {"vocab_size": 500, "n_positions": 64, "n_embd": 48, "n_head": 4, "n_layer": 2}


def tiny_gpt2(**sizes: int) -> dict[str, bytes]:
    """The two files of a GPT-2 with random weights, about 0.35 MB."""
    facts = TINY | sizes
    C, layers, generator = facts["n_embd"], range(facts["n_layer"]), torch.Generator().manual_seed(7)
    shapes = {"wte.weight": (facts["vocab_size"], C), "wpe.weight": (facts["n_positions"], C)}
    shapes |= {"ln_f.weight": (C,), "ln_f.bias": (C,)}
    widths = {
        "attn.c_attn": (C, 3 * C),
        "attn.c_proj": (C, C),
        "mlp.c_fc": (C, 4 * C),
        "mlp.c_proj": (4 * C, C),
    }
    for h in layers:
        shapes |= {f"h.{h}.{name}.{part}": (C,) for name in ("ln_1", "ln_2") for part in ("weight", "bias")}
        shapes |= {f"h.{h}.{name}.weight": shape for name, shape in widths.items()}
        shapes |= {f"h.{h}.{name}.bias": shape[1:] for name, shape in widths.items()}
    tensors = {name: 0.1 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    config = {"model_type": "gpt2", "activation_function": "gelu_new"} | facts
    return {"config.json": json.dumps(config).encode(), "model.safetensors": save(tensors)}


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    range_of: str
    headers: dict[str, str]


@dataclass
class Hub:
    """What the server gives, and how it behaves; tests change it while it runs."""

    files: dict[str, bytes] = field(default_factory=tiny_gpt2)
    status: int = 200  # of every answer
    cdn_status: int = 200  # of the weights' bytes alone
    break_at: int | None = None  # cut the line once after so many bytes of the weights
    breaks_for_good: bool = False
    digest: str = ""  # stated instead of the true one
    is_silent: bool = False  # accept, and never answer
    knows_ranges: bool = True
    speed: float = 0.0  # bytes a second of the weights, 0 for as fast as it goes
    asked: list[Asked] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)

    def etag(self, file: str) -> str:
        content = self.files[file]
        if file == "model.safetensors":
            return self.digest or hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def gets(self, part: str = "model.safetensors") -> list[Asked]:
        """The requests for bytes of a file, as the server of large files has seen them."""
        return [one for one in self.asked if one.method == "GET" and one.path.endswith(f"cdn/{part}")]


class Answer(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        hub, file = self.hub, self.path.rpartition("/")[2]
        hub.asked.append(Asked(self.command, self.path, self.headers.get("Range", ""), dict(self.headers)))
        if hub.is_silent:
            hub.end.wait(60)
            return
        if hub.status != 200:
            self.refuse(hub.status)
        elif self.path.startswith("/cdn/"):
            self.refuse(hub.cdn_status) if hub.cdn_status != 200 else self.send_file(file)
        elif not re.fullmatch(r"/openai-community/[\w-]+/resolve/\w+/[\w.]+", self.path):
            self.refuse(404)
        elif file == "model.safetensors":
            self.redirect(file)
        else:
            self.send_file(file)

    def refuse(self, status: int) -> None:
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "55")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def state(self, file: str) -> None:
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{self.hub.etag(file)}"')

    def redirect(self, file: str) -> None:
        """Large files come from another host."""
        self.send_response(302)
        self.state(file)
        self.send_header("X-Linked-Etag", f'"{self.hub.etag(file)}"')
        self.send_header("X-Linked-Size", str(len(self.hub.files[file])))
        self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/cdn/{file}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_file(self, file: str) -> None:
        content = self.hub.files[file]
        begin = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(begin[1]) if begin and self.hub.knows_ranges else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if not self.path.startswith("/cdn/"):
            self.state(file)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if self.command == "GET":
            self.send_bytes(content, start)

    def send_bytes(self, content: bytes, start: int) -> None:
        hub, is_large = self.hub, self.path.startswith("/cdn/")
        stop = len(content)
        if is_large and hub.break_at is not None:
            stop = max(start, min(stop, hub.break_at))
            hub.break_at = hub.break_at if hub.breaks_for_good else None
        piece = max(1, int(hub.speed / 20)) if is_large and hub.speed else 2**16
        try:
            for at in range(start, stop, piece):
                self.wfile.write(content[at : min(at + piece, stop)])
                if is_large and hub.speed:
                    hub.end.wait(0.05)
        except OSError:  # the other side has gone
            pass
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


def serve(hub: Hub, port: int = 0) -> tuple[Server, str]:
    """A server in a thread, and its address."""
    server = Server(("127.0.0.1", port), type("OneHub", (Answer,), {"hub": hub}))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"


if __name__ == "__main__":
    serve(Hub(speed=float(sys.argv[2]) if len(sys.argv) > 2 else 0.0), int(sys.argv[1]))
    while True:
        time.sleep(60)
