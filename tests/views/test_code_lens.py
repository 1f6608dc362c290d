"""The code lens shows code as it is, lights what matters, and counts shapes right."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache, wraps
from textwrap import dedent
from types import CodeType, FrameType

import pytest
import torch

from core import by_hand, gpt2_reference, losses, normalisation, positions, written
from core.attention import MultiHeadAttention, causal_scores
from core.embeddings import one_hot_product
from core.gpt import GPTModel
from core.interventions import patch_map
from core.knockouts import head_knockouts
from core.layers import FeedForward, LayerNorm
from core.neurons import moved_by_one, written_by_neurons
from core.numbers import NumberTokenizer
from core.sampling import generate, next_token_probs
from core.tokenizer import load_tokenizer
from core.trace import Trace
from core.word_table import WordTable
from runs import storyteller
from runs.shelf import Shelf
from tests.pages.conftest import open_page
from tests.pages.test_cells import PAGES, VIEWS
from views import ui
from views.classification import sections
from views.code_lens import (
    letters_of,
    lines_of,
    lit,
    name_of,
    numbers_of,
    shapes_in,
    sizes,
    source_of,
    told,
)
from views.components.source import Line, coloured
from views.state.linked import FIRST_PROMPT

LETTERS = {"B": 1, "T": 21, "Tq": 21, "Tk": 21, "C": 192, "H": 6, "D": 32, "L": 6, "V": 2048, "U": 768}
OTHER_ENCODINGS = ({"tokenizer_encoding": "words"}, {"tokenizer_encoding": "characters"})
ELSEWHERE = (  # they ran on another text, another width, or examples by hand
    WordTable.analogy,
    by_hand.attend,
    gpt2_reference.gpt2_logits,
    losses.token_losses,
    normalisation.stream_by_depth,
    positions.rotate,
    written.surprises,
)


def texts_of(lines: list[Line]) -> list[str]:
    return ["".join(text for _, text in line.spans) for line in lines]


@cache
def shown() -> dict[str, Callable]:
    """Every function that a page shows, in any of its views."""
    found: dict[str, Callable] = {name_of(NumberTokenizer.encode): NumberTokenizer.encode}
    found |= {name_of(one): one for functions in sections.CODE.values() for one in functions}  # of a run
    patch = pytest.MonkeyPatch()
    patch.setattr(
        ui, "code_lens", lambda functions, *rest: found.update({name_of(one): one for one in functions})
    )
    states = [
        (page, {f"{page}_view": view} if view else {}) for page in PAGES for view in VIEWS.get(page, ("",))
    ]
    shared = torch.get_rng_state()
    for page, state in [*states, *(("tokenizer", state) for state in OTHER_ENCODINGS)]:
        opened = open_page(PAGES[page], **state)
        assert not opened.exception
        assert torch.equal(torch.get_rng_state(), shared), f"{page} drew from the shared generator"
    patch.undo()
    return found


def thing(name: str) -> Callable:
    """What stands under a full name."""
    module, *path = name.split(".")
    for depth in range(len(path), 0, -1):  # core.attention | MultiHeadAttention.explicit
        try:
            found = __import__(".".join([module, *path[:depth]]), fromlist=["x"])
        except ModuleNotFoundError:
            continue
        for part in path[depth:]:
            found = getattr(found, part)
        return found
    raise AssertionError(name)


class Corner:
    """What the source of a method may look like."""

    def with_texts(self) -> str:
        """A docstring.

        Over several lines (T, C).
        """
        text = """
