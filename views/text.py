"""Text of a person or a model inside our own: numbers for reading, and signs that stay signs."""

import math
import re

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
CONTROLS = {n: f"\\x{n:02x}" for n in (*range(32), 127) if chr(n) not in "\n\t"}
JOINER = "\u2060"
LINKS = re.compile(r"(?i)(?<=http)(?=\\:)|(?<=https)(?=\\:)|(?<=www)(?=\\\.)|(?=@)")  # in escaped text
COMMANDS = frozenset(r"\`*_{}[]()#+-.!|~$<>:&^/")  # what markdown, LaTeX, emoji and icon codes are made of


def safe(text: str) -> str:
    """The text with every sign escaped that markdown would take as a command.

    Signs of two, as arrows, Streamlit's logo, and addresses, of which its browser side makes links even where
    they are escaped, are pulled apart by a joiner without width.
    """
    escaped = "".join(f"\\{sign}" if sign in COMMANDS else sign for sign in text)
    without_logo = escaped.replace("streamlit\\:", f"streamlit{JOINER}\\:")
    without_links = LINKS.sub(JOINER, without_logo)
    return re.sub(r"(\\[-<>~])(?=\\[-<>]|=)", rf"\1{JOINER}", without_links)


def prose(text: str) -> str:
    """Safe text that keeps its line breaks; other control characters, which no font has, as signs."""
    return safe(text.translate(CONTROLS)).replace("\n", "  \n")


def percent(share: float) -> str:
    """A share of 1 as people read it: 14%, 0.3%, under 0.1%."""
    if 0 < share < 0.001:
        return "under 0.1%"
    return f"{share:.1%}" if 0 < share < 0.1 or 0.995 <= share < 1 else f"{share:.0%}"


def power_of_ten(value: float) -> str:
    """A very small or large number as books write it: 2.02·10⁻⁴."""
    digits, power = f"{value:.2e}".split("e")
    return f"{digits}·10{str(int(power)).translate(RAISED)}"


def shown(value: object) -> str:
    """A number as people read it; anything else as safe text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return safe(str(value))
    if isinstance(value, int):
        return f"{value:,}"
    if value != 0 and (abs(value) < 1e-3 or abs(value) >= 1e5) and math.isfinite(value):
        return power_of_ten(value)
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
