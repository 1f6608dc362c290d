"""Take a picture that is on the page home, as PNG or SVG: made in the browser from what is drawn there."""

from collections.abc import Sequence

from views.components.mounting import index_below, mount

SAVE_HTML = '<div class="gb save" role="group"></div>'


def save_buttons(of: str, formats: Sequence[str], *, key: str) -> None:
    """Buttons that save the figure or canvas whose key is `of`: "png" and, for a figure, "svg"."""
    data = {"label": "Save the picture", "of": of, "formats": list(formats)}
    mount("save", data, html=SAVE_HTML, key=key, check=index_below(0), on_pick=None)
