"""What all tests share: one thread, as on the server, and a small model that nobody may change."""

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import wraps

import pytest
import torch
from hypothesis import settings as hypothesis

from core.config import TINY
from core.gpt import GPTModel, build_model
from runs.settings import settings

torch.set_num_threads(1)
hypothesis.register_profile("glassbox", max_examples=50, deadline=None)
hypothesis.register_profile("nightly", max_examples=2000, deadline=None)  # `make nightly`
hypothesis.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "glassbox"))


def settings_forgotten(change: Callable) -> Callable:
    """The same change of the environment; after it, settings are read anew."""

    @wraps(change)
    def changed(*args: object, **kwargs: object) -> None:
        change(*args, **kwargs)
        settings.cache_clear()

    return changed


for name in (
    "setenv",
    "delenv",
    "undo",
):  # so that a test that sets GLASSBOX_... needs to know nothing of a cache
    setattr(pytest.MonkeyPatch, name, settings_forgotten(getattr(pytest.MonkeyPatch, name)))


def run_apart(coroutine: Coroutine) -> object:
    """Run a coroutine in a thread of its own: Playwright leaves a loop running in that of the tests."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, coroutine).result()


def slow(*values: object) -> list[object]:
    """More values of a parameter: the short form of a test leaves them to `make test-all`."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need minutes may take more of them before they count as hanging."""
    for item in items:
        long = item.get_closest_marker("slow") or item.get_closest_marker("nightly")
        if long and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(1800))


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
