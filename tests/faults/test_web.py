"""Rows 44 to 46, 53, 54, 83: what is said over the socket, honestly or not, and by how many.

Widgets get values of other kinds and out of all bounds; addresses hold anything; hundreds come and go.
"""

import math
import random
import re
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.browser.conftest import App
from tests.faults.speaking import Speaker, speaker
from tests.runs.tiny import wait_until
from views.road import ROAD

PATHS = [station.path for stations in ROAD.values() for station in stations]
NUMBERS = (math.nan, math.inf, -5.0, 0.5, 1e300)
TEXTS = ("<script>alert(1)</script>", "../../etc/passwd", "\0", "9" * 5000, "")
POINTS = '{"selection": {"points": [{"x": "a"}], "point_indices": [99], "box": [], "lasso": []}}'
CLICK = '{"event": "picked", "value": [99, -4]}'
# Of the kind that the widget sends, with values that it does not offer: they change nothing, or are clamped.
HOSTILE = {
    "slider": [{"double_array_value": [x]} for x in NUMBERS] + [{"double_array_value": []}],
    "select_slider": [{"string_array_value": x} for x in (["no such"], ["a", "b"], [])],
    "selectbox": [{"string_value": x} for x in TEXTS],
    "text_input": [{"string_value": x} for x in TEXTS],
    "text_area": [{"string_value": x} for x in TEXTS],
    "button_group": [{"string_array_value": x} for x in (["no such"], ["a", "b"], [])],
    "multiselect": [{"string_array_value": x} for x in (["no such"], ["0.0", "zz"], ["99.99"])],
    "number_input": [{"double_value": x} for x in (1e300, -1.0, 0.5)],
    "bidi_component": [{"json_value": x} for x in ("[]", '"x"', '{"picked": [1e400, null]}')]
    + [{"json_trigger_value": x} for x in (CLICK, f"[{CLICK}]", '{"event": 3}', "[]")],
    "plotly_chart": [{"string_value": POINTS}],
    "checkbox": [{"bool_value": True}],
}
# Of another kind, or no JSON at all: no browser sends that.
NONSENSE = [
    {"trigger_value": True},
    {"double_value": math.nan},
    {"int_value": -(2**63)},
    {"string_value": "{"},
    {"double_array_value": [1.0]},
    {"int_array_value": [-1]},
    {"string_array_value": ["x"]},
    {"json_value": "{"},
    {"json_trigger_value": "{"},
    {"bytes_value": b"\xff\x00"},
]


def value(name: str, **sent: object) -> WidgetState:
    """A widget's value as it goes over the socket."""
    state = WidgetState(id=name)
    for field, content in sent.items():
        if isinstance(content, list):
            getattr(state, field).SetInParent()
            getattr(state, field).data.extend(content)
        else:
            setattr(state, field, content)
    return state


def kind_of(kind: str, element: Element) -> str:
    """A slider of words is sent as a slider, and yet its values are words."""
    return "select_slider" if kind == "slider" and element.slider.options else kind


def assert_whole(elements: list[Element]) -> None:
    """No error of any kind is shown, and the page is there."""
    kinds = [element.WhichOneof("type") for element in elements]
    assert "exception" not in kinds
    assert "heading" in kinds
    assert not [element.alert.body for element in elements if "made a mistake" in element.alert.body]


def assert_no_trace(elements: list[Element]) -> None:
    """At the worst a sentence that tells nothing of the server."""
    shown = "\n".join(map(str, elements))
    assert "Traceback" not in shown
    assert str(Path(__file__).parents[2]) not in shown
    assert not any(list(element.exception.stack_trace) for element in elements)


def widgets_of(port: int, path: str) -> list[tuple[str, str]]:
    """The kind and the id of all widgets of a page."""
    with speaker(port) as anybody:
        assert_whole(anybody.go(path))
        kinds = {name: element for element in anybody.elements.values() for _, name in [identity(element)]}
        return [(kind_of(kind, kinds[name]), name) for kind, name in anybody.widgets().values()]


def identity(element: Element) -> tuple[str, str]:
    kind = element.WhichOneof("type") or "empty"
    return kind, getattr(getattr(element, kind), "id", "")


def attacks(port: int, path: str, values: dict[str, list[dict]]) -> list[tuple[str, dict]]:
    return [(name, sent) for kind, name in widgets_of(port, path) for sent in values.get(kind, [])]


def attack(port: int, path: str, chosen: list[tuple[str, dict]]) -> None:
    for name, sent in chosen:
        with speaker(port) as stranger:
            stranger.go(path)
            elements = stranger.say(value(name, **sent))
            assert stranger.path == path
            assert_no_trace(elements)
            assert_whole(elements)


def test_83_a_message_is_answered_by_the_page_that_it_names(app):
    titles = {}
    for path in ("", "attention", "sampling"):
        with speaker(app.port) as visitor:
            opened, answered = visitor.go(path), visitor.say()
            titles[path] = {heading(opened), heading(answered)}
            assert visitor.path == path
    assert [len(both) for both in titles.values()] == [1, 1, 1]
    assert len(set.union(*titles.values())) == 3


