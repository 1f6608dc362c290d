"""Anatomy's questions: 163 or 124 million, and why tie."""

from dataclasses import replace

import numpy as np

from core.anatomy import parts_of, tables_share, times
from core.config import GPT2_LARGE, GPT2_MEDIUM, GPT2_SMALL, GPT2_XL, GPTConfig
from core.gpt import parameter_count
from views.cards.card import Card, Outcome
from views.figures.pairs import paired_bars
from views.here import Here
from views.picture import palette
from views.text import percent

MILLION = 1e6
MORE = 0.05  # of all numbers: a share that is larger by so much is larger


def two_counts(here: Here) -> Outcome:
    """GPT-2 small with an output table of its own, and with one table for both ends, part by part."""
    untied, tied = (replace(GPT2_SMALL, tie_weights=tie) for tie in (False, True))
    counts = parameter_count(untied), parameter_count(tied)
    parts = {part.name: part.count * times(part, untied) for part in parts_of(untied)}
    kept = {part.name: part.count * times(part, tied) for part in parts_of(tied)}
    changed = [name for name in parts if parts[name] != kept.get(name, 0)]
    own = [parameter_count(replace(here.config, tie_weights=tie)) for tie in (False, True)]
    return Outcome(
        held=1 if changed == ["output layer"] else 0,
        figure=paired_bars(
            list(parts),
            [np.array([each.get(name, 0) / MILLION for name in parts]) for each in (parts, kept)],
            [f"two tables: {counts[0]:,}", f"one table: {counts[1]:,}"],
            palette(),
            x="learned numbers (millions)",
        ),
        seen=f"{counts[0]:,} and {counts[1]:,} numbers: they differ in the {' and the '.join(changed)}",
        numbers={
            "untied": counts[0],
            "tied": counts[1],
            "gap": counts[0] - counts[1],
            "vocab": GPT2_SMALL.vocab_size,
            "width": GPT2_SMALL.emb_dim,
            "own_untied": own[0],
            "own_tied": own[1],
        },
    )


def saved(config: GPTConfig) -> float:
    """The share of all numbers that one table for both ends saves."""
    untied, tied = (parameter_count(replace(config, tie_weights=tie)) for tie in (False, True))
    return 1 - tied / untied


def who_saves(here: Here) -> Outcome:
    """What tying saves in the chosen model, and in GPT-2's sizes."""
    sizes = {
        "your model": here.config,
        "GPT-2 small": GPT2_SMALL,
        "medium": GPT2_MEDIUM,
        "large": GPT2_LARGE,
        "XL": GPT2_XL,
    }
    shares = np.array([saved(config) for config in sizes.values()])
    tables = np.array([tables_share(replace(config, tie_weights=False)) for config in sizes.values()])
    small, large = float(shares[1]), float(shares[-1])
    return Outcome(
        held=0 if small > large + MORE else 2 if large > small + MORE else 1,
        figure=paired_bars(
            list(sizes),
            [100 * tables, 100 * shares],
            ["in tables of tokens, untied", "saved by tying"],
            palette(),
            x="share of all learned numbers (%)",
        ),
        seen=f"Tying saves {small:.0%} of GPT-2 small, and {large:.0%} of GPT-2 XL",
        numbers={
            "own": percent(float(shares[0])),
            "small": percent(small),
            "large": percent(large),
            "own_tables": percent(float(tables[0])),
            "small_tables": percent(float(tables[1])),
            "large_tables": percent(float(tables[-1])),
        },
    )


CARDS = (Card("two_counts", 14, 1, two_counts), Card("tie", 15, 0, who_saves))