at the left edge  # (T, C)
    """
        return text + "# (T, C)"  # (T, C)

    @property
    def as_property(self) -> int:
        """Not a function at all."""
        return 1


def loud(function: Callable) -> Callable:
    @wraps(function)
    def louder(*args: object) -> object:
        return function(*args)

    return louder


@loud
@cache
def decorated(x: int) -> int:
    """Decorated twice."""
    return x


@pytest.mark.parametrize(
    "function",
    [
        causal_scores,
        MultiHeadAttention,
        MultiHeadAttention.explicit,
        MultiHeadAttention.forward,
        FeedForward,
        LayerNorm,
        next_token_probs,
        coloured,
        head_knockouts,
        Shelf.delete,
        decorated,
        GPTModel,
        NumberTokenizer,
    ],
    ids=name_of,
)
def test_the_lines_are_the_source(function: Callable):
    lines = lines_of(function, LETTERS)
    assert texts_of(lines) == dedent(inspect.getsource(function)).splitlines()
    assert ast.parse(source_of(function)).body


def test_a_text_at_the_left_edge_stays_where_it_is_and_its_signs_are_no_comment():
    lines = lines_of(Corner.with_texts, LETTERS)
    texts = texts_of(lines)
    assert texts[0] == "def with_texts(self) -> str:"
    assert "at the left edge  # (T, C)" in texts
    assert texts[-1] == '    return text + "# (T, C)"  # (T, C)'
    assert ast.parse(source_of(Corner.with_texts))
    comments = [text for line in lines for kind, text in line.spans if kind == "comment"]
    assert comments == ["# (T, C)"]


def test_what_matters_is_lit_and_nothing_else():
    lit_lines = [line for line in lines_of(causal_scores, LETTERS) if line.lit]
    assert len(lit_lines) == 3
    assert "queries @ keys" in texts_of(lit_lines)[0]


@pytest.mark.parametrize(
    ("comment", "shape"),
    [
        ("# (B, H, Tq, Tk): all of them", "(1, 6, 21, 21)"),
        ("# (B, T, C) -> (B, T, C)", "(1, 21, 192) → (1, 21, 192)"),
        ("# (T, 4C)", "(21, 768)"),
        ("# (T, U)", "(21, 768)"),
        ("# (T, D / 2)", "(21, 16)"),
        ("# (T, D/2)", "(21, 16)"),
        ("# (B, T + 1) tokens", "(1, 22)"),
        ("# (1, T, C)", "(1, 21, 192)"),
        ("# + (T, C)", ""),
        ("# (V,)", "(2048,)"),
        ("# (V)", "(2048,)"),
        ("# as in the book (3.5)", ""),
        ("# (12)", ""),
        ("# (N, context_length)", ""),
        ("# (T', C)", ""),
        ("# (TC, T C, 4)", ""),
        ("# (..., C) -> (..., C)", ""),
        ("# plain words (as here)", ""),
        ("# empty ()", ""),
        ("", ""),
    ],
)
def test_a_shape_comment_becomes_numbers(comment: str, shape: str):
    assert shapes_in(comment, LETTERS) == shape


def test_a_letter_without_a_number_is_no_shape():
    assert numbers_of("T, Q", LETTERS) == ""


def test_nothing_is_counted_for_a_text_of_no_tokens():
    here = open_page("pages/start/home.py", prompt="").session_state["here"]
    letters = sizes(here)
    assert "T" not in letters
    shapes = [line.shape for line in lines_of(GPTModel.final_vectors, letters)]
    assert not any(shapes)


@pytest.mark.parametrize("function", ELSEWHERE, ids=name_of)
def test_no_number_is_claimed_where_the_letters_mean_something_else(function: Callable):
    counted = [shapes_in(text, LETTERS) for text in texts_of(lines_of(function, LETTERS)) if "#" in text]
    assert any(counted)  # its comments would be counted, if it had run on this moment
    assert not any(line.shape for line in lines_of(function, LETTERS))
    assert name_of(function) in shown()


def statements(function: Callable) -> Iterator[tuple[int, int, list[str], str]]:
    """Each claim of a shape: the first and last line of its statement, the names that it sets, the shape."""
    first = inspect.getsourcelines(function)[1]
    tree = ast.parse(source_of(function))
    for row, line in enumerate(lines_of(function, LETTERS_NOW), start=1):
        if not line.shape:
            continue
        holding = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.stmt) and node.lineno <= row <= getattr(node, "end_lineno", row)
        ]
        node = max(holding, key=lambda one: one.lineno)
        if isinstance(node, ast.Expr):
            continue  # what a call was given leaves no trace
        targets = node.targets[0] if isinstance(node, ast.Assign) else None
        names = [one.id for one in ast.walk(targets) if isinstance(one, ast.Name)] if targets else []
        end = node.lineno if isinstance(node, ast.FunctionDef) else node.end_lineno
        yield first + node.lineno - 1, first + end - 1, names, line.shape


def codes_in(function: Callable) -> set[CodeType]:
    """The compiled code of a function, or of a class's, with that of the functions in it."""
    function = inspect.unwrap(function)
    start = (
        [one.__code__ for one in vars(function).values() if inspect.isfunction(one)]
        if inspect.isclass(function)
        else [function.__code__]
    )
    found: set[CodeType] = set()
    while start:
        code = start.pop()
        found.add(code)
        start += [one for one in code.co_consts if isinstance(one, CodeType)]
    return found


