"""The image that deploy/Dockerfile makes, read from its lines: what it copies, runs and starts."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.conftest import started
from tests.deploy.settings import DEPLOY, ROOT

LINES = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
PERSON = 10001


def steps(kind: str) -> list[str]:
    """What stands behind the lines of a kind: COPY, RUN, ENV, CMD."""
    whole = re.sub(r"\\\n\s*", "", LINES)
    return [line.split(maxsplit=1)[1] for line in whole.splitlines() if line.startswith(f"{kind} ")]


def environment() -> dict[str, str]:
    """What the image sets, with the path that its base has."""
    pairs = dict(word.split("=", 1) for line in steps("ENV") for word in line.split())
    return {name: value.replace("$PATH", "/usr/bin:/bin") for name, value in pairs.items()}


def command(kind: str, port: int = 8501) -> list[str]:
    """What the image starts, or asks for its health, on another port than in a container of its own."""
    *_, listed = re.split(r"(?=\[\")", steps(kind)[-1])
    return [word.replace("8501", str(port)) for word in json.loads(listed)]


def let_through() -> list[str]:
    """The files and folders that .dockerignore lets into a build."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    return [line[1:] for line in lines if line.startswith("!")]


def copy_into(tree: Path) -> None:
    """The Dockerfile's COPY lines."""
    for line in steps("COPY"):
        *sources, target = line.split()
        for source in sources:
            assert any(source == one or source.startswith(f"{one}/") for one in let_through()), source
            into = tree / target / (Path(source).name if target.endswith("/") else "")
            into.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, into, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, into)


def made_of_it(tree: Path) -> None:
    """The Dockerfile's RUN line that needs no network and no root; the libraries are those of the tests."""
    (line,) = [line for line in steps("RUN") if "install app" in line]
    run = line.replace("/opt/libraries", sys.prefix)
    subprocess.run(["sh", "-c", run], cwd=tree, check=True, env={"PATH": os.environ["PATH"]})


class Container:
    """A process as a container engine starts it: see container.sh."""

    def __init__(self, folder: Path, tree: Path, data: Path, *command: str, **settings: str) -> None:
        folder.mkdir()
        (folder / "root").mkdir()
        places = [folder / "root", tree, data, Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()]
        told = [f"{name}={value}" for name, value in (environment() | settings).items()]
        self.start = [str(Path(__file__).with_name("container.sh")), *map(str, places)]
        self.inside = ["env", "-i", "--chdir=/opt/glassbox", *told]
        self.log = folder / "log"
        self.process = started([*self.start, *self.inside, *command], self.log)

    def until_ready(self) -> None:
        while "ready" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)


def need_root() -> None:
    """Namespaces and mounts are root's to make."""
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("containers are made by root, on Linux: the test of the read-only folder stands in")
