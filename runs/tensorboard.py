"""A run for TensorBoard, where that is installed: written by a process of its own, never by the server."""

import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from core.pieces import without_surrogates
from core.training import TrainEvent
from core.waiting import held, waiting
from runs.events import EvalEvent, Event
from runs.export import zipped
from runs.process import settle_down

ROOT = Path(__file__).parent.parent
PATIENCE = 120  # seconds; a long run takes five
NAMES = {  # of an event's fields, as TensorBoard groups them
    "loss": "loss/each_update",
    "train_loss": "loss/train",
    "val_loss": "loss/validation",
    "grad_norm": "update/gradient_norm",
    "learning_rate": "update/learning_rate",
    "tokens_seen": "update/tokens_seen",
}
README = "Unpack this in a folder of its own, and start TensorBoard there: tensorboard --logdir .\n"
one_at_a_time = threading.Lock()  # a whole class may press the button at once


def available() -> bool:
    """Whether TensorBoard is installed; it is not imported."""
    return importlib.util.find_spec("tensorboard") is not None


def write_events(events: Iterable[Event], folder: str | Path) -> None:
    """Write a run as TensorBoard's event file: losses in nats and the rest as curves, samples as texts."""
    from torch.utils.tensorboard import SummaryWriter  # optional, and half a second even where it is there

    with SummaryWriter(str(folder)) as writer:
        for event in events:
            for field, name in NAMES.items():
                if hasattr(event, field):
                    writer.add_scalar(name, getattr(event, field), event.step)
            if isinstance(event, EvalEvent):
                writer.add_text("sample", literally(event.sample), event.step)


def literally(sample: str) -> str:
    """A text that TensorBoard shows as it is: it reads Markdown, in which four spaces begin a listing."""
    return "\n".join(f"    {line}" for line in without_surrogates(sample).split("\n"))


def tensorboard_zip(events: Iterable[Event]) -> bytes:
    """A zip to unpack and to look at with TensorBoard. ValueError, with a way out, if there is none here."""
    if not available():
        raise ValueError(
            "TensorBoard is not installed on this server: `pip install tensorboard` there, "
            "or take the table (CSV) instead"
        )
    with held(one_at_a_time), waiting(), TemporaryDirectory() as folder:
        write_in_a_child(list(events), folder)
        written = sorted(Path(folder).glob("*tfevents*"))
        # Under names of our own: TensorBoard's hold the name of this machine.
        files = {f"events.out.tfevents.{i}": path.read_bytes() for i, path in enumerate(written)}
    return zipped({"README.txt": README.encode()} | files)


def write_in_a_child(events: list[Event], folder: str) -> None:
    """Let another process do `write_events`. ValueError if it fails."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "runs.tensorboard", folder],
            input=json.dumps([asdict(event) for event in events]).encode(),
            capture_output=True,
            timeout=PATIENCE,
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"TensorBoard's files were not done after {PATIENCE} seconds: try again") from error
    if child.returncode:
        last = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ValueError(f"TensorBoard's files could not be written, take the table (CSV) instead: {last}")


def event_from(facts: dict) -> Event:
    """The event of such facts."""
    return EvalEvent(**facts) if "sample" in facts else TrainEvent(**facts)


def main() -> None:
    """The child: events come in as JSON, and leave as a file in the folder that is named."""
    settle_down()
    write_events([event_from(facts) for facts in json.load(sys.stdin.buffer)], sys.argv[1])


if __name__ == "__main__":
    main()
