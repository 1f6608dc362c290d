"""The kinds of settings: how the text of an environment variable becomes a value, and what is allowed."""

import math
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from typing import Any

GIB = 2**30
SECRET = 16  # characters, at least
SWITCH = {"1": True, "true": True, "yes": True, "on": True} | {
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def setting(default: object, unit: str, meaning: str, allowed: str, read: Callable, shown: str, **how) -> Any:
    """One field: `read` makes its value of a text, or raises ValueError; `shown` is the default in words."""
    told = {"unit": unit, "meaning": meaning, "allowed": allowed, "read": read, "shown": shown}
    return field(default=default, metadata=told, **how)


def number(default: float, unit: str, meaning: str, *, at_least: float = 0.0) -> Any:
    """A number, written 600, 1e14 or inf."""
    allowed = f"a number of at least {at_least:g}"
    return setting(
        default, unit, meaning, allowed, bounded(float, at_least), f"{default:g}".replace("e+", "e")
    )


def whole(default: int, unit: str, meaning: str, *, at_least: int = 1, shown: str = "") -> Any:
    """A whole number; 4e9 is one, too."""
    allowed = f"a whole number of at least {at_least}"
    return setting(default, unit, meaning, allowed, bounded(whole_number, at_least), shown or f"{default}")


def size(default: int, meaning: str, shown: str = "") -> Any:
    """A number of bytes."""
    return whole(default, "bytes", meaning, shown=shown or f"{default / GIB:g} GiB")


def switch(default: bool, meaning: str) -> Any:
    """Off or on."""
    return setting(default, "0 or 1", meaning, "0 or 1", lambda text: SWITCH[text.lower()], f"{default:d}")


def choice(default: str, others: tuple[str, ...], meaning: str) -> Any:
    """One of a few words."""
    all_ = (default, *others)
    return setting(
        default,
        " or ".join(all_),
        meaning,
        f"one of {', '.join(all_)}",
        lambda text: all_[all_.index(text)],
        default,
    )


def text(unit: str, meaning: str, shown: str = "none") -> Any:
    """A text as it is."""
    return setting("", unit, meaning, "any text", str, shown)


def several(unit: str, meaning: str, shown: str = "none") -> Any:
    """Texts with commas between them: a tuple."""
    return setting((), unit, meaning, "texts with commas between them", parts_of, shown)


def folder(meaning: str, shown: str) -> Any:
    """The path of a folder; ~ is the user's home."""
    return setting(
        None, "folder", meaning, "the path of a folder", lambda path: Path(path).expanduser(), shown
    )


def secret(meaning: str, shown: str) -> Any:
    """A password: no message and no log shows it."""
    return setting("", "text", meaning, f"{SECRET} characters or more", long_enough, shown, repr=False)


def whole_number(given: str) -> int:
    """A text as an int. ValueError for a fraction."""
    if given.lstrip("+-").isdecimal():
        return int(given)
    if not float(given).is_integer():
        raise ValueError(given)
    return int(float(given))


def bounded(read: Callable[[str], float], least: float) -> Callable[[str], float]:
    """A reader that raises ValueError for less than `least`, and for nan."""

    def checked(given: str) -> float:
        value = read(given)
        if math.isnan(value) or value < least:
            raise ValueError(given)
        return value

    return checked


def parts_of(given: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(part.strip() for part in given.split(",") if part.strip())


def long_enough(given: str) -> str:
    """A secret as it is. ValueError for one that can be guessed."""
    if len(given) < SECRET:
        raise ValueError
    return given
