"""A vocabulary while it is learned: the race of the pairs, what the text costs, and how a word is built."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.bpe import Pair, Race, apply_merges, split_words
from core.library import library, read_text
from core.pieces import Piece, byte_pieces
from views import state, ui
from views.cache.merging import races_of
from views.components.pair_race import pair_race
from views.figures.base import visible
from views.phrases import phrase
from views.tables.tokens import race
from views.text import safe

MOST = 400  # merges to step through
SHOWN = 420  # characters of the text on screen
STEP = "tokenizer_merges"


@dataclass(frozen=True)
class Learned:
    """A vocabulary after some merges."""

    corpus: str
    races: list[Race]  # before each merge, and after the last
    step: int  # merges that were made

    @property
    def merges(self) -> list[Pair]:
        """The pairs that were glued so far, in order."""
        return [race.pairs[0][0] for race in self.races[: self.step]]

    @property
    def pairs(self) -> list[tuple[Pair, int]]:
        """The pairs that are the most frequent now."""
        return self.races[self.step].pairs

    @property
    def made(self) -> bytes | None:
        """The newest token."""
        return b"".join(self.merges[-1]) if self.step else None


def learned() -> Learned:
    """The controls: which text, and how many merges, by slider or one by one."""
    left, middle, back, on = st.columns([1.5, 2.2, 0.6, 0.7], vertical_alignment="bottom", gap="small")
    corpus = state.choice(
        left.selectbox,
        "Learn from",
        list(library()),
        format_func=lambda key: library()[key].label,
        key="tokenizer_corpus",
        **ui.KEEP,
    )
    races = races_of(corpus, MOST)
    last = len(races) - 1  # fewer than MOST if the text runs out of pairs
    with middle:
        step = min(st.slider("Merges learned", 0, MOST, 40, key=STEP, **ui.KEEP), last)
    for place, name, icon, to in (
        (back, "Back", "arrow_back", step - 1),
        (on, "Merge", "arrow_forward", step + 1),
    ):
        place.button(
            name,
            icon=f":material/{icon}:",
            key=f"tokenizer_{name.lower()}",
            disabled=not 0 <= to <= last,
            on_click=state.set_control,
            args=(STEP, to),
            width="stretch",
        )
    return Learned(corpus, races, step)


def show_race(now: Learned) -> None:
    """The text as its tokens are now, with the pair lit that is glued next."""
    text, start = passage(now)
    pieces = split_with(text, now.merges)
    sentence = step_sentence(now)
    st.markdown(sentence)
    pair_race(
        pieces,
        now.pairs,
        [pair_places(text, now.merges, pair) for pair, _ in now.pairs],
        made=now.made,
        curve=compression(now),
        step=now.step,
        told=told(now),
        on_pick=lambda step: state.set_control(STEP, step),
        key="tokenizer_race",
        label=f"The text after {now.step} merges, with its most frequent pair lit",
    )
    caption = phrase("tokenizer", "passage", title=library()[now.corpus].title, start=start)
    ui.below("tokenizer_race", lambda: race(now.pairs, compression(now)), caption)


def told(now: Learned) -> str:
    """What the whole text costs, in a sentence."""
    curve = compression(now)
    each = curve[0] / max(1, curve[now.step])
    return phrase("tokenizer", "cost", step=now.step, now=curve[now.step], first=curve[0], bytes=each)


def split_with(text: str, merges: Sequence[Pair]) -> list[Piece]:
    """The text's pieces after these merges; an id is a byte's value, or 256 plus the merge's number."""
    ids = {bytes([value]): value for value in range(256)} | {
        a + b: 256 + i for i, (a, b) in enumerate(merges)
    }
    tokens = [part for word in split_words(text) for part in apply_merges(word.encode(), merges)]
    return byte_pieces(text, [ids[token] for token in tokens], tokens)


def pair_places(text: str, merges: Sequence[Pair], pair: Pair) -> list[int]:
    """Where a pair stands among the text's tokens, by its first token; it never reaches over two words."""
    places: list[int] = []
    at = 0
    for word in split_words(text):
        tokens = apply_merges(word.encode(), merges)
        free = 0
        for place in range(len(tokens) - 1):
            if place >= free and (tokens[place], tokens[place + 1]) == pair:
                places.append(at + place)
                free = place + 2
        at += len(tokens)
    return places


def passage(now: Learned) -> tuple[str, int]:
    """The beginning of the text, or a later part if the pair that is next does not stand there; its place."""
    text = read_text(now.corpus)
    if not now.pairs or pair_places(text[:SHOWN], now.merges, now.pairs[0][0]):
        return text[:SHOWN], 0
    wanted = b"".join(now.pairs[0][0]).decode("utf-8", "replace")
    found = text.find(wanted, SHOWN)
    while found >= 0:
        start = text.rfind("\n", 0, found) + 1 if found - text.rfind("\n", 0, found) < SHOWN // 2 else found
        if pair_places(text[start : start + SHOWN], now.merges, now.pairs[0][0]):
            return text[start : start + SHOWN], start
        found = text.find(wanted, found + 1)
    return text[:SHOWN], 0


def compression(now: Learned) -> list[int]:
    """Tokens that the text needs after 0, 1, 2, ... merges."""
    return [race.tokens for race in now.races]


def step_sentence(now: Learned) -> str:
    """Which pair is glued next, how often it stands there, and the number of the new token."""
    if not now.pairs:
        return phrase("tokenizer", "race_over", step=now.step)
    pair, count = now.pairs[0]
    names = zip(("left", "right", "both"), map(name_of, (*pair, b"".join(pair))), strict=True)
    numbers = {"step": now.step, "next": now.step + 1, "count": count, "token": 256 + now.step}
    return phrase("tokenizer", "race", **dict(names), **numbers)


def name_of(token: bytes) -> str:
    """A token as markdown."""
    return safe(visible(token.decode("utf-8", "replace")))


def numbers(now: Learned) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    curve = compression(now)
    merges = len(curve) - 1
    ten = min(10, merges)
    newest = visible(now.made.decode("utf-8", "replace")) if now.made else ""
    return {
        "step": now.step,
        "size": 256 + now.step,
        "all": merges,
        "ten": ten,
        "first": curve[0] - curve[ten],
        "last": curve[merges - ten] - curve[-1],
        "bytes": curve[0],
        "tokens": curve[now.step],
        "newest_token": phrase("tokenizer", "newest", token=newest) if newest else "",
    }
