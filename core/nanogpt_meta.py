"""Which character each id stands for: nanoGPT's meta.pkl, read without trusting it.

It is a plain pickle of three entries, vocab_size, itos and stoi. A child process under limits reads it with a
reader that refuses everything that is not a number, a text, a list or a dict, and leaves JSON.
"""

import io
import json
import pickle
import sys
import tempfile
from pathlib import Path

from core.child import last_words, limit_this_process, run_child
from core.json_object import read_json

MAX_BYTES = 8 * 2**20  # a vocabulary is far smaller
INSTEAD = """import json, pickle
json.dump({"itos": list(pickle.load(open("meta.pkl", "rb"))["itos"].values())}, open("meta.json", "w"))"""


class PlainUnpickler(pickle.Unpickler):
    """A reader of pickles that hold plain values only: no name of a function or a class is looked up."""

    def find_class(self, module: str, name: str) -> object:
        raise ValueError(f"it asks for {module}.{name}, which is code, and a vocabulary needs none")


def read_meta(path: str | Path) -> dict[str, list[str]]:
    """{"itos": the text of id 0, of id 1, ...} of a meta.pkl, or of a meta.json that says just that.

    ValueError says why it was refused.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"there is no file {path.name!r}")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name!r} has {path.stat().st_size:,} bytes: a vocabulary is far smaller")
    if path.suffix == ".json":
        return {"itos": texts_in_order(read_json(path.read_bytes(), repr(path.name)))}
    with tempfile.TemporaryDirectory(prefix="glassbox-") as folder:
        target = Path(folder) / "meta.json"
        if reason := run_child("core.nanogpt_meta", path, target):
            raise ValueError(f"{path.name!r} is no meta.pkl of nanoGPT: {reason}")
        return {"itos": json.loads(target.read_text(encoding="utf-8"))}


def texts_in_order(content: object) -> list[str]:
    """The texts of ids 0, 1, 2 ... from `itos`. ValueError if it is not such a table."""
    itos = content.get("itos") if isinstance(content, dict) else None
    itos = dict(enumerate(itos)) if isinstance(itos, list) else itos
    if not isinstance(itos, dict) or not itos:
        raise ValueError("it holds no table itos, from ids to characters")
    if set(itos) != set(range(len(itos))) or not all(isinstance(text, str) for text in itos.values()):
        raise ValueError("its table itos does not give each id from 0 on a text")
    return [itos[i] for i in range(len(itos))]


def convert(source: str, target: str) -> None:
    """What the child does: read, check, write JSON."""
    limit_this_process(memory=0)
    try:
        content = PlainUnpickler(io.BytesIO(Path(source).read_bytes())).load()
    except (pickle.UnpicklingError, EOFError) as error:
        raise ValueError("it is no pickle, or a damaged one") from error
    Path(target).write_text(json.dumps(texts_in_order(content)), encoding="utf-8")


if __name__ == "__main__":
    try:
        convert(*sys.argv[1:])
    except Exception as error:
        sys.exit(last_words(error))
