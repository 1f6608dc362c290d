"""Two ways to draw, side by side: the same prompt, the same seed, and what becomes of it."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.repetition import Loop, Repeat, longest_repeat, loop_of, parting
from views import next_token, ui
from views.cache import sampling as cache
from views.components.surprise import surprise
from views.figures.base import visible
from views.here import Here
from views.look import Ids, Sampling
from views.phrases import count_of
from views.sampling.controls import in_words, shaping
from views.tables.tokens import costs
from views.text import safe
from views.vocabulary import token_text

FEWEST, USUAL, MOST = 10, 30, 60


@dataclass(frozen=True)
class Side:
    """One text that was written: its tokens, what each of them cost in bits, and what it repeats."""

    name: str
    settings: Sampling
    ids: Ids
    bits: np.ndarray
    repeat: Repeat
    loop: Loop | None


FROM_THERE = "From there on the two texts have different pasts, and the same dice mean other words."


def sides(here: Here, settings: Sampling) -> dict[str, object]:
    """Write both and show them; returns what the lesson is filled with."""
    places = st.columns(4)
    with places[3]:
        count = st.slider("Tokens", FEWEST, MOST, USUAL, 5, key="sampling_count", **ui.KEEP)
    second = shaping(places[:3], "sampling_b_", " of B", 0.0, settings.seed)
    both = [side(here, name, one, count) for name, one in (("A", settings), ("B", second))]
    at = parting(both[0].ids, both[1].ids)
    for place, one in zip(st.columns(2, gap="medium"), both, strict=True):
        with place:
            draw_side(here, one, at)
    sentence = parting_sentence(here, both, at)
    st.markdown(f":material/alt_route: {safe(sentence)}")
    return numbers(both, sentence)


def side(here: Here, name: str, settings: Sampling, count: int) -> Side:
    """Write one of them, and read it again with the model's own eyes."""
    ids = cache.onward(here.look, here.prompt.ids, (), count, settings)
    bits = cache.surprises_of(here.look, here.prompt.ids, ids) / np.log(2)
    return Side(name, settings, ids, bits, longest_repeat(ids), loop_of(ids))


def draw_side(here: Here, one: Side, at: int | None) -> None:
    """One of the texts, coloured by surprise, with a line where it parts from the other."""
    key, told = f"sampling_side_{one.name}", side_sentence(here, one)
    rows = [(next_token.pieces(here.tokenizer, one.ids), one.bits.tolist())]
    st.markdown(f"**{one.name}**: {safe(in_words(one.settings))}")
    surprise(
        rows,
        most=float(np.log2(here.config.vocab_size)),
        most_name="guessing",
        key=key,
        label=f"Text {one.name}. {told}",
        unit="bits",
        marked=at,
    )
    ui.below(key, lambda: costs(rows, "bits"), safe(told))


def side_sentence(here: Here, one: Side) -> str:
    """How surprising a text is, and whether it says the same again."""
    said = f"{one.bits.mean():.2f} bits a token on average, at most {one.bits.max():.1f}. "
    if one.loop:
        rounds = (len(one.ids) - one.loop.start) / one.loop.period
        period = count_of(one.loop.period, "token")
        said += f"It loops: from token {one.loop.start + 1} on, {period} again and again, "
        said += f"{rounds:.1f} times in all."
    elif one.repeat.length > 1:
        words = next_token.text_of(here.tokenizer, one.ids[one.repeat.first :][: one.repeat.length])
        said += f"No loop; {one.repeat.length} tokens in a row come twice: «{visible(words)}»."
    else:
        said += "No loop, and no two tokens in a row come twice."
    return said


def parting_sentence(here: Here, both: list[Side], at: int | None) -> str:
    """Where the two texts part."""
    if at is None:
        return f"Both texts are the same, {count_of(len(both[0].ids), 'token')} long."
    same = "The first token is" if at == 1 else f"The first {at} tokens are"
    words = [visible(token_text(here.tokenizer, one.ids[at])) for one in both]
    alike = "They part at once" if not at else f"{same} the same; they part at the orange line"
    return f"{alike}: «{words[0]}» in A, «{words[1]}» in B."


def numbers(both: list[Side], sentence: str) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    one, other = both
    return {
        "parting": sentence,
        "from_there": "" if one.ids == other.ids else FROM_THERE,
        "bits_a": float(one.bits.mean()),
        "bits_b": float(other.bits.mean()),
        "loop_a": loop_words(one),
        "loop_b": loop_words(other),
        "repeat_a": count_of(one.repeat.length, "token"),
        "repeat_b": count_of(other.repeat.length, "token"),
    }


def loop_words(one: Side) -> str:
    """Whether a text goes round and round, as a part of a sentence."""
    if one.loop is None:
        return f"no loop in {count_of(len(one.ids), 'token')}"
    return f"a loop of {count_of(one.loop.period, 'token')} from token {one.loop.start + 1} on"
