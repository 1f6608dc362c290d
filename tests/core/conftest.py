import pytest

from core import child
from tests.core.checkpoints import convert_here


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read pickles in this process, without limits: only for files that the test has made."""
    monkeypatch.setattr(child.subprocess, "run", convert_here)
    monkeypatch.setattr(child.resource, "setrlimit", lambda *limits: None)
    monkeypatch.setattr(child.signal, "setitimer", lambda *clock: None)
