"""The cache on and off: the same ids, the speed of each here and now, and the work and memory counted."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.cache_savings import Writing, kept_bytes, timed_writing, work_of_next_token
from views import cache, components, next_token, state, ui
from views.figures.savings import work_lines
from views.here import Here
from views.look import Sampling, tap_of
from views.phrases import count_of
from views.sampling.controls import in_words
from views.tables.tokens import tokens
from views.text import safe

COUNTS = (10, 30, 60)
POINTS = 120  # of a line
MEASURED = "sampling_measured"
SAME, DIFFERENT = "Both wrote the same ids", "The ids differ, as rounding has tipped a close draw"


@dataclass(frozen=True)
class Measured:
    """The same text written twice."""

    of: tuple  # the look, the prompt and the number of tokens
    settings: Sampling
    kept: Writing
    again: Writing  # without the cache

    @property
    def same(self) -> bool:
        """Whether both ways gave the same ids."""
        return self.kept.ids == self.again.ids


def savings(here: Here, settings: Sampling) -> dict[str, object]:
    """Measure once, show, and count; returns what the lesson is filled with."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        count = state.choice(
            st.segmented_control,
            "Tokens to write",
            COUNTS,
            default=COUNTS[1],
            required=True,
            key="sampling_timed",
            **ui.KEEP,
        )
        st.button(
            "Measure again",
            icon=":material/timer:",
            key="sampling_measure",
            on_click=state.note,
            args=(MEASURED, None),
        )
    found = measured(here, settings, count)
    speeds, lines = st.columns([1, 1.3], gap="large")
    with speeds:
        show_speeds(here, found, settings)
    with lines:
        sentence = show_work(here, len(found.kept.ids))
    return numbers(here, found, sentence)


def measured(here: Here, settings: Sampling, count: int) -> Measured:
    """What was measured for this person last; measured now, if it was of something else."""
    of = (here.look, here.prompt.ids, count)
    before = state.noted(MEASURED)
    if isinstance(before, Measured) and before.of == of:
        return before
    found = Measured(of, settings, *(timed(here, settings, count, kept) for kept in (True, False)))
    state.note(MEASURED, found)
    return found


def timed(here: Here, settings: Sampling, count: int, use_cache: bool) -> Writing:
    """One of the two ways, by the clock."""
    model = cache.model_of(here.look)
    how = {"temperature": settings.temperature, "top_k": settings.top_k, "top_p": settings.top_p}
    tap = tap_of(model, here.look)
    return timed_writing(
        model, here.prompt.ids, count, use_cache=use_cache, seed=settings.seed, tap=tap, **how
    )


def keeps(here: Here) -> bool:
    """Whether anything can be kept: not where tokens see the future, and not under edits."""
    return cache.model_of(here.look).config.causal and not here.look.edits


def show_speeds(here: Here, found: Measured, settings: Sampling) -> None:
    """Tokens a second, the ids, and whether they are the same."""
    ratio = found.kept.speed / found.again.speed
    with st.container(horizontal=True, gap="large"):
        st.metric("with cache", f"{found.kept.speed:,.0f} tokens/s", f"{ratio:.1f} × as fast")
        st.metric("without", f"{found.again.speed:,.0f} tokens/s")
    st.caption(
        f"Measured now on this server, with {count_of(len(found.kept.ids), 'token')} at "
        f"{safe(in_words(found.settings))}."
        + (
            ""
            if found.settings == settings
            else " How tokens are drawn hardly changes the speed: measure again."
        )
    )
    if not keeps(here):
        st.info(
            "Nothing can be kept here: with edits, or where tokens see the future, each new token may "
            "change what was computed before. Take the edits back to see the cache at work.",
            icon=":material/info:",
        )
    same = SAME if found.same else DIFFERENT
    st.markdown(f":material/{'check' if found.same else 'warning'}: {same}:")
    pieces = next_token.pieces(here.tokenizer, found.kept.ids)
    components.token_chips(pieces, key="sampling_ids", label=f"{same}; these are the tokens")
    ui.below("sampling_ids", lambda: tokens(pieces))


def show_work(here: Here, count: int) -> str:
    """The work of the next token by length, counted; returns what is to be seen."""
    config, start = here.config, len(here.prompt.ids)
    last = int(1.2 * config.context_length) + 1
    lengths = np.unique(np.linspace(1, last, POINTS).astype(int))
    lengths = np.unique(np.append(lengths, [config.context_length, config.context_length + 1]))
    without, with_cache = (
        np.array([work_of_next_token(config, int(length), kept) for length in lengths], dtype=float)
        for kept in (False, True)
    )
    times = work_of_next_token(config, start, False) / work_of_next_token(config, start, True)
    sentence = (
        f"After {count_of(start, 'token')} the next one takes {times:.0f} times the work without the "
        "cache. Grey: "
        "what was written here. Past the context every position moves, and nothing that was kept holds."
    )
    ui.figure(
        work_lines(lengths, without, with_cache, (start, start + count), config.context_length, ui.palette()),
        key="sampling_work",
        alt=sentence,
        caption=sentence,
    )
    return sentence


def numbers(here: Here, found: Measured, sentence: str) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    config, total = here.config, len(here.prompt.ids) + len(found.kept.ids)
    return {
        "same": SAME if found.same else DIFFERENT,
        "kept_speed": found.kept.speed,
        "speed": found.again.speed,
        "ratio": f"{found.kept.speed / found.again.speed:.1f}",
        "work": sentence,
        "one": kept_bytes(config, 1),
        "tokens": min(total, config.context_length),
        "now": kept_bytes(config, total) / 2**20,
        "full": kept_bytes(config, config.context_length) / 2**20,
        "context": config.context_length,
        "layers": config.n_layers,
        "width": config.emb_dim,
    }
