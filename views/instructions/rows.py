"""The coloured sequence: what is read, what must be said next, and which of it costs anything."""

from collections.abc import Sequence

import streamlit as st

from core.instruct import encode_item, end_token
from core.instructions import Item
from core.token_roles import ANSWER, END, FILLING, PROMPT, Row, learned_count, role_counts, role_rows
from core.tokenizer import Tokenizer
from views import next_token, ui
from views.components.sequence import sequence
from views.here import Here
from views.instructions.controls import Setting, item_pickers, setting
from views.phrases import count_of
from views.tables import sequences
from views.text import percent, safe


def draw_sequence(here: Here, made: Setting | None) -> dict[str, object]:
    """The items to choose from and the rows they become; as a run has `made` them, or as one chooses here."""
    places = st.columns([0.85, 0.85, 1.2, 1.1], gap="medium", vertical_alignment="bottom")
    items = item_pickers(places)
    return draw_rows(here, items, made or setting(places[2:]))


def draw_rows(here: Here, items: Sequence[Item], chosen: Setting) -> dict[str, object]:
    """One batch: its first row, and the shortest and the longest. ValueError if it cannot be read."""
    chosen.note()
    rows = rows_of(here.tokenizer, items, chosen, here.config.context_length)
    st.markdown(item_sentence(items[0]))
    told, key = rows_sentence(rows, chosen), "instructions_rows"
    shown = [rows[0], *ends_of(rows[1:])]
    drawn = [(next_token.pieces(here.tokenizer, row.ids), row) for row in shown]
    sequence(drawn, rows, key=key, label=f"{len(shown)} rows of a batch. {told}")
    ui.below(key, lambda: sequences.batch(drawn), told, large=True)
    return numbers(rows)


def ends_of(rows: Sequence[Row]) -> list[Row]:
    """The row that is filled up most, and the one that is filled up least."""
    by_length = sorted(rows, key=lambda row: row.roles.count(FILLING))
    return [by_length[-1], by_length[0]]


def rows_of(tokenizer: Tokenizer, items: Sequence[Item], chosen: Setting, longest: int) -> list[Row]:
    """The items as rows of ids, filled up to one length, with what each token is."""
    end_id = end_token(tokenizer)
    examples = [encode_item(item, chosen.template, tokenizer, longest) for item in items]
    return role_rows(examples, end_id, mask_prompt=chosen.mask_prompt, end_in_targets=chosen.end_in_targets)


def item_sentence(item: Item) -> str:
    """The first row in words."""
    asked = f"**{safe(item.instruction)}** {safe(item.input)}".strip()
    return f"First row: {asked} :material/arrow_forward: **{safe(item.response)}**"


def rows_sentence(rows: Sequence[Row], chosen: Setting) -> str:
    """How many targets count, and what is not learned therefore."""
    counted, targets = learned_count(rows), sum(len(row.targets) for row in rows)
    share = percent(counted / targets)
    said = (
        f"In this batch of {count_of(len(rows), 'row')} {counted} of "
        f"{count_of(targets, 'target')} count ({share})."
    )
    if not chosen.end_in_targets:
        return f"{said} No end token is among them: nothing teaches the model to stop."
    if chosen.mask_prompt:
        return (
            f"{said} The model is not asked to foretell the prompt: only answers and their ends are learned."
        )
    return f"{said} The prompt counts too: much of the loss is about how questions are put."


def numbers(rows: Sequence[Row]) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    counts = role_counts(rows)
    targets = sum(counts.values())
    told = {"rows": len(rows), "targets": targets, "learned": learned_count(rows)}
    asks = counts[PROMPT] > counts[ANSWER] + counts[END]
    told["asks"] = "If the prompt counts too, most of what is learned is how people ask." if asks else ""
    return told | counts | {"answer_share": percent(counts[ANSWER] / targets)}
