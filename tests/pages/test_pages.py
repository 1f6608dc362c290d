"""Every page, with every control at both ends and every kind of text, shows no error."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import FILES, ROOT, open_page, shown_text

TEXTS = {
    "german": "Größere Füße heißen größere Schuhe.",
    "japanese": "吾輩は猫である。名前はまだ無い。",
    "emoji": "👩‍👩‍👧 🇩🇪 é e\u0301 \u202etfel\u202c",
    "code": "def add(a, b):\n\treturn a + b\n",
    "hostile": "<script>alert(1)</script> <img src=x onerror=alert(1)> $x^2$ :material/home: **b**",
    "controls": "a\x00b\x07c\x1bd",
    "half a character": "half \ufffd of one",  # what a browser sends for a lone surrogate
    "one letter": "a",
    "spaces": "   \n\n  ",
    "long": "The old king went into the forest. " * 300,
    "empty": "",
}


def test_every_page_file_is_on_the_road():
    assert sorted(FILES) == sorted(str(path.relative_to(ROOT)) for path in (ROOT / "pages").rglob("*.py"))


@pytest.mark.parametrize("file", FILES)
def test_first_visit_is_whole(file: str):
    page = open_page(file)
    assert not page.exception
    assert len(page.title) == 1
    assert not page.error


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("file", FILES)
def test_any_text_is_shown_or_explained(file: str, kind: str):
    page = open_page(file, prompt=TEXTS[kind])
    assert not page.exception
    assert not page.error
    assert "Traceback" not in shown_text(page)


@pytest.mark.parametrize("file", FILES)
def test_every_control_at_both_ends(file: str):
    page = open_page(file)
    for key in [widget.key for widget in page.slider]:
        for end in ("min", "max"):
            assert_fine(page.slider(key=key).set_value(getattr(page.slider(key=key), end)).run(), key)
    for key in [widget.key for widget in page.toggle]:
        assert_fine(page.toggle(key=key).set_value(not page.toggle(key=key).value).run(), key)
    for key in [widget.key for widget in page.selectbox]:
        assert_fine(page.selectbox(key=key).select_index(len(page.selectbox(key=key).options) - 1).run(), key)
    for key in [widget.key for widget in page.select_slider]:
        slider = page.select_slider(key=key)
        assert_fine(slider.set_value(slider.options[-1]).run(), key)
    for key in [widget.key for widget in page.button if "_try_" in widget.key]:
        assert_fine(page.button(key=key).click().run(), key)


def assert_fine(page: AppTest, key: str) -> None:
    assert not page.exception, f"{key}: {page.exception}"
    assert not page.error, f"{key}: {page.error}"
