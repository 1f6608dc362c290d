"""GPT-2's own corner of a page: what it takes, how far it is, what to do without a network."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.gpt2_sizes import SIZES
from runs.gpt2 import Place, State
from tests.imitation_hub import TINY, tiny_gpt2
from tests.pages.conftest import shown_text
from views import cache
from views.gpt2_download import Progress, how_far


def script() -> None:
    import streamlit as st

    from views import gpt2_download

    def bring(offer: gpt2_download.Offer) -> None:
        found = offer(None)
        st.markdown(f"brought {found.name} from {found.weights.name}")

    gpt2_download.draw(bring)


def drawn(**state: object) -> AppTest:
    page = AppTest.from_function(script, default_timeout=30)
    for key, value in state.items():
        page.session_state[key] = value
    page.run()
    assert not page.exception
    return page


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


@pytest.fixture
def place():
    place = Place(cache.store().home, "gpt2")
    yield place
    place.cancel()
    place.discard()
    for file in place.folder.glob("*"):
        file.unlink()


def test_every_size_says_what_it_takes_and_how_to_do_without_a_network(place, monkeypatch):
    monkeypatch.setenv("GLASSBOX_MODEL_BYTES", str(8 * 2**30))
    page = drawn()
    for name, size in SIZES.items():
        page.button_group(key="gpt2_size").set_value(name).run()
        text = shown_text(page)
        assert f"{size.file_bytes / 1e6:,.0f} MB to download" in text
        assert f"https://huggingface.co/openai-community/{name}/resolve/main/model.safetensors" in text
        assert page.code[0].value == str(Place(place.home, name).folder)
        assert labels(page) == ["Download", "Look again"]


def test_a_size_beyond_the_server_is_refused_with_the_sum(monkeypatch):
    monkeypatch.setenv("GLASSBOX_MODEL_BYTES", str(4 * 2**30))
    page = drawn(gpt2_size="gpt2-xl")
    assert "1,557,611,200 parameters x 4 bytes" in page.warning[0].value.replace("\\", "")
    assert labels(page) == []


def test_offline_the_reason_is_told_and_the_way_by_hand_is_open(place, monkeypatch):
    monkeypatch.setattr(Place, "state", lambda self: State("failed", kept=200_000_000, reason="no network"))
    page = drawn()
    assert page.warning[0].value == "No network\\."
    assert page.expander[0].proto.expanded
    assert labels(page) == ["Go on", "Discard", "Look again"]
    assert "200 MB are here" in shown_text(page)


def test_what_comes_shows_how_far_it_is_and_can_be_cancelled(place, monkeypatch):
    told = Progress("downloading", 212_000_000, 548_105_171, speed=4_000_000.0)
    monkeypatch.setattr(Place, "state", lambda self: State("downloading", told))
    cancelled = []
    monkeypatch.setattr(Place, "cancel", lambda self: cancelled.append(self.name))
    page = drawn()
    assert labels(page) == ["Cancel"]
    assert how_far(told) == "212 of 548 MB · 4.0 MB/s · 84 s left"
    page.button[0].click().run()
    assert not page.exception
    assert cancelled == ["gpt2"]


def test_download_starts_and_a_failure_to_start_is_told(place, monkeypatch):
    def refuse(self: Place) -> None:
        raise ValueError("no room for it")

    monkeypatch.setattr(Place, "start", refuse)
    page = drawn()
    page.button[0].click().run()
    assert "No room for it" in page.warning[0].value


def test_what_a_person_put_there_is_offered_to_the_page(place, monkeypatch):
    tiny = replace(
        SIZES["gpt2"].config, emb_dim=TINY["n_embd"], n_layers=TINY["n_layer"], n_heads=TINY["n_head"]
    )
    monkeypatch.setitem(SIZES, "gpt2", replace(SIZES["gpt2"], config=tiny))
    page = drawn()
    place.folder.mkdir(parents=True, exist_ok=True)
    for name, content in tiny_gpt2().items():
        (place.folder / name).write_bytes(content)
    page.button(key="gpt2_look").click().run()
    assert labels(page) == ["Look into it"]
    page.button[0].click().run()
    assert "brought GPT-2 small, 124M from gpt2" in shown_text(page)


def test_before_the_first_byte_it_says_what_it_waits_for():
    assert how_far(Progress()) == "GPT-2: asking the hub"
    assert how_far(Progress("checking", 5, 5)) == "GPT-2: checking the hash"
