"""The pictures of Classification hold the numbers that they are given, and its sentences are right."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.classify import READS, TRAINED, Classifier, choose_trained, read_vector
from core.config import CLASSROOM, GPTConfig
from core.gpt import build_model
from core.lora import LAYERS, trainable_count, with_lora
from core.tokenizer import char_tokenizer, load_tokenizer
from core.weight_changes import AROUND, KINDS
from runs.tuning import Classify, Lora
from views.cards.classification import CARDS, which_token
from views.classification import message, what_moved
from views.classification.numbers import learning
from views.classification.reading import PADDING, encode, ids_of, padded_pieces, read_at, reading_sentence
from views.components import mounting
from views.components.class_cloud import class_cloud
from views.components.weighed import weighed_words
from views.course import Course
from views.figures.classification import answer_by_length, class_bars, confusion, moved_map, short
from views.theme import DARK, LIGHT

HOSTILE = ["<b>x</b>", "b & c"]
KB = 1000


def chart_bytes(figure) -> int:
    return len(figure.to_json())


def test_the_map_of_what_moved_holds_all_parts_and_zeros_stay_zeros() -> None:
    blocks = np.array([[0.0] * 7, [0.01, 0.02, 0.0, 0.5, 0.001, 0.0001, 0.04]])
    around = {"tokens": 0.0, "positions": 0.0, "final norm": 0.002, "class layer": 0.1}
    figure = moved_map(blocks, list(KINDS), around, LIGHT)
    assert np.allclose(figure.data[0].z, 100 * blocks)
    assert [trace.z[0][0] for trace in figure.data[1:]] == [100 * share for share in around.values()]
    assert list(figure.layout.yaxis.ticktext) == [
        "tokens",
        "positions",
        "block 0",
        "block 1",
        *list(around)[2:],
    ]
    assert list(figure.data[0].text[0]) == ["0"] * 7
    assert {trace.zmax for trace in figure.data} == {50.0}
    assert figure.layout.xaxis.title.text
    assert chart_bytes(moved_map(np.ones((48, 7)), list(KINDS), around, DARK)) < 60 * KB


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0"), (1e-6, "<0.1%"), (0.0123, "1.2%"), (float("inf"), "new")]
)
def test_exactly_nothing_is_told_from_next_to_nothing(share: float, text: str) -> None:
    assert short(share) == text


def test_the_sentence_on_what_moved_names_the_part_that_moved_most() -> None:
    blocks = np.zeros((2, 7))
    around = dict.fromkeys(AROUND, 0.0) | {"output": 0.2}
    assert "all 14 parts" in what_moved.moved_sentence(blocks, around, 20)
    blocks[1, 3] = 0.25
    sentence = what_moved.moved_sentence(blocks, around, 1)
    assert "After 1 step 16 of 18 parts stand exactly where they were" in sentence
    assert f"{list(KINDS)[3]} of block 1 moved most, by 25.0%" in sentence


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_answers_and_mistakes_hold_their_numbers_and_names_stay_text(palette) -> None:
    probs = np.array([0.25, 0.75])
    bars = class_bars(probs, HOSTILE, ["#000", "#111"], palette)
    assert list(bars.data[0].x) == [25, 75]
    assert bars.data[0].y == ("&lt;b&gt;x&lt;/b&gt;", "b &amp; c")
    counts = np.array([[3, 1], [0, 4]])
    table = confusion(counts, HOSTILE, palette)
    assert (np.array(table.data[0].z) == counts).all()
    assert table.data[0].customdata[0][1] == "1 of 4 of &lt;b&gt;x&lt;/b&gt; sorted as b &amp; c"
    lengths = np.linspace(0.1, 0.9, 20)
    line = answer_by_length(lengths, HOSTILE[0], tokens=12, length=5, ink="#000", palette=palette)
    assert np.allclose(line.data[0].y, 100 * lengths)
    assert (line.data[1].x, line.data[1].y) == ((5,), (100 * lengths[4],))
    assert "<b>" not in line.layout.yaxis.title.text


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(READS))
def test_the_token_that_is_read_is_the_one_that_the_classifier_reads(tokens: int, length: int, read: str):
    """Its vector is changed, and the answer follows; the other vectors may be anything."""
    vectors = torch.randn(1, length, 3)
    place = read_at(tokens, length, read)
    found = read_vector(vectors, torch.tensor([min(tokens, length)]), read)[0]
    if place is None:
        assert read == "mean"
    else:
        assert torch.equal(found, vectors[0, place])


def test_a_text_is_shown_as_it_is_read() -> None:
    tokenizer = load_tokenizer("glassbox")
    text = "The king had a daughter."
    shown, tokens = padded_pieces(text, tokenizer, 12)
    read = encode([text], tokenizer, 12)
    assert [piece.id for piece in shown] == read.ids[0].tolist()
    assert tokens == int(read.lengths[0])
    assert "".join(piece.text for piece in shown[:tokens]) == text
    assert {piece.text for piece in shown[tokens:]} == {PADDING}
    cut, whole = padded_pieces(text, tokenizer, 3)
    assert (len(cut), whole) == (3, tokens)


@pytest.mark.parametrize("text", ["", "   ", "日本", "\x00", "q" * 500])
def test_what_no_tokenizer_of_letters_knows_is_padding_alone(text: str) -> None:
    tokenizer = char_tokenizer("abc")
    ids, filler = ids_of(text, tokenizer)
    assert ids == [filler]
    assert encode([text], tokenizer, 4).ids.tolist() == [[filler] * 4]
    assert len(padded_pieces(text, tokenizer, 4)[0]) == 4


def test_the_sentence_on_reading_says_what_was_seen() -> None:
    assert "a token of padding: it has seen itself and the 7 before it" in reading_sentence(5, 8, "last")
    assert "token 0 of the text: it has seen itself alone" in reading_sentence(5, 8, "first")
    assert "token 4 of the text" in reading_sentence(5, 8, "last_real")
    assert "mean of the text's tokens" in reading_sentence(5, 8, "mean")
    assert "5 tokens of text: the last 2 are cut off" in reading_sentence(5, 3, "last")
    assert "padding" not in reading_sentence(8, 8, "last")


@pytest.mark.parametrize("tied", [True, False])
def test_what_learns_is_counted_as_the_model_itself_would(tied: bool) -> None:
    config = GPTConfig(vocab_size=50, context_length=8, emb_dim=16, n_heads=2, n_layers=2, tie_weights=tied)
    classifier = Classifier(build_model(config), 3)
    whole = sum(weight.numel() for weight in classifier.parameters())
    for trained in TRAINED:
        counted = learning(config, 3, trained)
        assert counted.trained == trainable_count(choose_trained(classifier, trained))
        assert counted.whole == whole
    for layers in [("W_query",), ("W_query", "ff"), ("ff", "out_head"), LAYERS]:
        for rank in (1, 2):
            counted = learning(config, 3, "all", Lora(rank=rank, layers=layers))
            adapted = with_lora(classifier, rank, layers=layers)
            new = 0 if "out_head" in layers else 3 * 16 + 3
            assert (counted.trained, counted.own) == (trainable_count(adapted) + new, new)
            assert counted.whole == whole


def test_what_is_trained_is_said_for_every_choice() -> None:
    def said(trained: str, lora: Lora | None = None) -> str:
        return learning(CLASSROOM, 2, trained, lora).sentence

    assert "numbers of the classifier are trained; none is frozen" in said("all")
    assert "386 of " in said("head")
    assert "under 0.1%; the other" in said("head")
    assert "the other" in said("last_block")
    for trained in TRAINED:  # with adapters it decides nothing
        rank_8 = said(trained, Lora(rank=8, layers=("W_query", "ff")))
        assert "in adapters of rank 8, and 386 in the new class layer" in rank_8
        assert "all of them in adapters of rank 1" in said(trained, Lora(rank=1, layers=("out_head",)))


def test_words_that_change_nothing_are_said_so() -> None:
    assert "No word changes anything" in message.words_sentence(["a", "b"], np.zeros(2), "spam")
    told = message.words_sentence(["a", "free"], np.array([0.0, 0.4]), "spam")
    assert "1 of 2 words changes the answer. free speaks loudest, for spam" in told
    assert "-40 points" in told


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch):
    calls = []
    monkeypatch.setattr(
        mounting,
        "renderer",
        lambda name, html: lambda *, data, key, on_picked_change: calls.append(data) or {},
    )
    return calls


def test_the_words_and_the_cloud_send_what_they_show(sent) -> None:
    weighed_words(
        ["<b>", "x"], np.array([0.5, np.nan]), most=0.5, name="spam", read=[True, False], key="k", label="l"
    )
    assert sent[0]["added"] == [0.5, 0.0]
    assert sent[0]["words"] == ["<b>", "x"]
    points = np.array([[0.0, 1.0], [2.0, -1.0]])
    class_cloud(
        points,
        ["one", "two"],
        groups=np.array([0, 1]),
        group_names=["a", "b"],
        inks=["#000", "#111"],
        wrong=np.array([False, True]),
        chosen=1,
        titles=["x", "y"],
        frame=np.array([[-1.0, -2.0], [3.0, 2.0]]),
        key="k",
        label="l",
    )
    assert sent[1]["groups"] == [0, 1]
    assert sent[1]["wrong"] == [False, True]
    assert sent[1]["reach"] == 3.0
    assert len(sent[1]["middle"]) == len(sent[1]["half"]) == 3


def course(*accuracies: float) -> Course:
    nothing = np.empty(0)
    scores = {"val_accuracy": np.array(accuracies)} if accuracies else {}
    return Course(nothing, nothing, np.arange(len(accuracies)), nothing, nothing, "", scores)


@pytest.mark.parametrize(("last", "first", "held"), [(0.9, 0.6, 0), (0.5, 0.9, 1), (0.8, 0.75, 2)])
def test_the_card_holds_to_the_accuracies(last: float, first: float, held: int) -> None:
    outcome = which_token([course(0.5, last), course(0.5, first)])
    assert outcome.held == held
    assert outcome.numbers == {"last": f"{last:.0%}", "first": f"{first:.0%}"}


def test_a_run_that_was_never_asked_is_said_so() -> None:
    with pytest.raises(ValueError, match="before it was evaluated"):
        which_token([course(0.5), course()])


def test_the_card_trains_two_that_differ_in_one_thing() -> None:
    (card,) = CARDS
    one, other = (recipe.tuning for recipe in card.recipes().values())
    assert isinstance(one, Classify)
    assert (one.read, other.read) == ("last", "first")
    assert {key: getattr(one, key) for key in ("data", "trained", "length", "base")} == {
        key: getattr(other, key) for key in ("data", "trained", "length", "base")
    }
