"""The one linked state: prompt, model, checkpoint, layer, head, token, and the runs to compare with.

The widgets are made by `sidebar()` in the app's frame, before the page: a parameter bound by a widget that
another page does not make is dropped on a page change. A click in a picture sets the state in a callback,
before the widgets of the next run exist.
"""

import re
from collections.abc import Sequence

import streamlit as st

from views import cache, catalogue
from views.here import Here
from views.look import most_tokens
from views.prompt import read_prompt
from views.state import film
from views.state.edited import edits_for, other_text
from views.state.left_empty import forget_empty
from views.state.path import arrive_at_path
from views.state.person import owner
from views.state.session import hold_place
from views.text import safe

FIRST_PROMPT = "The king had a daughter. The king said to the daughter: go into the forest, and the king"
FIRST_TOKEN = 7  # its second "king", which has something to look back at
FIRST_LAYER, FIRST_HEAD = 4, 1  # the Storyteller's clearest induction head: it looks at what followed "king"
LONGEST_IN_URL = 1500  # characters; a longer prompt stays in the session, as proxies cut long addresses
BIND = "query-params"
MOST_COMPARED = 5  # beside the run itself


def sidebar() -> None:
    """Make the linked state's widgets; each restores itself from the URL. Then everybody is `here()`."""
    arrive()
    with st.sidebar:
        text = prompt_area()
        choice = model_picker()
        step = step_slider(choice)
        if step in choice.rounded:
            st.caption(
                ":material/info: Each weight of this early step was kept in 8 bits: rounded, to be small."
            )
        model, tokenizer = cache.model_and_tokenizer(choice.key, step, choice.life)
        longest = most_tokens(model.config, cache.room_for_a_look())
        prompt = read_prompt(text, tokenizer, model.config.context_length, longest)
        other = read_prompt(other_text(), tokenizer, model.config.context_length, longest)
        for notice in prompt.notices:
            st.caption(f":material/info: {safe(notice)}")
        st.session_state["here"] = Here(
            choice=choice,
            step=step,
            layer=index_slider("Layer", "layer", model.config.n_layers, FIRST_LAYER),
            head=index_slider("Head", "head", model.config.n_heads, FIRST_HEAD),
            token=index_slider("Token", "token", len(prompt.pieces), FIRST_TOKEN),
            config=model.config,
            tokenizer=tokenizer,
            prompt=prompt,
            edits=tuple(e for e in edits_for(model.config) if e.kind != "patch" or other.ids),
            other=tuple(other.ids),
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
        st.text_input("Runs to compare with", "", key="compare", bind=BIND)
        st.text_input("Edits", "", key="edits", bind=BIND)
        st.text_input("Text of the patches", "", key="other", bind=BIND)
        st.text_input("In front of a class", "", key="present", bind=BIND)
        st.text_input("Controls to leave out", "", key="hide", bind=BIND)
        st.text_input("Tokens after the prompt", "", key="path", bind=BIND)
    wanted = st.session_state["model"]
    if catalogue.is_brought(cache.store(), wanted):
        cache.in_use(wanted)
    found = {choice.key: choice for choice in catalogue.choices(cache.store(), owner(), wanted)}
    st.session_state["model_picked"] = wanted if wanted in found else catalogue.BUNDLED
    key = st.selectbox(
        "Model",
        list(found),
        format_func=lambda key: found[key].label,
        key="model_picked",
        on_change=picked,
        args=(tuple(found),),
    )
    if wanted not in found:
        st.caption(":material/info: The model of this link is not on this server: Storyteller is shown.")
    return catalogue.with_steps(cache.store(), found[key])


def picked(offered: tuple[str, ...]) -> None:
    """The picker was used. A message that was late may hold what the picker no longer offers."""
    if st.session_state["model_picked"] in offered:
        pick_model(st.session_state["model_picked"])


def step_slider(choice: catalogue.ModelChoice) -> int | None:
    """The moment in a run's life; who looks at the newest checkpoint goes on with it. None without a rail."""
    if len(choice.steps) < 2:
        return choice.steps[-1] if choice.steps else None
    frame = film.screen(choice.steps)
    if frame is not None:
        return frame
    newest, step = choice.steps[-1], st.session_state.get("step")
    if step is not None and (step not in choice.steps or step == st.session_state.get("newest_step")):
        st.session_state["step"] = newest
    st.session_state["newest_step"] = newest
    step = st.select_slider("Checkpoint (step)", choice.steps, newest, key="step", bind=BIND)
    film.play_button(choice.steps, step)
    return step


def index_slider(label: str, key: str, count: int, first: int) -> int:
    """One of `count` things, from 0. A value that a smaller model or text no longer has becomes its last."""
    if count < 2:
        return 0
    hold_place(key, count)
    return st.slider(label, 0, count - 1, min(first, count - 1), key=key, bind=BIND)


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
    st.session_state.pop("frame", None)


def go_to_model(key: str, prompt: str | None = None) -> None:
    """Look into this model from the next run on, where no callback can be used; with another prompt."""
    st.session_state["going_to"] = key
    if prompt is not None:
        st.session_state["going_with"] = prompt


def arrive() -> None:
    """What the address or `go_to_model` asks for, before the widgets exist."""
    forget_empty()
    if going := st.session_state.pop("going_to", None):
        pick_model(going)
    if (prompt := st.session_state.pop("going_with", None)) is not None:
        st.session_state["prompt"] = prompt
    arrive_at_path()


def compared() -> list[str]:
    """The runs that are laid over the chosen one, at most 5; the address may hold anything."""
    ids = re.findall(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", st.session_state.get("compare", "")[:1000])
    return [run_id for run_id in dict.fromkeys(ids) if run_id != model_key()][:MOST_COMPARED]


def compare_with(run_ids: Sequence[str]) -> None:
    """Lay these runs over the chosen one, in a callback."""
    st.session_state["compare"] = ",".join(run_ids)
