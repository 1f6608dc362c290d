"""One download for everybody, in a process of its own, that outlives clicks, tabs and its own death."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.download_progress import part_of
from core.gpt2_sizes import SIZES
from runs.bringing import bring
from runs.brought import Brought
from runs.errors import StoreError
from runs.gpt2 import Place, State, children
from runs.home import Home
from runs.lock import holder
from tests.imitation_hub import TINY, Hub, serve, tiny_gpt2

FILES_OF_TINY = tiny_gpt2()
WHOLE = len(FILES_OF_TINY["model.safetensors"])
SLOW = 200_000.0  # bytes a second: the whole takes 2 seconds


@pytest.fixture
def hub(monkeypatch):
    hub = Hub(files=dict(FILES_OF_TINY))
    server, address = serve(hub)
    monkeypatch.setenv("HF_ENDPOINT", address)
    monkeypatch.setenv("NO_PROXY", "*")
    yield hub
    hub.end.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The place of GPT-2 small, were it as small as the one that the hub has."""
    tiny = replace(
        SIZES["gpt2"].config, emb_dim=TINY["n_embd"], n_layers=TINY["n_layer"], n_heads=TINY["n_head"]
    )
    monkeypatch.setitem(SIZES, "gpt2", replace(SIZES["gpt2"], config=tiny))
    place = Place(Home(tmp_path), "gpt2")
    yield place
    place.cancel()
    if child := children.pop(place.folder, None):
        child.wait(10)


def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def comes(place: Place) -> State:
    """Wait for the end of a download."""
    until(lambda: place.state().kind != "downloading")
    return place.state()


def test_it_comes_and_then_nothing_is_asked_again(hub, place):
    assert place.state() == State("absent")
    place.start()
    assert place.state().kind == "downloading"
    assert comes(place) == State("there")
    asked = len(hub.asked)
    place.start()
    assert place.state() == State("there")
    assert len(hub.asked) == asked


def test_progress_is_seen_by_everybody(hub, place):
    hub.speed = SLOW
    place.start()
    until(lambda: place.state().progress.phase == "downloading" and place.state().progress.done > 50_000)
    seen = Place(place.home, "gpt2").state().progress
    assert seen.total == WHOLE
    assert 0 < seen.seconds_left < 10
    assert comes(place) == State("there")


def test_thirty_clicks_download_once(hub, place):
    hub.speed = SLOW
    clicks = [threading.Thread(target=place.start) for _ in range(30)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert comes(place) == State("there")
    assert len(hub.gets()) == 1


def test_a_killed_download_goes_on_from_where_it_was(hub, place):
    hub.speed = SLOW
    place.start()
    until(lambda: place.kept > 100_000)
    os.kill(holder(place.lock), signal.SIGKILL)
    until(lambda: place.state().kind != "downloading")
    state = place.state()
    assert (state.kind, state.reason) == ("absent", "")
    assert 100_000 < state.kept < WHOLE
    hub.speed = 0.0
    hub.asked.clear()
    place.start()
    assert comes(place) == State("there")
    assert hub.gets()[0].range_of.startswith("bytes=1")
    assert (place.folder / "model.safetensors").read_bytes() == FILES_OF_TINY["model.safetensors"]


def test_cancel_keeps_what_has_come_until_it_is_discarded(hub, place):
    hub.speed = SLOW
    place.start()
    until(lambda: place.kept > 50_000)
    place.discard()  # not while it comes
    assert place.state().kind == "downloading"
    place.cancel()
    state = place.state()
    assert (state.kind, state.reason) == ("absent", "")
    assert state.kept > 50_000
    place.discard()
    assert place.state() == State("absent")
    assert not part_of(place.folder).exists()


def test_no_network_is_a_state_with_a_reason(place, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    place.start()
    state = comes(place)
    assert (state.kind, state.reason) == ("failed", "HF_HUB_OFFLINE is set on this server: it asks nobody")
    place.discard()
    assert place.state() == State("absent")


def put_by_hand(place: Place, files: dict[str, bytes]) -> None:
    place.folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (place.folder / name).write_bytes(content)


def test_a_folder_that_a_person_put_there_counts(place):
    put_by_hand(place, {"model.safetensors": FILES_OF_TINY["model.safetensors"]})
    assert place.state() == State("absent")
    put_by_hand(place, FILES_OF_TINY)
    assert place.state() == State("there")


def test_what_is_there_becomes_a_model_of_a_person(store):
    place = Place(store.home, "gpt2")
    put_by_hand(place, FILES_OF_TINY)
    model_id = bring(store.home, place.offered, "ann")
    brought = Brought(store.home)
    assert brought.model(model_id).config.emb_dim == TINY["n_embd"]
    assert brought.about(model_id).parity < 1e-4
    assert [entry.name for entry in brought.entries("ann")] == ["GPT-2 small, 124M"]
    assert brought.entries("bob") == []


def test_another_model_in_the_folder_is_told_from_gpt2(hub, place):
    put_by_hand(place, tiny_gpt2(n_embd=32))
    state = place.state()
    assert state.kind == "failed"
    assert state.reason.endswith("holds another model, of 2 layers of width 32: gpt2 has 2 of 48")
    place.start()
    assert comes(place) == State("there")


def test_a_file_that_is_no_model_is_told(place):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:248dfc39\nsize 548105171\n"
    put_by_hand(place, FILES_OF_TINY | {"model.safetensors": pointer})
    state = place.state()
    assert (state.kind, "cannot be read" in state.reason) == ("failed", True)


def test_a_size_that_does_not_fit_is_refused_with_the_sum(place, monkeypatch):
    monkeypatch.setenv("GLASSBOX_MODEL_BYTES", str(2**20))
    with pytest.raises(ValueError, match=r"parameters x 4 bytes = .* this server allows 1 MiB"):
        place.start()


def test_a_home_that_cannot_be_written_to_is_told(place):
    (place.home.folder / "gpt2").write_text("a file in the way")
    with pytest.raises(StoreError, match="no download can be started now"):
        place.start()
