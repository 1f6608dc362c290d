"""Each page's notebook cell runs by itself, and comes to the numbers that stand on the page."""

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from core.config import GPTConfig
from core.gpt import build_model
from core.tokenizer import END_OF_TEXT
from core.weights import save_model
from runs.bringing import bring
from runs.offered import lying_at
from tests.pages.conftest import FILES, open_page, shown_text
from tests.runs.strangers import save_nanogpt
from tests.runs.tiny import RECIPE, wait_for_state, with_train
from views import cache, journey, live, ui
from views.attention.cost import memory
from views.cell import CELLS, bodies, file_name, imports_first, names_in
from views.effects import PARTS
from views.figures.anatomy import short
from views.text import percent, shown

OWNER = uuid4().hex
PAGES = {Path(file).stem: file for file in FILES}
EDITED = {"edits": "h0.0,m2", "layer": 1, "head": 2, "token": 5}
LONGEST = 25  # lines
PRINTED = re.compile(r"-?[\d,]*\.?\d+%?")
VIEWS = {  # as their control has them; a view without a cell of its own has the page's
    "tokenizer": ("the prompt's tokens", "languages", "learn a vocabulary"),
    "embeddings": ("what goes in", "who is near whom", "word arithmetic", "order", "a primer"),
    "attention": (
        "The model's head",
        "By hand",
        "Who may look where",
        "Past the trained length",
        "What it costs",
    ),
    "activations": ("curves", "neurons", "apart", "bends"),
    "layer_norm": ("vector", "sites", "places", "bare"),
    "residuals": ("gradient", "squares", "stream", "book", "model"),
    "logits": ("word", "product", "writers", "cost"),
    "anatomy": ("sizes", "memory", "shapes", "dummy"),
    "interventions": ("Each head off", "Each part off", "One vector from another text"),
    "instructions": ("Sequence", "Before and after", "Chat"),
    "sampling": ("Next token", "1,000 draws", "Side by side", "Cache", "What temperature divides"),
}
NEEDS_END = {"instructions"}  # pages for models whose tokenizer has an end token
SAID: dict[str, Callable[[dict], list[str]]] = {}  # what a page says of the numbers that no lesson takes


class Opened(NamedTuple):
    """A page as it was opened: what it says, and what its cell comes to."""

    page: AppTest
    told: dict[str, object]  # the numbers that it fills into its lesson
    code: str
    computed: dict[str, object]
    said: str


def opened(file: str, monkeypatch: pytest.MonkeyPatch, **state: object) -> Opened:
    """Open a page and run its cell."""
    told: dict[str, object] = {}
    written: list[str] = []
    stations: list[str] = []
    stops = journey.stops

    def walked(here):
        found = stops(here)
        stations.extend(f"{stop.title}: {stop.number} {stop.unit}, {stop.detail}" for stop in found)
        return found

    monkeypatch.setattr(journey, "stops", walked)
    monkeypatch.setattr(live, "page_links", lambda: None)  # AppTest's frame lies in another folder
    monkeypatch.setattr(ui, "explain", lambda page, **numbers: told.update(numbers))
    monkeypatch.setattr(ui, "code_lens", lambda functions, here, cell, label: written.append(cell()))
    page = open_page(file, **state)
    assert not page.exception
    code = written[0] if written else ""
    words = [
        shown_text(page),
        *(header.value for headers in (page.header, page.subheader) for header in headers),
        *stations,
        *map(str, told.values()),
    ]
    return Opened(
        page, told, code, run(code) if code else {}, "\n".join(words).replace("\\", "").replace("\u2060", "")
    )


def run(code: str) -> dict[str, object]:
    """What a cell comes to, as the last line of a notebook cell shows it."""
    lines, last = code.rsplit("\n", 1)
    scope: dict[str, object] = {}
    exec(compile(lines, "cell", "exec"), scope)
    return eval(last, scope)


