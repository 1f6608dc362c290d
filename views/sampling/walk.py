"""Where a person stands in the text that the model writes, and how they go on, force a token, or go back."""

from dataclasses import dataclass

import streamlit as st

from core.branches import Path, grown
from core.tokenizer import END_OF_TEXT, Tokenizer
from views import state
from views.cache import sampling as cache
from views.here import Here
from views.look import Ids, Sampling
from views.prompt import read_prompt
from views.state.path import MOST
from views.text import safe

WRITTEN = "sampling_written"  # a Try button's wish: so many tokens, from the prompt on
FORCED = "sampling_forced"
OF, TREE = "sampling_of", "sampling_tree"


@dataclass(frozen=True)
class Walk:
    """A path of tokens after the prompt, and all branches that were gone so far."""

    here: Here
    settings: Sampling
    path: Path
    branches: tuple[Path, ...]
    gone: int = 0  # branches that were let go just now

    @property
    def ids(self) -> Ids:
        """What the model reads: at most its context."""
        return (*self.here.prompt.ids, *self.path)[-self.here.config.context_length :]

    @property
    def full(self) -> bool:
        """Whether nothing more can be written."""
        return len(self.path) >= MOST

    def longer(self, path: Path, count: int) -> Path:
        """The path with so many drawn tokens more."""
        count = min(count, MOST - len(path))
        drawn = cache.onward(self.here.look, self.here.prompt.ids, path, count, self.settings)
        return (*path, *drawn)

    def by_itself(self, path: Path) -> Path:
        """The path with one token more, or as it is where a text has ended."""
        ended = path[-1:] == (end_of_text(self.here.tokenizer),)
        return path if ended else self.longer(path, 1)


def walk(here: Here, settings: Sampling) -> Walk:
    """The walk so far; the address may hold a path of another model, or nonsense."""
    path = checked_path(here)
    if wanted := state.counted(WRITTEN, MOST):
        state.set_control(WRITTEN, 0)
        arrive(Walk(here, settings, (), ()).longer((), wanted))
    if sentence := state.said("sampling"):
        st.info(safe(sentence), icon=":material/info:")
    branches, gone = grown(state.noted(TREE) or (), path, MOST)
    state.note(TREE, branches)
    return Walk(here, settings, path, branches, gone)


def checked_path(here: Here) -> Path:
    """The path of the address, if it belongs to this prompt and this vocabulary."""
    path, known = state.written(), here.config.vocab_size
    of = (here.prompt.ids, type(here.tokenizer).__name__, here.tokenizer.name, known)
    before = state.noted(OF)
    state.note(OF, of)
    if before not in (None, of):
        state.note(TREE, ())
        if path:
            what = "prompt" if before[1:] == of[1:] else "vocabulary"
            state.say("sampling", f"What was written belonged to another {what}: the text begins again.")
            arrive(())
    strangers = [place for place, token in enumerate(path) if token >= known]
    if strangers:
        state.say(
            "sampling",
            f"The address names token {path[strangers[0]]:,}, and this model has {known:,}: the text is kept "
            "up to there. Go on from it, or start again.",
        )
        arrive(path[: strangers[0]])
    return path


def arrive(path: Path) -> None:
    """Be there, with the address saying so."""
    state.go_to_path(path)
    st.rerun()


def end_of_text(tokenizer: Tokenizer) -> int | None:
    """The token that ends a text, if there is one."""
    try:
        ids = tokenizer.encode(END_OF_TEXT, special=True)
        return ids[0] if len(ids) == 1 and tokenizer.decode(ids) == END_OF_TEXT else None
    except ValueError:
        return None


def buttons(now: Walk) -> None:
    """One token, ten, by itself, and from the beginning."""
    with st.container(horizontal=True, gap="small"):
        for count, label, icon in ((1, "Next", "skip_next"), (10, "10 more", "fast_forward")):
            st.button(
                label,
                icon=f":material/{icon}:",
                on_click=lambda count=count: state.set_path(now.longer(now.path, count)),
                key=f"sampling_{count}",
                disabled=now.full,
            )
        runs = state.running()
        st.button(
            "Hold" if runs else "Auto",
            icon=":material/pause:" if runs else ":material/play_arrow:",
            on_click=state.run_or_hold,
            key="sampling_auto",
            disabled=now.full and not runs,
        )
        st.button("Restart", icon=":material/replay:", on_click=start_again, key="sampling_0")


def start_again() -> None:
    """Back to the prompt, without any branch."""
    state.note(TREE, ())
    state.set_path(())


def force(now: Walk, tokens: Ids) -> None:
    """Go on with these tokens, whatever the model thinks of them."""
    state.set_path((*now.path, *tokens)[:MOST])


def words_field(now: Walk) -> None:
    """A field for words of one's own, which are forced upon the model."""

    def written() -> None:
        own = read_prompt(str(state.control(FORCED)), now.here.tokenizer, now.here.config.context_length)
        state.set_control(FORCED, "")
        if own.notices:
            state.say("sampling", " ".join(own.notices))
        force(now, own.ids)

    st.text_input(
        "Force your own words",
        key=FORCED,
        placeholder="Force your own words",
        label_visibility="collapsed",
        help="A new word begins with a space",
        max_chars=200,
        on_change=written,
        disabled=now.full,
    )
