"""What people write may hold addresses of the web: they are shown as text, and never become links."""

import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Node

from core.config import GPTConfig
from core.gpt import build_model
from core.tokenizer import OWN, load_tokenizer
from core.weights import save_model
from runs.bringing import bring
from runs.offered import lying_at
from tests.pages.conftest import FILES, open_page
from tests.runs.tiny import RECIPE
from views import cache
from views.text import prose, safe

ADDRESSES = "See https://evil.example/x, HTTP://evil.example, www.evil.example or me@evil.example"
LINK = re.compile(r"(https?://|www\.|\w@)evil", re.IGNORECASE)
AS_IT_IS = {  # elements that show a text as text, and read no markdown in it
    "text_area",
    "text_input",
    "code",
    "text",
    "selectbox",
    "multiselect",
    "arrow_data_frame",
    "plotly_chart",
    "bidi_component",
}
# What the browser side looks for in each text, once escapes are gone: mdast-util-gfm-autolink-literal.
AUTOLINKS = (
    re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE),
    re.compile(r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)"),
)


@pytest.mark.parametrize(
    "text", ["https://a.b/c", "HTTP://A.B", "www.a.b", "WWW.a.b", "a.b+c@d.e", "x https://www.a.b@c.d y"]
)
def test_81_an_address_is_pulled_apart(text: str):
    assert any(one.search(text) for one in AUTOLINKS)
    for escape in (safe, prose):
        assert not any(one.search(escape(text).replace("\\", "")) for one in AUTOLINKS)
    assert re.sub(r"[\\\u2060]", "", safe(text)) == text  # and reads as before


def texts_of(message: object) -> Iterator[str]:
    """All texts in a message of Streamlit's, except what a person typed into a field."""
    if isinstance(message, str):
        yield message
    elif isinstance(message, list):
        for part in message:
            yield from texts_of(part)
    elif isinstance(message, dict):
        for key, part in message.items():
            if key not in ("id", "value", "default", "setValue", "url"):
                yield from texts_of(part)


def markdown_of(node: Node) -> Iterator[str]:
    """All texts below a node that the browser reads as markdown."""
    proto = getattr(node, "proto", None)
    if proto is not None and node.type not in AS_IT_IS:
        yield from texts_of(MessageToDict(proto))
    for child in getattr(node, "children", {}).values():
        yield from markdown_of(child)


def assert_no_link(page: AppTest) -> None:
    """The addresses are on the page, and no markdown there holds one that becomes a link."""
    assert not page.exception
    found = [text for text in markdown_of(page._tree) if LINK.search(text.replace("\\", ""))]
    assert not found


@pytest.fixture(scope="module")
def model_id(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model that somebody has given an address as its name."""
    path = tmp_path_factory.mktemp("named") / "www.evil.example.safetensors"
    config = GPTConfig(
        vocab_size=load_tokenizer(OWN).vocab_size, context_length=64, emb_dim=16, n_heads=2, n_layers=2
    )
    save_model(build_model(config, 1), path)
    owner, store = uuid4().hex, cache.store()
    found = bring(store.home, lambda folder: lying_at(path, folder), owner)
    cache.forget_lists()
    return found


@pytest.mark.parametrize("file", FILES)
def test_81_no_page_makes_a_link_of_a_prompt_or_of_a_models_name(model_id: str, file: str):
    page = open_page(file, model=model_id, prompt=ADDRESSES)
    assert_no_link(page)


def test_81_the_sweep_sees_a_link():
    page = AppTest.from_string(f"import streamlit as st; st.expander({ADDRESSES!r}).caption('x')").run()
    assert [text for text in markdown_of(page._tree) if LINK.search(text)] == [ADDRESSES]


def test_81_a_run_s_name_is_no_link():
    owner, store = uuid4().hex, cache.store()
    runs = [store.start(replace(RECIPE, seed=seed), owner) for seed in (8101, 8102)]
    for number, run_id in enumerate(runs):
        store.shelf(owner).rename(run_id, f"www.evil.example https://evil.example {number}")
        store.command(run_id, "stop", by=owner)
    cache.forget_lists()
    page = open_page("pages/training/runs.py", owner=owner, runs_chosen=runs[0], compare=runs[1])
    assert "evil" in page.header[0].value
    assert_no_link(page)


def test_81_class_labels_are_no_links():
    rows = "".join(
        f'"a b {n} https://evil.example",www.evil.example\n"c d {n}",x@evil.example\n' for n in range(12)
    )
    page = open_page(
        "pages/training/classification.py",
        classification_data="own",
        classification_csv=f"text,label\n{rows}",
    )
    assert any("evil" in text for text in markdown_of(page._tree))
    assert_no_link(page)