def same(one: object, other: object) -> bool:
    """Whether two numbers are equal to 1e-5, or to the digits that are printed, or two words alike."""
    if isinstance(other, int | float) and isinstance(one, int | float):
        return one == pytest.approx(other, rel=1e-5, abs=1e-5)
    if isinstance(other, int | float) and PRINTED.fullmatch(str(one)):
        digits = str(one).replace(",", "").rstrip("%")
        share = 100 if str(one).endswith("%") else 1
        half = 0.5 * 10 ** -len(digits.partition(".")[2])
        return abs(float(digits) - share * other) <= half * 1.001
    return other < 1e-3 if one == percent(1e-4) else shown(one) == shown(other)


class Read(dict):
    """Numbers that know which of them were asked for."""

    def __init__(self, numbers: dict[str, object]) -> None:
        super().__init__(numbers)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> object:
        self.asked.add(name)
        return super().__getitem__(name)


def wrong(found: Opened, page: str) -> dict[str, object]:
    """The numbers of a cell that the page does not tell, or tells otherwise."""
    numbers = Read(found.computed)
    said = SAID[page](numbers) if page in SAID else []
    missing = {sentence: found.said for sentence in said if sentence not in found.said}
    told = {name: found.told.get(name) for name in found.computed.keys() - numbers.asked}
    return missing | {
        name: (value, found.computed[name])
        for name, value in told.items()
        if not same(value, found.computed[name])
    }


def says(page: str) -> Callable:
    """Marks what a page says of its cell's numbers, in its own words."""

    def keep(sentences: Callable[[dict], list[str]]) -> Callable:
        SAID[page] = sentences
        return sentences

    return keep


@says("home")
def home_says(numbers: dict) -> list[str]:
    said = [f"Tokens: {numbers['tokens']:,} pieces", f"Anatomy: {numbers['learned']:,} learned numbers"]
    if "chance" in numbers:
        said += [f"with {percent(numbers['chance'])}.", f"scores, the best is {numbers['best_logit']:.1f}"]
    return [*said, f"Training: {numbers['loss']:.2f} nats"] if "loss" in numbers else said


@says("interventions")
def interventions_says(numbers: dict) -> list[str]:
    if "others" in numbers and "whole" not in numbers:
        return [f"The prompt has {numbers['tokens']} tokens", f"it has {numbers['others']}"]
    whole, layer = percent(numbers["whole"]), numbers["layer"]
    if "quiet" in numbers:
        return [
            f"Layer {layer}, head {numbers['head']} has the largest effect: without it",
            f"goes from {whole} to {percent(numbers['without'])}. The effect of {numbers['quiet']} of",
        ]
    if "part" in numbers:
        name = dict(zip(PARTS, ("Attention", "Feed-forward", "Block"), strict=True))[numbers["part"]]
        after = percent(numbers["without"])
        return [f"{name} {layer} has the largest effect: without it", f"goes from {whole} to {after}."]
    assert numbers["tokens"] == numbers["others"]
    return [
        f"carried by token {numbers['place']} ",
        f"before layer {layer}: with that one vector",
        f"goes from {whole} to {percent(numbers['patched'])}.",
    ]


@says("bring")
def bring_says(numbers: dict) -> list[str]:
    return [f"{numbers['parameters']:,} parameters", f"{numbers['held']:,} parameters"]


@says("tokenizer")
def tokenizer_says(numbers: dict) -> list[str]:
    if "costs_most" not in numbers:
        return []
    said = [f"{numbers['costs_most']} costs {numbers['times']:.1f} times as much"]
    sizes = f"{numbers['characters']} characters, {numbers['bytes']} bytes, {numbers['tokens']} tokens"
    return [*said, sizes]


@says("attention")
def attention_says(numbers: dict) -> list[str]:
    costs = [f"{name} {numbers[name]:.2f}" for name in ("only back", "everywhere") if name in numbers]
    return [*costs, f"**{memory(numbers['bytes'])}** of attention weights"] if "bytes" in numbers else costs


@says("sampling")
def sampling_says(numbers: dict) -> list[str]:
    if "gap" in numbers:
        assert numbers["gap"] < 1e-12
        return []
    return [f"takes {numbers['times']:.0f} times the work"] if "times" in numbers else []


