"""Row 55: GPT-2's weights are absent, half there, damaged, or out of reach."""

import socket

import pytest

from core.download import download
from tests.core.test_download import FILES_OF_TINY, assert_told_by_hand, partial_bytes


def test_55_what_broke_off_for_good_is_kept_and_the_next_try_goes_on_from_there(hub, folder):
    hub.break_at, hub.breaks_for_good = 150_000, True
    with pytest.raises(ValueError, match=r"broke off at byte 150,000 of .* goes on from there"):
        download("gpt2", folder)
    assert not folder.exists()
    assert partial_bytes(folder) == 150_000
    hub.break_at = None
    hub.asked.clear()
    download("gpt2", folder)
    assert [one.range_of for one in hub.gets()] == ["bytes=150000-"]
    assert (folder / "model.safetensors").read_bytes() == FILES_OF_TINY["model.safetensors"]


def test_55_damaged_weights_are_removed(hub, folder):
    hub.digest = "ab" * 32
    with pytest.raises(ValueError, match="the hub states abababababab: it is damaged and was removed"):
        download("gpt2", folder)
    assert not folder.exists()
    assert partial_bytes(folder) < 1000  # config.json alone
    hub.digest = ""
    download("gpt2", folder)
    assert folder.exists()


def test_55_a_refused_connection_says_what_to_fetch_and_where_to_put_it(folder, monkeypatch):
    with socket.socket() as taken:  # a port at which nobody listens
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "*")
        with pytest.raises(ValueError, match=r"this server cannot reach http://127\.0\.0\.1") as refused:
            download("gpt2", folder)
    assert_told_by_hand(refused.value, folder)
