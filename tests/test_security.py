"""SECURITY.md says what is so: the tests that it names are there, and so are the floors and settings."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAID = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
FLOORS = {"torch": (2, 10), "streamlit": (1, 54), "python-multipart": (0, 0, 27)}


def test_every_test_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", SAID))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("test_*.py")]
    there = {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert len(named) > 15
    assert named <= there, named - there


@pytest.mark.parametrize("package", FLOORS)
def test_the_floors_are_kept(package: str) -> None:
    written = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    floor = re.search(rf"^{package}>=([\d.]+)", written, re.MULTILINE)[1]
    assert tuple(map(int, floor.split("."))) >= FLOORS[package]
    assert f"`{package} >= " in SAID


def test_the_server_tells_no_tracebacks_and_nobody_its_statistics() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["fileWatcherType"] == "none"
    assert settings["server"]["maxUploadSize"] <= 200
    assert "global" not in settings or not settings["global"].get("developmentMode")