@says("anatomy")
def anatomy_says(numbers: dict) -> list[str]:
    if "weights" in numbers:
        told = f"{numbers['weights']:,.2f} MiB of weights, 4 bytes each"
        training = f"needs about {numbers['training']:,.0f} MiB"
        return [told, training, f"One token costs {short(numbers['operations'])} additions"]
    if "chance" in numbers:
        real = f"{numbers['real']} of {numbers['blocks']} blocks real"
        return [
            real,
            f", {percent(numbers['chance'])}; the whole model says",
            f", {percent(numbers['whole'])}.",
        ]
    return []


def cases() -> list:
    """Each page, in each view that has a cell."""
    found = []
    for page, file in PAGES.items():
        found += [pytest.param(file, {}, id=page)]
        views = VIEWS.get(page, ())[1:]  # the first is open at first
        found += [pytest.param(file, {f"{page}_view": view}, id=f"{page}: {view}") for view in views]
    return found


@pytest.mark.parametrize("state", [{}, EDITED], ids=["as it opens", "edited"])
@pytest.mark.parametrize(("file", "view"), cases())
def test_the_cell_comes_to_the_page_s_numbers(file: str, view: dict, state: dict, monkeypatch):
    found = opened(file, monkeypatch, **state, **view)
    assert len(found.computed) >= 2
    assert not wrong(found, Path(file).stem)


@pytest.mark.parametrize(
    "prompt", ["", "a", "   \n\n  ", "The old king. " * 60, "a \"b\" 'c' {layer} \\n \x07 \u202e👩"]
)
@pytest.mark.parametrize("file", PAGES.values(), ids=PAGES)
def test_a_cell_is_right_for_any_prompt(file: str, prompt: str, monkeypatch):
    found = opened(file, monkeypatch, prompt=prompt)
    if not found.code:  # the page ends before its code: there is nothing to compute
        assert len(found.page.session_state["here"].prompt.ids) < 2
        return
    assert not wrong(found, Path(file).stem)


def test_controls_that_were_never_made_count_as_the_cell_says(monkeypatch):
    found = opened(PAGES["windows"], monkeypatch)
    moved = opened(PAGES["windows"], monkeypatch, windows_stride=1, windows_text="ugly-duckling")
    assert "windows_stride = 1" in moved.code
    assert moved.computed["windows"] > found.computed["windows"]
    assert not wrong(moved, "windows")


@pytest.mark.parametrize(
    "controls",
    [
        {"attention_causal": False, "attention_temperature": 2.5},
        {"attention_scaled": False, "edits": "b3"},
        {"model": "untrained", "attention_causal": False},
    ],
)
def test_the_attention_cell_follows_its_switches(controls: dict, monkeypatch):
    found = opened(PAGES["attention"], monkeypatch, **controls)
    assert found.told["moved"] != "0%"
    assert not wrong(found, "attention")


@pytest.mark.parametrize(
    "controls",
    [
        {"interventions_mean": True, "interventions_token": " a very long name of a token \u00df"},
        {"interventions_view": "One vector from another text", "other": "one two"},
        {"interventions_view": "One vector from another text", "prompt": "a b c d", "other": "a b e d"},
    ],
)
def test_interventions_cells_follow_the_controls(controls: dict, monkeypatch):
    assert not wrong(opened(PAGES["interventions"], monkeypatch, **controls), "interventions")


def test_the_model_of_the_anatomy_controls_is_counted(monkeypatch):
    found = opened(PAGES["anatomy"], monkeypatch, anatomy_preset="small")
    assert found.computed["total"] == 163_009_536
    assert not wrong(found, "anatomy")


