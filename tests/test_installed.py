"""`pip install -e .` finds the rooms: a notebook elsewhere imports `core`, with what the app needs."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_packages_are_named():
    """Without names setuptools refuses a folder with several of them side by side."""
    wanted = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    assert wanted == ["core*", "runs*", "views*", "pages*"]
    assert PROJECT["build-system"]["build-backend"] == "setuptools.build_meta"


def test_what_the_app_needs_is_read_from_its_one_list():
    assert PROJECT["project"]["dynamic"] == ["dependencies"]
    file = PROJECT["tool"]["setuptools"]["dynamic"]["dependencies"]["file"]
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.startswith("-")]  # an option of pip is no requirement
