"""Stores in temporary folders, and one dispatcher for all tests that need a real worker."""

import pytest
import torch

from runs import open_store
from runs.prepare import prepared
from runs.training import Training
from tests.runs.tiny import RECIPE, end_dispatcher, weights_of


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def recipe():
    return RECIPE


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path, start_dispatcher=False)


@pytest.fixture(scope="session")
def live(tmp_path_factory):
    """A store with a dispatcher and two slots."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLASSBOX_SLOTS", "2")
        patch.setenv("GLASSBOX_DISPATCHER_IDLE", "60")
        store = open_store(tmp_path_factory.mktemp("live"))
    yield store
    end_dispatcher(store)


@pytest.fixture(scope="session")
def uninterrupted():
    """The tiny recipe trained in this process from start to end: losses and final weights."""
    training = Training.begin(prepared(RECIPE))
    losses = [event.loss for event in training.events()]
    return losses, weights_of(training)
