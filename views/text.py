"""Text of a person or a model inside our own: numbers for reading, and signs that stay signs."""

import math

COMMANDS = frozenset(r"\`*_{}[]()#+-.!|~$<>:&^")  # what markdown, LaTeX, emoji and icon codes are made of


def safe(text: str) -> str:
    """The text with every sign escaped that markdown would take as a command."""
    return "".join(f"\\{sign}" if sign in COMMANDS else sign for sign in text)


def prose(text: str) -> str:
    """Safe text that keeps its line breaks."""
    return safe(text).replace("\n", "  \n")


def shown(value: object) -> str:
    """A number as people read it; anything else as safe text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return safe(str(value))
    if isinstance(value, int):
        return f"{value:,}"
    if value != 0 and (abs(value) < 1e-3 or abs(value) >= 1e5) and math.isfinite(value):
        return f"{value:.2e}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
