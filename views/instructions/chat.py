"""Talk with the model: each instruction is answered by itself, and the answers stay on the page."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.answers import until_end
from core.instruct import encode_prompt, end_token
from core.sampling import generate
from core.templates import Template
from views import cache, state, ui
from views.here import Here
from views.instructions.controls import Setting
from views.look import tap_of
from views.phrases import count_of
from views.text import prose, safe
from views.turns import long_work
from views.vocabulary import text_of

FIRST = ("Say the opposite.", "hot")
LONGEST = 2000  # characters of an instruction: more than any model here can read
MOST_TURNS = 50  # that are kept
HISTORY, PENDING = "instructions_history", "instructions_pending"


@dataclass(frozen=True)
class Turn:
    """One question and what came of it."""

    asked: str
    given: str
    model: str  # who answered
    text: str
    ended: str  # how the answer came to its end


def draw_chat(here: Here, setting: Setting) -> dict[str, object]:
    """All turns, the newest last, and the field below. ValueError, in a sentence, for a model that cannot."""
    setting.note()
    history = state.noted(HISTORY) or []
    pending = state.noted(PENDING) or (None if history else FIRST)
    for turn in history:
        draw_turn(turn)
    if pending:
        turn = answer_now(here, setting, pending)
        state.note(PENDING, None)
        state.note(HISTORY, [*history, turn][-MOST_TURNS:])
    asked, given = last_asked()
    fields(here, setting)
    return numbers(here, setting.template, asked, given)


def draw_turn(turn: Turn) -> None:
    """A turn that was."""
    question(turn.asked, turn.given)
    with st.chat_message("assistant", avatar=":material/smart_toy:"):
        st.markdown(prose(turn.text) or ":gray[nothing]")
        st.caption(safe(f"{turn.model}: {turn.ended}"))


def question(asked: str, given: str) -> None:
    """What a person asked."""
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown(prose(asked) + (f"  \n**{prose(given)}**" if given.strip() else ""))


def answer_now(here: Here, setting: Setting, pending: tuple[str, str]) -> Turn:
    """Let the model answer, token by token on the page, until it stops or has written enough."""
    question(*pending)
    model, end_id = cache.model_of(here.look), end_token(here.tokenizer)
    longest = model.config.context_length
    prompt = encode_prompt(*pending, setting.template, here.tokenizer, longest)
    most = min(most_tokens(), longest - len(prompt))
    ids: list[int] = []
    with st.chat_message("assistant", avatar=":material/smart_toy:"):
        place = st.empty()
        with long_work():
            for token in until_end(generate(model, prompt, most, tap=tap_of(model, here.look)), end_id):
                ids.append(token)
                place.markdown(prose(text_of(here.tokenizer, ids)))
        turn = Turn(*pending, here.model_name, text_of(here.tokenizer, ids), ended(len(ids), most))
        if not ids:
            place.markdown(":gray[nothing]")
        st.caption(safe(f"{turn.model}: {turn.ended}"))
    return turn


def ended(count: int, most: int) -> str:
    """How an answer came to its end."""
    if count < most:
        return f"stopped by itself, with the end token, after {count_of(count, 'token')}"
    return f"did not stop, and was cut after {count_of(most, 'token')}"


def fields(here: Here, setting: Setting) -> None:
    """Where a person writes; what is refused stays there."""
    left, right = st.columns([1.6, 1], gap="medium")
    left.text_area("Instruction", key="instructions_say", height=80, persist_state="session")
    right.text_input("Input, if it has one", key="instructions_about", persist_state="session")
    with right:
        st.slider("Tokens at most", 4, 64, 24, 4, key="instructions_most", **ui.KEEP)
    with st.container(horizontal=True):
        st.button(
            "Send",
            icon=":material/send:",
            key="instructions_send",
            on_click=send,
            args=(here, setting.template),
        )
        st.button("Clear", icon=":material/delete_sweep:", key="instructions_clear", on_click=clear)
    if problem := state.said("instructions_chat"):
        st.warning(safe(problem), icon=":material/edit:")


def send(here: Here, template: Template) -> None:
    """The button: take what was written, or say in one sentence why not, and leave it where it is."""
    written = state.controls("instructions_")
    asked, given = written.get("say", ""), written.get("about", "")
    try:
        check(asked, given)
        encode_prompt(asked, given, template, here.tokenizer, here.config.context_length)
    except ValueError as error:
        state.say("instructions_chat", f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return
    state.note(PENDING, (asked, given))
    state.note("instructions_last", [asked, given])
    state.set_control("instructions_say", "")
    state.set_control("instructions_about", "")


def check(asked: str, given: str) -> None:
    """Refuse, before a tokenizer reads it, what is far too long for any model here."""
    size = len(asked) + len(given)
    if size > LONGEST:
        raise ValueError(f"the instruction has {size:,} characters, and {LONGEST:,} is the most: shorten it")


def clear() -> None:
    """Begin anew."""
    state.note(HISTORY, None)
    state.note(PENDING, None)
    state.note("instructions_last", None)


def most_tokens() -> int:
    """How long an answer may be."""
    return state.controls("instructions_").get("most", 24)


def last_asked() -> Sequence[str]:
    """What was asked last."""
    return state.noted("instructions_last") or FIRST


def numbers(here: Here, template: Template, asked: str, given: str) -> dict[str, object]:
    """What the lesson's sentences are filled with: what the model reads before it answers."""
    prompt = encode_prompt(asked, given, template, here.tokenizer, here.config.context_length)
    return {
        "prompt": len(prompt),
        "context": here.config.context_length,
        "room": here.config.context_length - len(prompt),
    }
