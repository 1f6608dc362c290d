"""What all tests share: one thread, as on the server, and a small model that nobody may change."""

import socket

import pytest
import torch
from hypothesis import settings

from core.config import TINY
from core.gpt import GPTModel, build_model

torch.set_num_threads(1)
settings.register_profile("glassbox", max_examples=50, deadline=None)
settings.load_profile("glassbox")


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
