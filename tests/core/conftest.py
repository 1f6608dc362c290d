import pytest
from checkpoints import convert_here

from core import unpickle


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read pickles in this process, without limits: only for files that the test has made."""
    monkeypatch.setattr(unpickle.subprocess, "run", convert_here)
    monkeypatch.setattr(unpickle.resource, "setrlimit", lambda *limits: None)
