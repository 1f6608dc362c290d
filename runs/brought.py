"""Models that people brought from elsewhere, kept as our own files: a folder each, a list for each person.

Who knows a model's id may look into it, as with a run; nobody sees another's list. Names that people give
stand in the database alone.
"""

import json
import re
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path

from core.config import GPTConfig
from core.foreign import NameRow
from core.gpt import GPTModel
from core.tokenizer import Tokenizer
from core.tokenizer_facts import tokenizer_from
from core.weights import load_model
from runs.database import reading, writing
from runs.errors import NotThereError, StoreError
from runs.home import Home
from runs.keeping import check_room_for_one, digest, strike, take_place, tidy
from runs.shelf import clean_name

MODEL, CLASSES, ABOUT = "model.safetensors", "classes.safetensors", "about.json"
VOCABULARY, VOCABULARIES = "tokenizer.json", "vocabularies.json"


@dataclass(frozen=True)
class Fact:
    """A field that no shape shows: its value, who says it, and what a sentence costs with other values."""

    field: str  # of GPTConfig
    value: int | float | str
    source: str  # as core.foreign tells it, or "nobody" before anybody has chosen
    choices: tuple = ()
    losses: dict = field(default_factory=dict)  # nats a token by choice; {} where it was not tried


@dataclass(frozen=True)
class About:
    """What is known of a model: where its numbers came from, and the proof that they arrived."""

    kind: str  # as core.foreign tells it
    kind_name: str
    config: GPTConfig
    heads_from: str  # who says how many heads there are
    rows: tuple[NameRow, ...]  # the table of names
    parity: float | None  # the largest difference of logits from the file's own arithmetic
    parity_tokens: int
    without_parity: str  # why there is none, "" if there is
    classes: int | None  # of a model that sorts texts
    vocabulary: str  # how its tokens are read
    tokens: int  # of the vocabulary; the table may have more rows
    said: tuple[str, ...] = ()  # what of the files was not used, and why
    facts: tuple[Fact, ...] = ()  # what no shape shows; () for a file that describes itself


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a person's list."""

    model_id: str
    name: str
    bytes: int


class Brought:
    """All models that were brought to one data folder. Any thread may use it."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def has(self, model_id: str) -> bool:
        """Whether there is such a model."""
        return is_id(model_id) and (self.home.models / model_id / ABOUT).is_file()

    def folder(self, model_id: str) -> Path:
        """Where a model's files are. NotThereError if there is none of this id."""
        if not self.has(model_id):
            raise NotThereError(
                "there is no such model here: it may have been deleted, or made room for others"
            )
        return self.home.models / model_id

    def model(self, model_id: str) -> GPTModel:
        """The model; its numbers stay on the disk, mapped to memory."""
        return load_model(self.folder(model_id) / MODEL)

    def bytes(self, model_id: str) -> int:
        """How much memory its numbers take."""
        return (self.folder(model_id) / MODEL).stat().st_size

    def tokenizer(self, model_id: str) -> Tokenizer:
        """How its tokens are read."""
        return tokenizer_from(self.read(model_id, VOCABULARY))

    def about(self, model_id: str) -> About:
        """What is known of it."""
        facts = self.read(model_id, ABOUT)
        rows = tuple(NameRow(a, tuple(b), c, d, tuple(e)) for a, b, c, d, e in facts["rows"])
        made = {"config": GPTConfig(**facts["config"]), "rows": rows, "said": tuple(facts["said"])}
        told = (Fact(a, b, c, tuple(d), dict(e)) for a, b, c, d, e in facts.get("facts", ()))
        return About(**facts | made | {"facts": tuple(told)})

    def read(self, model_id: str, name: str) -> dict | list:
        """One of the JSON files beside the weights."""
        return json.loads((self.folder(model_id) / name).read_text(encoding="utf-8"))

    def entries(self, owner: str) -> list[Entry]:
        """A person's models, the newest first."""
        find = """SELECT model_id, name, bytes FROM brought JOIN models ON id = model_id
                  WHERE owner = ? ORDER BY seq DESC"""
        with reading(self.home.database) as database:
            rows = database.execute(find, (owner,)).fetchall()
        return [Entry(*tuple(row)) for row in rows if self.has(row["model_id"])]

    def rename(self, model_id: str, owner: str, name: str) -> None:
        """Call a model something in one's own list; an empty name changes nothing."""
        change = "UPDATE brought SET name = ? WHERE model_id = ? AND owner = ?"
        with writing(self.home.database) as database:
            if clean := clean_name(name):
                database.execute(change, (clean, model_id, owner))

    def delete(self, model_id: str, owner: str) -> None:
        """Take a model from one's own list; when it is on nobody's any more, its files go."""
        with writing(self.home.database) as database:
            strike(self.home, database, model_id, owner)
        tidy(self.home)

    def check_room_for_one(self, owner: str) -> None:
        """Raise QuotaError for a person who has all the models that are fair."""
        with reading(self.home.database) as database:
            check_room_for_one(database, owner)

    def keep(self, folder: Path, owner: str, name: str, about: About, replaces: str = "") -> str:
        """Make the files in an unfinished folder a model of this person; returns its id. QuotaError."""
        rows = [astuple(row) for row in about.rows]
        told = [(f.field, f.value, f.source, f.choices, list(f.losses.items())) for f in about.facts]
        write_json(folder / ABOUT, asdict(about) | {"rows": rows, "facts": told})
        files = [path for path in (folder / MODEL, folder / CLASSES, folder / VOCABULARY) if path.exists()]
        source = json.dumps([about.kind, about.heads_from, rows, told]).encode()
        identity = [source, *(path.name.encode() + digest(path) for path in files)]
        return take_place(self.home, folder, identity, owner, clean_name(name) or "a model", replaces)


def is_id(model_id: str) -> bool:
    """Whether this can be a model's id: it becomes the name of a folder."""
    return isinstance(model_id, str) and re.fullmatch(r"[0-9a-f]{32}", model_id) is not None


def write_json(path: Path, facts: dict | list) -> None:
    """Facts as JSON, in a folder that nobody sees before it is whole. StoreError if the disk is full."""
    try:
        path.write_text(json.dumps(facts), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{path.name} cannot be written: {error.strerror}") from error
