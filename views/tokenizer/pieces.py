"""The prompt as the tokens of one encoding, with the model's own token marked, and ids back to text."""

import streamlit as st

from core.pieces import Piece
from core.tokenizer import BytePairTokenizer
from views import components, state, ui
from views.figures.base import visible
from views.figures.tokens import token_counts
from views.here import Here
from views.phrases import count_of, phrase
from views.tables.tokens import tokens
from views.text import prose, safe
from views.tokenizer.encodings import LARGE, NAMES, Encoded, all_encodings, decoded, in_each
from views.turns import busy
from views.vocabulary import piece_name

WORDS, IDS = "words", "tokenizer_ids"
LONGEST_IDS = 1000  # characters


def controls() -> tuple[str, dict[str, object]]:
    """Which encoding, and the switch that it has."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = state.choice(
            st.segmented_control,
            "Encoding",
            NAMES,
            default="GPT-2",
            required=True,
            key="tokenizer_encoding",
            **ui.KEEP,
        )
        unknown = special = False
        if name == WORDS:
            unknown = st.toggle("Add <|unk|>", key="tokenizer_unknown", **ui.KEEP)
        elif name != "characters":
            special = st.toggle("Read <|endoftext|>", key="tokenizer_special", **ui.KEEP)
        large = list(LARGE) if compare() else [name]
    return name, {"unknown": unknown, "special": special, "large": large}


def compare() -> bool:
    """Whether the large vocabularies are asked for; each view has this switch."""
    return st.toggle("Compare GPT-4 and GPT-4o", key="tokenizer_large", **ui.KEEP)


def found_in(here: Here, text: str, options: dict[str, object]) -> dict[str, Encoded]:
    """The text in every encoding; a large one takes a second or two, once."""
    with busy(phrase("tokenizer", "building")):
        return all_encodings(here, text, **options)


def chips(here: Here, text: str, chosen: Encoded) -> None:
    """The text's tokens, or why there are none; the one that starts where the linked token does is marked."""
    if not text:
        st.info(phrase("tokenizer", "empty"), icon=":material/edit:")
        return
    if chosen.problem:
        st.warning(safe(chosen.problem), icon=":material/block:")
        return
    marked = at_character(chosen.pieces, linked_start(here, text))
    components.token_chips(
        chosen.pieces,
        picked=marked,
        key="tokenizer_chips",
        label=f"The prompt as {count_of(len(chosen.pieces), 'token')}",
        on_pick=lambda place: link(here, text, chosen.pieces[place].start),
    )
    ui.below("tokenizer_chips", lambda: tokens(chosen.pieces), told(chosen.pieces, marked), large=True)


def told(pieces: tuple[Piece, ...], place: int | None) -> str:
    """One token with its number and bytes."""
    if place is None:
        return phrase("tokenizer", "click")
    piece = pieces[place]
    size = len(piece.bytes)
    raw = piece.bytes.hex(" ") if size <= 24 else piece.bytes[:24].hex(" ") + " …"
    name = safe(visible(piece_name(piece)))
    where = {"place": place, "all": len(pieces), "id": piece.id}
    return phrase("tokenizer", "token", count=size, name=name, raw=raw, **where)


def size(chosen: Encoded, text: str) -> None:
    """How many tokens and characters, and of how many tokens they were chosen."""
    told = {"count": len(chosen.pieces), "vocabulary": chosen.tokenizer.vocab_size, "characters": len(text)}
    st.caption(phrase("tokenizer", "size", **told))


def linked_start(here: Here, text: str) -> int | None:
    """The character at which the linked token begins, if the model reads the text as it was written."""
    return here.prompt.pieces[here.token].start if here.prompt.pieces and here.prompt.text == text else None


def at_character(pieces: tuple[Piece, ...], character: int | None) -> int | None:
    """The first token that touches a character; None if none does."""
    places = (i for i, piece in enumerate(pieces) if character is not None and piece.end > character)
    return next(places, None)


def link(here: Here, text: str, character: int) -> None:
    """A click: everybody looks at the model's own token at this character."""
    if here.prompt.text == text and (place := at_character(here.prompt.pieces, character)) is not None:
        state.pick_token(place)


def back_to_text(chosen: Encoded) -> None:
    """Token ids, written by hand, as text."""
    left, right = st.columns(2, vertical_alignment="center")
    ids = " ".join(str(piece.id) for piece in chosen.pieces[:40])
    if state.took_over(IDS, ids):
        state.set_control(IDS, ids)
    label = "And back: token ids to text"
    written = left.text_input(label, ids, LONGEST_IDS, IDS, placeholder="15496 11 995", **ui.KEEP)
    if written.strip():
        try:
            right.markdown(f"→ {prose(decoded(chosen.tokenizer, written))}")
        except ValueError as error:
            right.warning(safe(str(error)), icon=":material/block:")


def show_counts(found: dict[str, Encoded], text: str) -> None:
    """What the same text costs in each encoding."""
    counts = {encoding: len(one.pieces) for encoding, one in found.items()}
    drawn = token_counts(list(counts), list(counts.values()), len(text), ui.palette())
    ui.figure(drawn, key="tokenizer_counts", alt=in_each(counts))


def numbers(found: dict[str, Encoded], text: str) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    pairs = [one for one in found.values() if isinstance(one.tokenizer, BytePairTokenizer)]
    parts = sum("\ufffd" in piece.text for piece in pairs[0].pieces)
    own = found["this model's"]
    return {
        "tokens": len(found["GPT-2"].pieces),
        "own": len(own.pieces),
        "characters": len(text),
        "bytes": len(text.encode()),
        "parts": parts,
        "parts_of_characters": phrase("tokenizer", "parts_of_characters", parts=parts) if parts else None,
        "own_vocabulary": phrase("tokenizer", "own_refuses" if own.problem else "own", count=len(own.pieces)),
    }
