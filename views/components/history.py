"""One entry of the browser's history for each page: see assets/components/history.js."""

from views.components.mounting import renderer


def history() -> None:
    """Nothing to see; once in the frame of every page."""
    renderer("history", "<div hidden></div>")(key="history")
