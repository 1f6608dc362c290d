"""What is installed: the versions that were tested, torch alone from PyTorch's index."""

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from threading import Thread

import pytest
from packaging.requirements import Requirement

from tests.test_imports import imported_modules

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
TORCH = "2.13.0"


def requirements(path: Path) -> list[Requirement]:
    """The packages that a file names."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


def pinned(python: str) -> dict[str, str]:
    """The version of each package that constraints.txt has for a Python."""
    found = (line for line in requirements(ROOT / "constraints.txt"))
    applying = [one for one in found if not one.marker or one.marker.evaluate({"python_version": python})]
    assert len({one.name for one in applying}) == len(applying), "a package has two versions"
    return {one.name.lower().replace("_", "-"): str(one.specifier).removeprefix("==") for one in applying}


@pytest.mark.parametrize("python", PYTHONS)
def test_the_versions_that_were_tested_satisfy_the_requirements(python: str) -> None:
    versions = pinned(python)
    for path in ROOT.glob("requirements*.txt"):
        if path.name == "requirements-lens.txt":  # an environment of its own
            continue
        for one in requirements(path):
            version = versions[one.name.lower().replace("_", "-")]
            assert one.specifier.contains(version), f"{path.name}: {one}, but {version} was tested"


def test_the_constraints_name_their_pythons_and_no_build_of_torch() -> None:
    assert set(re.findall(r"3\.\d\d\b", CONSTRAINTS.split("\n\n")[0])) == set(PYTHONS)
    assert pinned("3.11")["torch"] == TORCH
    assert not re.search(r"==[^;\s]*\+|^nvidia|^triton", CONSTRAINTS, re.MULTILINE)


class Index:
    """A package index of this machine, and the addresses that it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        index = self

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                index.asked.append(self.path)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def offer(self, name: str, version: str, *needs: str) -> None:
        """A wheel of nothing."""
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        told = f"{name}-{version}.dist-info"
        needed = "".join(f"Requires-Dist: {one}\n" for one in needs)
        with zipfile.ZipFile(self.folder / name / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(
                f"{told}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}"
            )
            wheel.writestr(f"{told}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{told}/RECORD", "")


@pytest.fixture
def indexes(tmp_path: Path) -> Iterator[tuple[Index, Index]]:
    """PyTorch's index of CPU builds, with a package that must not come from there, and the default one."""
    cpu, default = Index(tmp_path / "cpu"), Index(tmp_path / "default")
    cpu.offer("torch", f"{TORCH}+cpu", "needed")
    cpu.offer("torch", "99.0+cpu")
    cpu.offer("needed", "9.0")
    default.offer("torch", TORCH, "needed")
    default.offer("needed", "1.0")
    yield cpu, default
    for index in (cpu, default):
        index.server.shutdown()
        index.server.server_close()


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An empty environment that borrows the pip of this one."""
    venv.create(tmp_path / "env", with_pip=False)
    (site,) = (tmp_path / "env").glob("lib/python*/site-packages")
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "pip").symlink_to(distribution("pip").locate_file("pip"))
    (site / "pip.pth").write_text(str(tmp_path / "pip"))
    return tmp_path / "env/bin/python"


def run(*command: object, **settings: str) -> str:
    """What a command says, with no setting of pip but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    told = kept | {"PIP_CONFIG_FILE": os.devnull} | settings
    done = subprocess.run(map(str, command), cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def installed(python: Path) -> dict[str, str]:
    """The packages of an environment."""
    named = (path.name.removesuffix(".dist-info") for path in python.parents[1].rglob("*.dist-info"))
    return dict(name.split("-") for name in named if not name.startswith("pip-"))


def install_rest(python: Path, default: Index) -> None:
    """What .ci/setup does next, with the default index."""
    run(python, "-m", "pip", "install", "-i", default.url, "-c", "constraints.txt", "torch>=2.10")


linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no second build of torch")


@linux
def test_torch_alone_comes_from_pytorchs_index(indexes: tuple[Index, Index], python: Path) -> None:
    cpu, default = indexes
    run("sh", ".ci/torch", python, TORCH_INDEX=cpu.url)
    assert installed(python) == {"torch": f"{TORCH}+cpu"}
    install_rest(python, default)
    assert installed(python) == {"torch": f"{TORCH}+cpu", "needed": "1.0"}
    assert {path.split("/")[1] for path in cpu.asked} == {"torch"}


@linux
def test_without_pytorchs_index_the_default_one_serves(indexes: tuple[Index, Index], python: Path) -> None:
    cpu, default = indexes
    said = run("sh", ".ci/torch", python, TORCH_INDEX=f"{cpu.url}/nothing")
    assert "gave no torch" in said
    install_rest(python, default)
    assert installed(python) == {"torch": TORCH, "needed": "1.0"}


@pytest.mark.parametrize("setting", ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE", "PATH"])
def test_an_index_that_is_set_or_a_graphics_card_decides(
    indexes: tuple[Index, Index], python: Path, tmp_path: Path, setting: str
) -> None:
    cpu, default = indexes
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {default.url}\n")
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    value = {"PIP_CONFIG_FILE": tmp_path / "pip.conf", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    run("sh", ".ci/torch", python, TORCH_INDEX=cpu.url, **{setting: str(value.get(setting, default.url))})
    assert not cpu.asked
    assert not installed(python)


WEAK = {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
WELL = {"name": "b", "version": "1", "vulns": []}
UNKNOWN = {"name": "c", "skip_reason": "not there"}
ANSWERS = {
    "weakness": ([WELL, WEAK], 1, "a 1 has CVE-1, mended in 2: raise its floor."),
    "none": ([WELL, UNKNOWN], 0, "1 of 2 packages were audited, 0 advisories found. Not audited: c."),
    "unknown": ([UNKNOWN], 0, r"NOTHING WAS AUDITED: .* \(not there\)"),
    "no network": (None, 0, r"NOTHING WAS AUDITED: .* \(no way to the service\)"),
}


@pytest.mark.parametrize(("packages", "code", "says"), ANSWERS.values(), ids=ANSWERS)
def test_the_audit_fails_for_a_weakness_alone_and_says_when_it_asked_nobody(
    packages: list[dict] | None, code: int, says: str, tmp_path: Path
) -> None:
    """`.ci/audit` beside a pip_audit of our own, which answers at once."""
    answer = "" if packages is None else json.dumps({"dependencies": packages})
    told = f"import sys; print({answer!r}); print('no way to the service', file=sys.stderr)"
    (tmp_path / "pip_audit.py").write_text(told)
    asked, told = [sys.executable, ".ci/audit"], os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(asked, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert re.search(says, done.stdout), done.stdout


IMPORTED_AS = {
    "PyYAML": "yaml",
    "pyyaml": "yaml",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
    "protobuf": "google",
}
INSTALLED = {  # the files of requirements, and the rooms that may import what they name
    "requirements.txt": ("app.py", "core", "runs", "views", "pages"),
    "requirements-cluster.txt": ("runs",),
    "requirements-dev.txt": ("tests",),
    "requirements-nodeps.txt": ("tests",),
    "requirements-bench.txt": ("bench",),
}
OWN = {"bench", "core", "pages", "runs", "tests", "views", "checkpoints", "strategies"}


def imported(room: str) -> set[str]:
    """The packages that the files of a room import, but for Python's and our own."""
    paths = [ROOT / room] if room.endswith(".py") else (ROOT / room).rglob("*.py")
    found = set().union(*(imported_modules(path.read_text(encoding="utf-8")) for path in paths))
    return found - OWN - sys.stdlib_module_names


@pytest.mark.parametrize("room", sorted({room for rooms in INSTALLED.values() for room in rooms}))
def test_what_a_room_imports_is_declared(room: str) -> None:
    files = [name for name, rooms in INSTALLED.items() if room in rooms or name == "requirements.txt"]
    files += ["requirements-dev.txt", "requirements-nodeps.txt"] * (room == "bench")
    names = {one.name for name in files for one in requirements(ROOT / name)}
    declared = {IMPORTED_AS.get(name, name).replace("-", "_") for name in names}
    assert imported(room) - declared <= {"transformer_lens", "tiktoken_ext"}
