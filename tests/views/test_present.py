"""The link to what is on the screen: whom it reaches, and as a picture for telephones."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from views.present import HERE_ALONE, is_of_this_computer

SCRIPT = "from views.present import link; link({address!r})"


@pytest.mark.parametrize(
    ("address", "alone"),
    [
        ("http://localhost:8501/attention?layer=1", True),
        ("http://127.0.0.1:8501/", True),
        ("http://127.8.0.1/", True),
        ("http://[::1]:8501/", True),
        ("http://192.168.1.20:8501/", False),
        ("http://glassbox.school.example/", False),
        ("http://localhost.school.example/", False),
    ],
)
def test_an_address_of_this_computer_is_known(address: str, alone: bool):
    assert is_of_this_computer(address) is alone
    page = AppTest.from_string(SCRIPT.format(address=address)).run()
    assert not page.exception
    assert [one.value for one in page.warning] == [HERE_ALONE] * alone
    kinds = [element.type for element in page.main.children.values()]
    assert kinds[2:] == (["warning"] if alone else ["image"]), kinds  # no telephone can open the former
    assert page.code[0].value == address


def test_every_way_to_another_page_names_its_file_from_the_root():
    """Streamlit looks for other names beside the main script, where no page is."""
    root = Path(__file__).parents[2]
    sources = [path.read_text() for room in ("views", "pages") for path in (root / room).rglob("*.py")]
    targets = re.findall(r"(?:switch_page|page_link)\(\s*(\w+)", "\n".join(sources))
    assert len(targets) > 6
    assert set(targets) == {"file_of"}
