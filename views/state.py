"""The one linked state: prompt, model, checkpoint step, layer, head, token. The only file that names its keys.

The widgets are made by `sidebar()` in the app's frame, before the page: a parameter bound by a widget that
another page does not make is dropped on a page change. A click in a picture sets the state in a callback,
before the widgets of the next run exist.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import streamlit as st

from core.config import GPTConfig
from core.tokenizer import Tokenizer
from views import cache, catalogue
from views.cache import Look
from views.prompt import Prompt, read_prompt
from views.text import safe

FIRST_PROMPT = "The king had a daughter. The king said to the daughter: go into the forest, and the king"
FIRST_TOKEN = 7  # its second "king", which has something to look back at
LONGEST_IN_URL = (
    1500  # characters; a longer prompt stays in the session, as browsers and proxies cut long addresses
)
BIND = "query-params"


@dataclass(frozen=True)
class Here:
    """Where everybody is looking: what every page draws from."""

    choice: catalogue.ModelChoice
    step: int | None  # checkpoint, for a run
    layer: int
    head: int
    token: int  # index into the prompt's tokens
    config: GPTConfig
    tokenizer: Tokenizer
    prompt: Prompt

    @property
    def look(self) -> Look:
        """The model as it is, unchanged."""
        return Look(self.choice.key, self.step)

    @property
    def model_name(self) -> str:
        """The model's honest label, with the step of a run."""
        return self.choice.label if self.step is None else f"{self.choice.label}, step {self.step:,}"


def owner() -> str:
    """Whose runs are whose: one browser is one person, in all its tabs and after a reload."""
    cookie = st.context.cookies.get("_streamlit_xsrf")
    if isinstance(cookie, str) and cookie:
        return hashlib.sha256(cookie.split("|")[-1].encode()).hexdigest()[:32]
    return st.session_state.setdefault("owner", uuid4().hex)


def sidebar() -> None:
    """Make the linked state's widgets; each restores itself from the URL."""
    with st.sidebar:
        prompt_area()
        choice = model_picker()
        step_slider(choice)
        model, tokenizer = cache.model_and_tokenizer(choice.key, current_step(choice))
        prompt = read_prompt(st.session_state["prompt"], tokenizer, model.config.context_length)
        for notice in prompt.notices:
            st.caption(f":material/info: {safe(notice)}")
        index_slider("Layer", "layer", model.config.n_layers)
        index_slider("Head", "head", model.config.n_heads)
        index_slider("Token", "token", len(prompt.pieces), FIRST_TOKEN)


def prompt_area() -> None:
    """The text that the model reads."""
    long = len(st.session_state.get("prompt", "")) > LONGEST_IN_URL
    bind = {"persist_state": "session"} if long else {"bind": BIND}
    st.text_area("Prompt", FIRST_PROMPT, key="prompt", height=112, on_change=set_prompt, **bind)


def set_prompt() -> None:
    """Set the prompt to what was written: said by the server, a text that is short again returns to the URL."""
    st.session_state["prompt"] = st.session_state["prompt"]


def model_picker() -> catalogue.ModelChoice:
    """The model to look into. The URL holds its key, in a hidden field, and the picker shows its label."""
    with st.container(key="hidden"):
        st.text_input("Model key", catalogue.BUNDLED, key="model", bind=BIND)
    wanted = st.session_state["model"]
    found = {choice.key: choice for choice in catalogue.choices(cache.store(), owner(), wanted)}
    st.session_state["model_picked"] = wanted if wanted in found else catalogue.BUNDLED
    key = st.selectbox(
        "Model",
        list(found),
        format_func=lambda key: found[key].label,
        key="model_picked",
        on_change=choose_model,
    )
    if wanted not in found:
        st.caption(":material/info: The model of this link is not on this server: Storyteller is shown.")
    return found[key]


def choose_model() -> None:
    """The picker was used."""
    pick_model(st.session_state["model_picked"])


def step_slider(choice: catalogue.ModelChoice) -> None:
    """The moment in a run's life; its last checkpoint at first."""
    if len(choice.steps) < 2:
        return
    newest_before = st.session_state.get("newest_step")
    if st.session_state.get("step") not in choice.steps or st.session_state["step"] == newest_before:
        st.session_state["step"] = choice.steps[-1]  # who looks at the newest goes on with it
    st.session_state["newest_step"] = choice.steps[-1]
    st.select_slider("Checkpoint (step)", choice.steps, choice.steps[-1], key="step", bind=BIND)