def heading(elements: list[Element]) -> str:
    """The title of the page that is shown."""
    return next(one.heading.body for one in elements if one.WhichOneof("type") == "heading")


@pytest.mark.parametrize("path", ["attention", "sampling", "pretraining"])
def test_44_values_that_no_widget_offers_change_nothing(app, path: str):
    every = attacks(app.port, path, HOSTILE)
    attack(app.port, path, random.Random(path).sample(every, 12))


@pytest.mark.parametrize("path", PATHS)
def test_44_and_83_to_choose_nothing_is_to_choose_the_first(app, path: str):
    """A browser never sends that of a choice in which one is always chosen."""
    nothing = [
        value(name, string_array_value=[])
        for kind, name in widgets_of(app.port, path)
        if kind in ("button_group", "select_slider")
    ]
    with speaker(app.port) as stranger:
        stranger.go(path)
        assert_whole(stranger.say(*nothing))
        assert stranger.path == path


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_44_all_values_that_no_widget_offers_change_nothing(app, path: str):
    attack(app.port, path, attacks(app.port, path, HOSTILE))


@pytest.mark.parametrize("sent", NONSENSE, ids=lambda sent: next(iter(sent)))
def test_44_nonsense_hurts_nobody_but_who_sends_it_and_not_for_long(app, sent: dict):
    """Streamlit itself reads the value and fails: one sentence, and the next honest message is answered."""
    luck = random.Random(str(sent))
    for kind, name in luck.sample(widgets_of(app.port, "attention"), 2):
        with speaker(app.port) as stranger, speaker(app.port) as neighbour:
            stranger.go("attention")
            stranger.send(stranger.request(value(name, **sent)))
            with suppress(TimeoutError):  # some values end the thread of that session, without a word
                assert_no_trace(stranger.listen(patience=5))
            assert stranger.path == "attention"
            assert_whole(neighbour.go("attention"))
            if kind == "button":
                assert_no_trace(stranger.say())
            else:
                assert_no_trace(stranger.say(*honest(stranger, kind, name)))
            with speaker(app.port) as again:  # what a reload is
                assert_whole(again.go("attention"))


def honest(who: Speaker, kind: str, name: str) -> list[WidgetState]:
    sent = HOSTILE.get(kind, [{"trigger_value": False}])
    return [value(name, **sent[-1])]


ADDRESSES = [
    "run=../..&model=../../etc/passwd",
    "layer=1&layer=2&layer=NaN&head=-1&token=1e999",
    f"prompt={'x' * 10_000}",
    "t=NaN&token=NaN&step=1;DROP TABLE runs;--",
    "model=%27%20OR%201%3D1%20--&compare=%00&edits=%FF%FE",
    "lang=../../..&present=%3Cscript%3E&hide=x%7D%3C%2Fstyle%3E%3Cscript%3E",
    "path=" + "9." * 5000,
    "&&&===%%%",
    "sampling_temperature=-1&sampling_temperature=inf&attention_view=%3Cb%3E&pretraining_rate=1e308",
    "tokenizer_encoding=__class__&anatomy_n_heads=0&anatomy_emb_dim=-7&windows_stride=0",
]


@pytest.mark.parametrize("number", range(len(ADDRESSES)))
def test_44_an_address_may_hold_anything(app, number: int):
    for path in random.Random(number).sample(PATHS, 3):
        with speaker(app.port) as stranger:
            elements = stranger.go(path, ADDRESSES[number])
            assert_no_trace(elements)
            assert_whole(elements)
            assert not [element for element in elements if "</style><script>" in element.html.body]


KEYS = ["prompt", "model", "step", "layer", "head", "token", "compare", "edits", "other", "present"]
KEYS += ["hide", "path", "attention_view", "attention_temperature", "attention_causal", "heads_off"]
ANYTHING = st.text(max_size=30) | st.sampled_from(["NaN", "-1", "1e999", "../..", "true", "[]", "null"])


@settings(max_examples=8)
@given(st.lists(st.tuples(st.sampled_from(KEYS), ANYTHING), max_size=6))
def test_44_any_address_opens_the_page(app, parts: list[tuple[str, str]]):
    clean = [(key, text.encode("utf-8", "replace").decode()) for key, text in parts]
    with speaker(app.port) as stranger:
        elements = stranger.go("attention", urlencode(clean))
        assert_no_trace(elements)
        assert_whole(elements)


def test_44_a_page_that_there_is_not_is_no_error(app):
    with speaker(app.port) as stranger:
        assert_no_trace(stranger.go("../../app.py"))
        assert_whole(stranger.go("attention"))