def test_while_the_anatomy_controls_fit_no_model_the_nearest_is_counted(monkeypatch):
    codes: list[str] = []
    monkeypatch.setattr(ui, "code_lens", lambda functions, here, cell, label: codes.append(cell()))
    page = open_page(PAGES["anatomy"])
    page.slider(key="anatomy_n_heads").set_value(7).run()
    told = shown_text(page).replace("\\", "")
    assert "must be a multiple" in told
    assert "Below stands the one with 6 heads" in told
    assert run(codes[-1]) == run(codes[0])  # the Storyteller has 6


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A run of characters, and two models that were brought: one from elsewhere, one of numbers."""
    store, folder = cache.store(), tmp_path_factory.mktemp("brought")
    run_id = store.start(replace(with_train(RECIPE, steps=20), tokenizer="char"), OWNER)
    wait_for_state(store, run_id, "done")
    save_nanogpt(folder / "ckpt.pt")
    config = GPTConfig(vocab_size=70, context_length=5, emb_dim=8, n_heads=2, n_layers=1, norm="post")
    save_model(build_model(config), folder / "one.safetensors")
    found = {"run": run_id}
    for name in ("ckpt.pt", "one.safetensors"):
        found[name] = bring(store.home, lambda inside, path=folder / name: lying_at(path, inside), OWNER)
    cache.forget_lists()
    return found


@pytest.mark.parametrize("kind", ["run", "ckpt.pt", "one.safetensors"])
@pytest.mark.parametrize("file", PAGES.values(), ids=PAGES)
def test_cells_are_right_for_runs_and_for_models_that_were_brought(file, kind, others, monkeypatch):
    prompt = "5 17 42 5 17 42 8" if kind == "one.safetensors" else "The Über-fox jumps over the lazy dog"
    found = opened(file, monkeypatch, model=others[kind], owner=OWNER, prompt=prompt)
    assert found.page.session_state["here"].choice.key == others[kind]
    if Path(file).stem in NEEDS_END:  # it says so, and has nothing to compute
        assert not found.code
        assert f"has no {END_OF_TEXT}".lower() in found.said.lower()
        return
    assert len(found.computed) >= 2
    assert not wrong(found, Path(file).stem)


@pytest.mark.parametrize("state", [{"step": 0}, {"step": 100}, {"model": "untrained"}], ids=str)
@pytest.mark.parametrize("page", ["home", "logits", "embeddings", "sampling"])
def test_cells_are_right_for_every_checkpoint(page: str, state: dict, monkeypatch):
    found = opened(PAGES[page], monkeypatch, **state)
    assert found.page.session_state["here"].step == state.get("step")
    assert not wrong(found, page)


@pytest.mark.parametrize("file", PAGES.values(), ids=PAGES)
def test_all_views_of_a_page_are_known_here(file: str):
    page = Path(file).stem
    options = [group.options for group in open_page(file).get("button_group") if group.key == f"{page}_view"]
    assert len(options[0] if options else ()) == len(VIEWS.get(page, ()))


def test_imports_stand_at_the_top_once():
    lines = ["from core.b import d", "x = 1", "import a", "", "", "", "from core.b import c, d", "y = 2"]
    lines = [*lines, "from math import pi", "from core.a import no_tap as tap"]
    assert "\n".join(imports_first(lines)).splitlines() == [
        "import a",
        "from math import pi",
        "",
        "from core.a import no_tap as tap",
        "from core.b import c, d",
        "",
        "x = 1",
        "",
        "y = 2",
    ]


def test_every_page_has_a_cell_and_every_cell_a_page():
    assert PAGES.keys() <= bodies().keys()
    of_views = {f"{page}/{file_name(view)}" for page, views in VIEWS.items() for view in views}
    assert bodies().keys() <= PAGES.keys() | of_views


@pytest.mark.parametrize("name", sorted(bodies()))
def test_a_cell_is_short_and_stays_within_core(name: str):
    body = bodies()[name]
    assert len(body.splitlines()) <= LONGEST
    assert body.splitlines()[-1] == "numbers"
    imported = [node for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Import | ast.ImportFrom)]
    roots = {(node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) for node in imported}
    allowed = {"core", "numpy", "torch", "math", "dataclasses", "json"} | (
        {"runs"} if name == "runs" else set()
    )
    assert {root.partition(".")[0] for root in roots} <= allowed


@pytest.mark.parametrize("name", sorted(bodies()))
def test_every_control_that_a_cell_reads_has_a_value_in_it(name: str):
    page = name.partition("/")[0]
    assert not {one for one in names_in(bodies()[name]) if one.startswith(f"{page}_")}


def test_every_file_of_cells_is_one():
    assert {path.suffix for path in CELLS.rglob("*") if path.is_file()} == {".py"}