def current_step(choice: catalogue.ModelChoice) -> int | None:
    """The chosen checkpoint of a run; None for a model without a rail."""
    if not choice.steps:
        return None
    step = st.session_state.get("step")
    return step if step in choice.steps else choice.steps[-1]


def index_slider(label: str, key: str, count: int, first: int = 0) -> None:
    """One of `count` things, from 0. A value that a smaller model or text no longer has becomes its last."""
    if count < 2:
        return
    if isinstance(st.session_state.get(key), int) and st.session_state[key] >= count:
        st.session_state[key] = count - 1
    st.slider(label, 0, count - 1, min(first, count - 1), key=key, bind=BIND)


def here() -> Here:
    """The linked state as it is now."""
    found = catalogue.choices(cache.store(), owner(), st.session_state.get("model"))
    choice = next((choice for choice in found if choice.key == st.session_state.get("model")), found[0])
    step = current_step(choice)
    model, tokenizer = cache.model_and_tokenizer(choice.key, step)
    prompt = read_prompt(st.session_state.get("prompt", FIRST_PROMPT), tokenizer, model.config.context_length)
    return Here(
        choice=choice,
        step=step,
        layer=index("layer", model.config.n_layers),
        head=index("head", model.config.n_heads),
        token=index("token", len(prompt.pieces), FIRST_TOKEN),
        config=model.config,
        tokenizer=tokenizer,
        prompt=prompt,
    )


def prompt_text() -> str:
    """The prompt as it was written, before any model read it."""
    return st.session_state.get("prompt", FIRST_PROMPT)


def index(key: str, count: int, first: int = 0) -> int:
    """The chosen index, within bounds whatever the browser sent."""
    value = st.session_state.get(key, first)
    return min(max(value, 0), max(count - 1, 0)) if isinstance(value, int) else 0


def pick_token(token: int) -> None:
    """A click on a token."""
    st.session_state["token"] = token


def pick_head(cell: Sequence[int]) -> None:
    """A click on one of all heads."""
    st.session_state["layer"], st.session_state["head"] = cell


def pick_model(key: str) -> None:
    """Look into this model on every page, at its last checkpoint."""
    st.session_state["model"] = key
    st.session_state.pop("step", None)


@dataclass(frozen=True)
class Counter:
    """How many steps a person has taken on a page, between 0 and `most`."""

    key: str
    most: int

    @property
    def value(self) -> int:
        """The steps taken so far."""
        value = st.session_state.get(self.key, 0)
        return min(max(value, 0), self.most) if isinstance(value, int) else 0

    def add(self, steps: int) -> None:
        """Take more steps; the last one is `most`."""
        st.session_state[self.key] = min(self.value + steps, self.most)

    def reset(self) -> None:
        """Back to the start."""
        st.session_state[self.key] = 0


def counter(key: str, most: int) -> Counter:
    """A page's counter of steps."""
    return Counter(key, most)


def controls(prefix: str) -> dict:
    """The values of all controls whose key begins so, by the rest of the key."""
    return {
        key.removeprefix(prefix): value for key, value in st.session_state.items() if key.startswith(prefix)
    }


def say(page: str, sentence: str) -> None:
    """Have a page say something once, at its next run."""
    st.session_state["said"] = (page, sentence)


def said(page: str) -> str:
    """What the page was asked to say."""
    at, sentence = st.session_state.get("said", ("", ""))
    if at == page:
        del st.session_state["said"]
        return sentence
    return ""


def click_token(page: str) -> str:
    """A token that stays the same until `new_click`: a double click is one click."""
    return st.session_state.setdefault(f"{page}_click", uuid4().hex)


def press(page: str, number: int, sets: dict[str, str]) -> None:
    """A lesson's Try button: set controls by name, numbers and true/false as such, the rest as text."""
    for key, text in sets.items():
        st.session_state[key] = read_value(text)
    st.session_state["pressed"] = (page, number)


def pressed(page: str) -> int | None:
    """Which of this page's Try buttons was pressed last."""
    at, number = st.session_state.get("pressed", ("", None))
    return number if at == page else None


def read_value(text: str) -> object:
    """A value written in a lesson."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
