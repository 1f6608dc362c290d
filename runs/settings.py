"""Every environment variable of Glassbox, once: its default, unit and meaning.

To add one, add a field to `Settings` and run `make settings`: it prints the table of all settings and writes
it into both READMEs. Never call one `port` or `service_...`: Kubernetes itself sets GLASSBOX_PORT and
GLASSBOX_SERVICE_HOST for a service named glassbox.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, fields
from functools import cache
from pathlib import Path

from runs.errors import SettingsError
from runs.setting_kinds import GIB, choice, folder, number, secret, several, size, switch, text, whole

ROOT = Path(__file__).parent.parent
CORES = os.cpu_count() or 1
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")  # bytes, of this machine
DOCUMENTS = (ROOT / "README.md", ROOT / "deploy" / "README.md")  # each has the table between the two marks
BEGIN, END = "<!-- settings: `make settings` writes this table -->\n\n", "\n<!-- /settings -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What whoever runs this server has decided. The variable of a field is GLASSBOX_ and its name."""

    home: Path | None = folder("where runs and imported models are kept", "your user data folder")
    strangers: bool = switch(
        False, "anybody may come: no pickled files, no paths of the server, only judges that you list"
    )
    classroom: bool = switch(
        False, "`make class`: all interfaces, the settings for strangers, a link for the teacher"
    )
    hosts: tuple[str, ...] = several(
        "names",
        "further names under which browsers reach this server: school.example, school.example:8443, "
        "*.school.example, or * for any",
        "this machine's own names and addresses",
    )
    teacher: str = secret(
        "what the teacher's link holds", "a random one, kept in teacher.secret in the data folder"
    )
    upload_bytes: int = size(2 * GIB, "memory for uploaded files of all open pages; more is refused")
    upload_session_bytes: int = size(GIB, "memory for uploaded files of one open page; more is refused")
    model_bytes: int = size(
        min(4 * GIB, MEMORY // 4),
        "memory that the weights of all open models share, and so the most that one model may need; caches "
        "of what they compute take at most five eighths as much again",
        "4 GiB, at most a quarter of the machine's",
    )
    training_bytes: int = size(
        2 * GIB, "the most memory that one run may need; it is refused before it starts"
    )
    training_flops: float = number(
        1e14,
        "operations",
        "the most arithmetic that one run may take: 1e14 is about an hour of one core",
        at_least=1,
    )
    run_seconds: float = number(
        21600, "seconds", "how long a run trains at a stretch; then it pauses", at_least=1
    )
    queue: int = whole(100, "runs", "how many may wait and train at a time, all people together")
    queue_address: int = whole(40, "runs", "how many may wait and train from one network address")
    queue_person: int = whole(3, "runs", "how many of one person may wait beside the one that trains")
    slots: int = whole(max(1, CORES - 1), "runs", "how many runs train at a time", shown="all cores but one")
    disk_bytes: int = size(
        4 * GIB, "disk space for all runs; when it is full, the oldest checkpoints go first"
    )
    brought_bytes: int = size(
        8 * GIB, "disk space for all imported models; the one unused longest goes first"
    )
    judges: tuple[str, ...] = several(
        "addresses",
        "other models that may judge answers, with commas between; nothing else is ever asked",
        "http://localhost:11434 (Ollama); none for strangers",
    )
    bring_from: Path | None = folder(
        "the one folder of the server whose files may be imported, also by their path",
        "models-to-bring/ in the data folder",
    )
    dispatcher: str = choice(
        "here", ("elsewhere",), "elsewhere: the app starts no dispatcher, for one runs beside it"
    )
    dispatcher_idle: float = number(
        600, "seconds", "time without a run after which the dispatcher ends; inf: never"
    )
    launcher: str = choice(
        "local", ("slurm", "dask"), "which machines train: this one, or those of a cluster"
    )
    slurm_partition: str = text("name", "the partition that jobs go to", "Slurm's own")
    slurm_minutes: int = whole(
        60, "minutes", "time of one Slurm job; a longer run goes on in another", at_least=3
    )
    dask_scheduler: str = text("address", "of Dask's scheduler, tcp://...; the launcher dask needs it")
    models: Path | None = folder("where the bundled model is; `make model` writes it there", "assets/models")
    model_threads: int = whole(2, "threads", "how many `make model` computes with")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """What these variables say; an empty one counts as absent. SettingsError names one that is wrong."""
        given = {one: environ.get(variable(one), "").strip() for one in fields(cls)}
        return cls(**{one.name: value_of(one, said) for one, said in given.items() if said})


def variable(one: Field) -> str:
    """The environment variable of a field of Settings."""
    return f"GLASSBOX_{one.name.upper()}"


def value_of(one: Field, given: str) -> object:
    """The value of a field. SettingsError says what was given, what is allowed and what to do."""
    try:
        return one.metadata["read"](given)
    except (ValueError, KeyError, OverflowError, RuntimeError) as error:
        wrong = f"is {given!r}" if one.repr else "is too short"
        raise SettingsError(
            f"{variable(one)} {wrong}: set it to {one.metadata['allowed']}, or remove it, which means "
            f"{one.metadata['shown']}"
        ) from error


@cache
def settings() -> Settings:
    """The settings of this process, read once. SettingsError names a variable whose value cannot be used."""
    return Settings.from_environment(os.environ)


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Name, default, unit and meaning of every setting."""
    for one in fields(Settings):
        yield f"`{variable(one)}`", one.metadata["shown"], one.metadata["unit"], one.metadata["meaning"]


def table() -> str:
    """All settings as a table in Markdown."""
    head = ["| setting | default | unit | what it does |", "|---|---|---|---|"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows())]) + "\n"


def with_table(document: str) -> str:
    """A document with the table as it is now between its two marks."""
    before, rest = document.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END, 1)[1]


def main() -> None:
    """Print the table, and write it into both READMEs."""
    sys.stdout.write(table())
    for path in DOCUMENTS:
        path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
