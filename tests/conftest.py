"""What all tests share: one thread, as on the server, and a small model that nobody may change."""

import os
import socket

import pytest
import torch
from hypothesis import settings

from core.config import TINY
from core.gpt import GPTModel, build_model

torch.set_num_threads(1)
settings.register_profile("glassbox", max_examples=50, deadline=None)
settings.register_profile("nightly", max_examples=2000, deadline=None)  # `make nightly`
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "glassbox"))


@pytest.fixture(scope="session", autouse=True)
def _own_store(tmp_path_factory: pytest.TempPathFactory):
    """A store of the tests' own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("GLASSBOX_HOME", str(tmp_path_factory.mktemp("home")))
    patch.setenv("GLASSBOX_DISPATCHER_IDLE", "20")
    yield
    patch.undo()


@pytest.fixture(scope="session")
def tiny_model() -> GPTModel:
    return build_model(TINY)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to reach another machine fails the test."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