@pytest.mark.parametrize(
    "message",
    [
        BackMsg(debug_shutdown_runtime=True),
        BackMsg(debug_disconnect_websocket=True),
        BackMsg(clear_cache=True),
        BackMsg(set_run_on_save=True),
        BackMsg(load_git_info=True),
        BackMsg(stop_script=True),
        b"\xff\xff\xff no message",
        b"",
        "words",
    ],
    ids=lambda message: message.WhichOneof("type") if isinstance(message, BackMsg) else repr(message)[:9],
)
def test_44_messages_for_developers_and_noise_stop_nobody(app, message: object):
    with speaker(app.port) as neighbour, speaker(app.port) as stranger:
        neighbour.go("tokenizer")
        stranger.socket.send(message.SerializeToString() if isinstance(message, BackMsg) else message)
        assert_whole(neighbour.say())
    with speaker(app.port) as again:
        assert_whole(again.go("tokenizer"))


def test_45_one_session_never_reads_another(app):
    secret = "Nobody else may read this zebra"
    with speaker(app.port) as one, speaker(app.port) as other:
        assert secret in show(one, f"prompt={quote(secret)}")
        assert "zebra" not in show(other, "")
        assert "zebra" not in show(other, "prompt=another")


def show(who: Speaker, query: str) -> str:
    who.go("tokenizer", query)
    return who.words()


def test_46_nobody_uploads_past_the_widget(app):
    """Without the address that the server has given to a session, and its token, nothing is taken."""
    for path in ("_stcore/upload_file/x/y", f"_stcore/upload_file/{'0' * 32}/../../x"):
        for method in ("PUT", "POST"):
            request = urllib.request.Request(app.url(path), data=b"x" * 1000, method=method)
            with pytest.raises(HTTPError) as refused:
                urllib.request.urlopen(request, timeout=20)
            assert 400 <= refused.value.code < 500
            refused.value.close()


def sessions(app) -> int:
    """How many the server counts, by its own metrics."""
    with urllib.request.urlopen(app.url("_stcore/metrics"), timeout=20) as answer:
        return int(re.search(r"^active_sessions (\d+)", answer.read().decode(), re.MULTILINE)[1])


def resident(app) -> int:
    """Bytes of memory that the server holds."""
    return int(Path(f"/proc/{app.process.pid}/statm").read_text().split()[1]) * 4096


def come_and_go(app, times: int) -> None:
    for number in range(times):
        with speaker(app.port) as visitor:
            if number % 4 == 0:
                visitor.go("")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks /proc for the memory")
def test_53_hundreds_of_sessions_leave_nothing(app):
    """How many may come from one address at a time is the proxy's to say; here none of them stays."""
    come_and_go(app, 200)  # as many as Streamlit keeps for those who come back
    wait_until(lambda: sessions(app) == 0)
    before = resident(app)
    come_and_go(app, 200)
    wait_until(lambda: sessions(app) == 0)
    assert resident(app) - before < 30e6


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks /proc for the memory")
def test_54_who_does_not_listen_and_who_leaves_in_the_middle(app):
    """Forty ask for a page and go before it comes; one asks fifty times and never reads."""
    come_and_go(app, 20)
    before = resident(app)
    request = BackMsg()
    request.rerun_script.page_name = "attention"
    for _ in range(40):
        with speaker(app.port) as impatient:
            impatient.send(request)
    with speaker(app.port) as deaf, speaker(app.port) as neighbour:
        for _ in range(50):
            deaf.send(request)
        assert_whole(neighbour.go("tokenizer"))
        assert sessions(app) == 2
    wait_until(lambda: sessions(app) == 0)
    assert resident(app) - before < 60e6


@pytest.fixture(scope="module")
def homeless(tmp_path_factory):
    """An app whose data folder is a file: nothing can be kept."""
    folder = tmp_path_factory.mktemp("homeless")
    (folder / "file").touch()
    running = App(folder, GLASSBOX_HOME=str(folder / "file"))
    yield running
    running.stop()


def test_29_without_a_store_every_page_opens_and_those_with_runs_say_why(homeless):
    said = {}
    for path in PATHS:
        with speaker(homeless.port) as visitor:
            elements = visitor.go(path)
            assert_no_trace(elements)
            assert_whole(elements)
            said[path] = "set GLASSBOX_HOME" in visitor.words().replace("\\\\", "")
    assert {"pretraining", "runs"} <= {path for path, why in said.items() if why}
    assert not said["attention"]


@pytest.mark.slow
def test_30_a_database_that_breaks_under_a_running_app_stops_no_page(tmp_path):
    """Whoever writes into it while the app runs: sentences on the pages with runs, all others as ever."""
    running = App(tmp_path)
    try:
        for path in tmp_path.glob("glassbox.sqlite*"):
            path.write_bytes(b"this is no database" * 500)
        for path in ("attention", "tokenizer", "runs", "pretraining"):
            with speaker(running.port) as visitor:
                assert_no_trace(visitor.go(path))
                assert visitor.elements
    finally:
        running.stop()


@pytest.mark.parametrize("path", PATHS)
def test_44_every_parameter_may_be_empty(app, path: str):
    """A choice without a choice is the first one; an empty text is an empty text."""
    with speaker(app.port) as visitor:
        visitor.go(path)
        named = set(re.findall(r'query_param_key: "(\w+)"', visitor.words()))
        elements = visitor.go(path, "&".join(f"{name}=" for name in sorted(named)))
        assert len(named) > 10
        assert_no_trace(elements)
        assert_whole(elements)
