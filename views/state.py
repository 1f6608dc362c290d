"""The one linked state: prompt, model, checkpoint, layer, head, token. The only file that names its keys.

The widgets are made by `sidebar()` in the app's frame, before the page: a parameter bound by a widget that
another page does not make is dropped on a page change. A click in a picture sets the state in a callback,
before the widgets of the next run exist.
"""

from collections.abc import Sequence
from uuid import uuid4

import streamlit as st

from views import cache, catalogue
from views.here import Here, person_of
from views.lessons import read_value
from views.prompt import read_prompt
from views.text import safe

FIRST_PROMPT = "The king had a daughter. The king said to the daughter: go into the forest, and the king"
FIRST_TOKEN = 7  # its second "king", which has something to look back at
LONGEST_IN_URL = 1500  # characters; a longer prompt stays in the session, as proxies cut long addresses
BIND = "query-params"


def owner() -> str:
    """Whose runs are whose: one browser is one person, in all its tabs and after a reload."""
    person = person_of(st.context.cookies.get("_streamlit_xsrf"))
    return person or st.session_state.setdefault("owner", uuid4().hex)


def sidebar() -> None:
    """Make the linked state's widgets; each restores itself from the URL. Then everybody is `here()`."""
    with st.sidebar:
        text = prompt_area()
        choice = model_picker()
        step = step_slider(choice)
        model, tokenizer = cache.model_and_tokenizer(choice.key, step)
        prompt = read_prompt(text, tokenizer, model.config.context_length)
        for notice in prompt.notices:
            st.caption(f":material/info: {safe(notice)}")
        st.session_state["here"] = Here(
            choice=choice,
            step=step,
            layer=index_slider("Layer", "layer", model.config.n_layers),
            head=index_slider("Head", "head", model.config.n_heads),
            token=index_slider("Token", "token", len(prompt.pieces), FIRST_TOKEN),
            config=model.config,
            tokenizer=tokenizer,
            prompt=prompt,
        )


def here() -> Here:
    """The linked state as it is in this run."""
    return st.session_state["here"]


def prompt_area() -> str:
    """The text that the model reads."""
    long = len(st.session_state.get("prompt", "")) > LONGEST_IN_URL
    bind = {"persist_state": "session"} if long else {"bind": BIND}

    def again() -> None:  # set once more, by the server: so a text that is short again returns to the URL
        st.session_state["prompt"] = st.session_state["prompt"]

    return st.text_area("Prompt", FIRST_PROMPT, key="prompt", height=112, on_change=again, **bind)


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
        on_change=lambda: pick_model(st.session_state["model_picked"]),
    )
    if wanted not in found:
        st.caption(":material/info: The model of this link is not on this server: Storyteller is shown.")
    return found[key]


def step_slider(choice: catalogue.ModelChoice) -> int | None:
    """The moment in a run's life; who looks at the newest checkpoint goes on with it. None without a rail."""
    if len(choice.steps) < 2:
        return choice.steps[-1] if choice.steps else None
    newest, step = choice.steps[-1], st.session_state.get("step")
    if step is not None and (step not in choice.steps or step == st.session_state.get("newest_step")):
        st.session_state["step"] = newest
    st.session_state["newest_step"] = newest
    return st.select_slider("Checkpoint (step)", choice.steps, newest, key="step", bind=BIND)


def index_slider(label: str, key: str, count: int, first: int = 0) -> int:
    """One of `count` things, from 0. A value that a smaller model or text no longer has becomes its last."""
    if count < 2:
        return 0
    if st.session_state.get(key, 0) >= count:
        st.session_state[key] = count - 1
    return max(0, st.slider(label, 0, count - 1, min(first, count - 1), key=key, bind=BIND))


def prompt_text() -> str:
    """The prompt as it was written, before any model read it."""
    return st.session_state.get("prompt", FIRST_PROMPT)


def pick_token(token: int) -> None:
    """A click on a token."""
    st.session_state["token"] = token


def pick_head(cell: Sequence[int]) -> None:
    """A click on one of all heads."""
    st.session_state["layer"], st.session_state["head"] = cell


def model_key() -> str:
    """The model that is chosen now: a callback may have chosen another since the page was made."""
    return st.session_state["model"]


def pick_model(key: str) -> None:
    """Look into this model on every page, at its last checkpoint."""
    st.session_state["model"] = key
    st.session_state.pop("step", None)


def counted(key: str, most: int) -> int:
    """How many steps a person has taken on a page, between 0 and `most`."""
    value = st.session_state.get(key, 0)
    return min(max(value, 0), most) if isinstance(value, int) else 0


def count_on(key: str, most: int, steps: int) -> None:
    """Take more steps, at most `most` in all; none at all is back to the start."""
    st.session_state[key] = min(counted(key, most) + steps, most) if steps else 0


def controls(prefix: str) -> dict:
    """The values of all controls whose key begins so, by the rest of the key."""
    return {
        key.removeprefix(prefix): value for key, value in st.session_state.items() if key.startswith(prefix)
    }


def set_control(key: str, value: object) -> None:
    """Set a control before it is made."""
    st.session_state[key] = value


def is_new(key: str, value: str) -> bool:
    """Whether this value has not been seen under this key before; it has been, from now on."""
    before, st.session_state[key] = st.session_state.get(key), value
    return before != value


def say(page: str, sentence: str) -> None:
    """Have a page say something once, at its next run."""
    st.session_state["said"] = (page, sentence)


def said(page: str) -> str:
    """What the page was asked to say."""
    at, _ = st.session_state.get("said", ("", ""))
    return st.session_state.pop("said")[1] if at == page else ""


def click_token(page: str, renew: bool = False) -> str:
    """A token for the next click on a page's Start button; a double click sends the same one twice."""
    key = f"{page}_click"
    if renew or key not in st.session_state:
        st.session_state[key] = uuid4().hex
    return st.session_state[key]


def press(page: str, number: int, sets: dict[str, str]) -> None:
    """A lesson's Try button: set controls by name, numbers and true/false as such, the rest as text."""
    for key, text in sets.items():
        st.session_state[key] = read_value(text)
    st.session_state["pressed"] = (page, number)


def pressed(page: str) -> int | None:
    """Which of this page's Try buttons was pressed last."""
    at, number = st.session_state.get("pressed", ("", None))
    return number if at == page else None
