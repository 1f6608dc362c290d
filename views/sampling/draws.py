"""Many draws of the same next token, against what the probabilities say."""

import numpy as np
import streamlit as st
import torch

from core.draws import Fit, draw_counts, expected_counts, fit_of
from views import next_token, state, ui
from views.figures.base import visible
from views.figures.draws import draw_bars
from views.phrases import count_of
from views.sampling.controls import in_words
from views.sampling.walk import Walk
from views.text import percent, safe

SHOWN = 12  # tokens
OTHERS = "others"  # the last row: all tokens that are not shown
SIZES = (100, 1000, 10000)


def draws(now: Walk) -> dict[str, object]:
    """Draw the token after the path many times; returns what the lesson is filled with."""
    count = state.choice(
        st.segmented_control,
        "Draws",
        SIZES,
        default=SIZES[1],
        required=True,
        format_func="{:,}".format,
        key="sampling_draws",
        **ui.KEEP,
    )
    probs = torch.from_numpy(next_token.probabilities(now.here.look, now.ids, now.settings))
    counts = draw_counts(probs, count, now.settings.seed)
    expected, deviations = expected_counts(probs, count)
    best, names = next_token.likeliest(now.here.tokenizer, probs.numpy(), SHOWN)
    fit = fit_of(counts, probs)
    sentence, legend = fit_sentence(fit, count), "Marks: theory ± 2 deviations; orange bars lie further off."
    rows = [values.numpy()[best] for values in (counts, expected, deviations)]
    names, rows = with_others(names, rows, count)
    ui.figure(
        draw_bars(names, *rows, count, ui.palette()),
        key="sampling_draw_bars",
        alt=f"{sentence} Most often came {visible(names[0])}: {count_of(int(rows[0][0]), 'time')}",
        caption=safe(f"{legend} {sentence} {in_words(now.settings).capitalize()}."),
    )
    return {
        "sentence": sentence,
        "token": visible(names[0]),
        "came": int(rows[0][0]),
        "due": float(rows[1][0]),
        "deviation": float(rows[2][0]),
        "draws": count,
        "different": int((counts > 0).sum()),
        "possible": int((probs > 0).sum()),
        "rare": rare_words(names, rows, count),
    }


def with_others(names: list[str], rows: list[np.ndarray], count: int) -> tuple[list[str], list[np.ndarray]]:
    """One row more for all tokens that are not shown; none if they cannot come."""
    counts, expected, _ = rows
    share = max(0.0, 1 - float(expected.sum()) / count)
    if count * share < 0.01 and counts.sum() == count:
        return names, rows
    deviation = np.sqrt(count * share * (1 - share))
    more = (count - counts.sum(), count * share, deviation)
    return [*names, OTHERS], [np.append(row, one) for row, one in zip(rows, more, strict=True)]


def rare_words(names: list[str], rows: list[np.ndarray], count: int) -> str:
    """How often the tokens that are not shown came, together; nothing where there are none."""
    if names[-1] != OTHERS:
        return ""
    times = count_of(int(rows[0][-1]), "time")
    return f"All that are not in the picture came {times} together, in {count:,} draws."


def fit_sentence(fit: Fit, count: int) -> str:
    """How well the draws agree with theory, in words."""
    if not fit.freedom:
        return "All draws give the same token: nothing is left to chance." if fit.compared else too_few(count)
    return (
        f"{fit.within} of {count_of(fit.compared, 'token')} {'lies' if fit.within == 1 else 'lie'} "
        "within 2 deviations of theory. Chi-square is "
        f"{fit.chi_square:.1f} (about {fit.freedom} is usual): fair dice are at least as far off "
        f"{percent(fit.chance)} of the time."
    )


def too_few(count: int) -> str:
    """Where no token is expected 5 times."""
    return f"{count:,} draws are too few: no token is expected 5 times, so that chance hides everything."
