"""A link names an option by its code or by its label; what no control can be is said, and nothing breaks."""

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import FILES, FRAME, ROOT, shown_text
from views.state.choices import NONE, option_of, same_number

ANATOMY, PRETRAINING = "pages/model/anatomy.py", "pages/training/pretraining.py"
WITH_OPTIONS = {"selectbox", "segmented_control", "pills", "select_slider", "radio", "multiselect"}
TYPED = ("views/tokenizer/word_tree.py", "tokenizer_word")  # accepts any word


def visit(file: str, **address: str | list[str]) -> AppTest:
    """A page as somebody sees it who follows a link."""
    page = AppTest.from_string(FRAME.format(root=ROOT, wanted=file, files=FILES), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def told(page: AppTest) -> str:
    return shown_text(page).replace("\\", "")


@pytest.mark.parametrize("named", ["small", "GPT-2 small"])
def test_a_code_and_a_label_open_the_same(named: str):
    page = visit(ANATOMY, anatomy_preset=named)
    assert page.session_state["anatomy_preset"] == "small"
    assert "163,009,536" in told(page)
    assert "The link asks" not in told(page)
    assert page.query_params["anatomy_preset"] in ("GPT-2 small", ["GPT-2 small"])


def test_codes_of_several_controls_at_once_numbers_and_lists():
    page = visit(
        PRETRAINING,
        pretraining_tokenizer="char",
        pretraining_rate="1e-3",
        pretraining_position="none",
        pretraining_causal="False",
    )
    found = {name: page.session_state[f"pretraining_{name}"] for name in ("tokenizer", "rate", "position")}
    assert found == {"tokenizer": "char", "rate": 1e-3, "position": "none"}
    assert page.session_state["pretraining_causal"] is False
    assert "The link asks" not in told(page)
    page = visit("pages/model/activations.py", activations_curves=["relu", "silu"])
    assert page.session_state["activations_curves"] == ["relu", "silu"]


def test_what_a_control_cannot_be_is_said_until_it_is_moved():
    page = visit(ANATOMY, anatomy_preset="gigantic", anatomy_n_layers="many", layer="99")
    assert page.session_state["anatomy_preset"] == "linked"
    said = told(page)
    assert "The link asks for “gigantic” as *Start from*" in said
    assert "it is “The model on the left”" in said
    assert "The link asks for “many” as *anatomy_n_layers*" in said
    assert "The link asks for “99” as *layer*" in said
    page.selectbox(key="anatomy_preset").set_value("xl").run()
    assert "gigantic" not in told(page)
    assert "“99”" in told(page)  # that one still stands where it was put


def test_a_number_that_is_no_option_is_said_once_by_its_label():
    page = visit(PRETRAINING, pretraining_rate="7", pretraining_steps="400.0")
    assert page.session_state["pretraining_rate"] == 5e-3
    (notice,) = page.info
    assert "“7” as *Learning rate*" in notice.value
    assert "it is “0\\.005”" in notice.value


def test_one_that_is_right_among_several_is_taken():
    page = visit("pages/model/activations.py", activations_curves=["relu", "nonsense"])
    assert page.session_state["activations_curves"] == ["relu"]
    assert "“nonsense” as *Functions*" in told(page)


def test_hostile_values_are_text():
    page = visit(ANATOMY, anatomy_preset="<b>**x**</b> :material/home:" + "y" * 500)
    (notice,) = page.info
    assert "\\<b\\>" in notice.value
    assert len(notice.value) < 300


@pytest.mark.parametrize(
    ("text", "option"),
    [("two", 2), ("2", 2), ("2.0", 2), ("0.001", NONE), ("None", NONE), ("Two", NONE), ("nan", NONE)],
)
def test_an_option_is_found_by_label_code_or_number(text: str, option: object):
    assert option_of(text, [1, 2], {1: "one", 2: "two"}.__getitem__)[0] == option


def test_numbers_are_the_same_however_they_are_written():
    assert same_number("5e-3", 0.005)
    assert same_number("TRUE", True)
    assert not same_number("1", True)
    assert not same_number("x", 0)
    assert not same_number("0", "0")


def test_every_control_with_options_that_is_in_the_address_understands_links():
    """All are made by `state.choice`; a control with options made otherwise would ignore codes silently."""
    for path in (*(ROOT / "views").rglob("*.py"), *(ROOT / "pages").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            written = ast.unparse(call)
            if call.func.attr in WITH_OPTIONS and bound(call) and not exempt(path, written):
                raise AssertionError(f"{path.name}:{call.lineno} is not made by state.choice: {written}")


def bound(call: ast.Call) -> bool:
    """Whether a control is in the address."""
    spread = [ast.unparse(one.value) for one in call.keywords if one.arg is None]
    return any("KEEP" in one or one.startswith("keep(") for one in spread) or "bind" in {
        one.arg for one in call.keywords
    }


def exempt(path: Path, written: str) -> bool:
    """The linked checkpoint has its own rules; a word of one's own may be anything."""
    return path.name == "linked.py" or (path.as_posix().endswith(TYPED[0]) and TYPED[1] in written)
