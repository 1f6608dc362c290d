"""Edits in the address: every edit comes back from its code, and nothing else does."""

from hypothesis import given
from hypothesis import strategies as st

from core.config import TINY
from core.interventions import Edit
from core.tokenizer import char_tokenizer
from views.edits import MOST_EDITS, code_of, edit_of, edits_of, fitting, label_of

NUMBERS = st.integers(0, 999)
EDITS = st.one_of(
    st.builds(Edit, kind=st.just("head"), layer=NUMBERS, head=NUMBERS, by=st.sampled_from(["zero", "mean"])),
    st.builds(Edit, kind=st.sampled_from(["attention", "mlp", "block"]), layer=NUMBERS),
    st.builds(Edit, kind=st.just("patch"), layer=NUMBERS, position=NUMBERS),
    st.builds(
        Edit,
        kind=st.just("push"),
        layer=NUMBERS,
        token=NUMBERS,
        strength=st.integers(-300, 300).map(lambda hundredths: hundredths / 100),
        position=st.none() | NUMBERS,
    ),
)


@given(EDITS)
def test_an_edit_comes_back_from_its_code(edit: Edit) -> None:
    assert edit_of(code_of(edit)) == edit


@given(st.lists(EDITS, max_size=8, unique=True))
def test_all_edits_come_back_in_their_order(edits: list[Edit]) -> None:
    assert edits_of(",".join(map(code_of, edits))) == tuple(edits)


def test_there_is_an_end() -> None:
    assert len(edits_of(",".join(f"b{layer}" for layer in range(999)))) == MOST_EDITS
    assert edits_of("b1," * 500) == (Edit(kind="block", layer=1),)


def test_another_model_may_lack_the_parts() -> None:
    edits = edits_of("h0.1,h0.99,b77,a1,v0.3x2,v0.999999x1,p0@3,p0@99999")
    assert [code_of(edit) for edit in fitting(edits, TINY)] == ["h0.1", "a1", "v0.3x2", "p0@3"]


def test_labels_say_what_is_done() -> None:
    tokenizer = char_tokenizer("abc ")
    labels = [label_of(edit, tokenizer) for edit in edits_of("h0.1,h0.1m,m2,v1.0x-1.5,v1.0x2@3,p1@4")]
    assert labels == [
        "Head 0.1 off",
        "Head 0.1 at its mean",
        "Feed-forward 2 off",
        "Every token before block 1 pushed to “·” × -1.5",
        "Token 3 before block 1 pushed to “·” × 2",
        "Token 4 before block 1 from the other text",
    ]