def seen_at(frame: FrameType, event: str, value: object, claim: tuple) -> list[object]:
    """What a claim is about, where the program stands now: inputs, what was set, or what is returned."""
    first, last, names, _ = claim
    here = first <= frame.f_lineno <= last
    if names:
        return [frame.f_locals.get(name) for name in names] if frame.f_lineno > last else []
    if event == "call" and first == frame.f_code.co_firstlineno:
        return list(frame.f_locals.values())
    return [value] if event == "return" and here else []


IDS = load_tokenizer("glassbox").encode(FIRST_PROMPT)
CONFIG = storyteller.open_step(None).config
LETTERS_NOW = {
    "B": 1,
    "T": len(IDS),
    "Tq": len(IDS),
    "Tk": len(IDS),
    "C": CONFIG.emb_dim,
    "H": CONFIG.n_heads,
    "D": CONFIG.head_dim,
    "L": CONFIG.n_layers,
    "V": CONFIG.vocab_size,
    "U": CONFIG.hidden_dim,
}


def run_them_all() -> None:
    """Everything of which shapes are told, on the prompt and the model of a first visit."""
    model, trace, ids = storyteller.open_step(None), Trace(), torch.tensor(IDS)
    with torch.inference_mode():
        model(ids[None], trace)
        stream = trace["blocks.0.resid_in"][0]
        causal_scores(trace["blocks.0.attn.queries"], trace["blocks.0.attn.keys"])
        head_knockouts(model, ids, 5)
        patch_map(model, ids, ids.flip(0), 5)
        moved_by_one(model, 0, (stream, stream), 1, 2)
        written_by_neurons(model, 0, trace["blocks.0.ffn.activated"][0, 3])
        one_hot_product(model.tok_emb.weight.detach(), 5)
        list(generate(model, IDS, 1))


def test_the_shapes_that_are_told_are_those_that_the_tensors_have():
    functions = [thing(name) for name in told()["shapes"]]
    claims = {one: list(statements(one)) for one in functions}
    assert all(claims.values())
    owner = {code: one for one in functions for code in codes_in(one)}
    kept: dict[tuple, set[str]] = {}

    def watch(frame: FrameType, event: str, value: object) -> Callable | None:
        function = owner.get(frame.f_code)
        for claim in claims.get(function, ()):
            tensors = [x for x in seen_at(frame, event, value, claim) if isinstance(x, torch.Tensor)]
            shapes = {str(tuple(x.shape)) for x in tensors}
            if shapes:
                kept.setdefault((name_of(function), claim[0], claim[3]), set()).update(shapes)
        return watch if function else None

    sys.settrace(watch)
    try:
        run_them_all()
    finally:
        sys.settrace(None)
    assert len(kept) == sum(map(len, claims.values()))  # each was looked at
    for (name, line, shape), seen in kept.items():
        assert shape.split(" → ")[0] in seen, (name, line, shape, seen)


def test_colours_know_names_words_and_comments():
    (line,) = coloured("def f(x): return len(x)  # why")
    assert [part for part in line if part[0]] == [
        ("keyword", "def"),
        ("name", "f"),
        ("keyword", "return"),
        ("builtin", "len"),
        ("comment", "# why"),
    ]


def test_every_function_that_a_page_shows_has_a_lit_line():
    assert not {name for name, one in shown().items() if not any(line.lit for line in lines_of(one, LETTERS))}


def test_nothing_is_kept_for_functions_that_no_page_shows():
    assert not (lit().keys() | told()["shapes"].keys()) - shown().keys()


@pytest.mark.parametrize("name", sorted(lit()))
def test_every_mark_lights_lines_of_its_function_and_no_more_than_the_idea(name: str):
    function = thing(name)
    assert name_of(function) == name
    lines = lines_of(function, LETTERS)
    assert all(any(mark in text for text in texts_of(lines)) for mark in lit()[name])
    node = ast.parse(source_of(function)).body[0]
    silent = set(range(1, node.body[0].end_lineno + 1))  # decorators, signature and docstring
    rows = {row for row, line in enumerate(lines, start=1) if line.lit}
    assert not rows & silent
    assert len(rows) <= 2 * len(lit()[name])


def test_letters_are_those_of_the_list_alone():
    assert letters_of(GPTModel.final_vectors, LETTERS) == {"B": 1, "T": 21, "C": 192}
    assert letters_of(by_hand.attend, LETTERS) == {}
