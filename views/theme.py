"""Colours by role, equal in text, figures and components, light and dark; as in .streamlit/config.toml."""

from dataclasses import dataclass

Scale = list[tuple[float, str]]


def even_scale(colours: list[str]) -> Scale:
    """Colours at equal distances from 0 to 1."""
    return [(i / (len(colours) - 1), colour) for i, colour in enumerate(colours)]


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, each named by what it stands for."""

    text: str
    faint: str  # grid lines, what is cut or masked
    background: str
    query: str
    key: str
    value: str
    residual: str
    train: str
    validation: str
    sequential: Scale  # probability and attention: nothing to much
    diverging: Scale  # signed numbers, centred on 0
    categories: tuple[str, ...]  # things without an order, told apart also by colour-blind eyes
    runs: tuple[str, ...]  # curves of runs that lie over each other, the chosen one first


LIGHT = Palette(
    text="#1F2933",
    faint="#E1E6EB",
    background="#FFFFFF",
    query="#0072B2",
    key="#D55E00",
    value="#009E73",
    residual="#7F8894",
    train="#0072B2",
    validation="#E69F00",
    sequential=even_scale(["#F3F8FC", "#C6DFEF", "#79B6D9", "#2683BC", "#045187", "#033A63"]),
    diverging=even_scale(["#54278F", "#9E82C1", "#F7F7F7", "#EE9D50", "#A84900"]),
    categories=("#0072B2", "#E69F00", "#009E73", "#D55E00", "#7B4FA3", "#56B4E9", "#7F8894"),
    runs=("#0072B2", "#D55E00", "#009E73", "#8B15F7", "#3C2B0E", "#1B1D84"),
)

DARK = Palette(
    text="#E6EAEE",
    faint="#323B45",
    background="#14181D",
    query="#56B4E9",
    key="#FF9A5C",
    value="#4FD1A5",
    residual="#A9B3BD",
    train="#56B4E9",
    validation="#F0B94D",
    sequential=even_scale(["#18222C", "#144058", "#13658F", "#4D98C4", "#A9D1EA", "#DCEEF9"]),
    diverging=even_scale(["#C4A3E8", "#7F63A5", "#262C33", "#A0672B", "#F5AE62"]),
    categories=("#56B4E9", "#F0B94D", "#4FD1A5", "#FF9A5C", "#C4A3E8", "#9AD7F7", "#A9B3BD"),
    runs=("#56B4E9", "#FF9A5C", "#4FD1A5", "#EDEB00", "#A361FB", "#E14D5D"),
)
