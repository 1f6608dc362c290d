"""What stands above a cell: valid Python that reads the very model on screen, for any text and any name."""

import ast
import math
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import GPTConfig
from core.gpt import GPTModel, build_model
from core.instruct import end_token
from core.interventions import Edit
from core.weights import save_model
from runs.bringing import bring
from runs.offered import lying_at
from runs.store import RunStore
from runs.storyteller import BUNDLED, early_files
from tests.runs.strangers import save_gpt2, save_nanogpt
from tests.runs.tiny import RECIPE, wait_for_state, with_train
from views import cache
from views.catalogue import UNTRAINED, ModelChoice, open_model, with_steps
from views.cell import bodies, cell, is_plain, names_in, with_controls
from views.cell.prologue import MOST_RUNS, lines_for
from views.here import Here
from views.look import tap_of
from views.prompt import clean_text, read_prompt
from views.runs_listed import MOST

TEXT = "The old king said: «go!» 0 1 2 3"
ALL = frozenset().union(*(names_in(body) for body in bodies().values()))
OWNER = uuid4().hex
HOSTILE = [
    "'",
    '"',
    "\\",
    "\n",
    "\r",
    '"""',
    "{layer}",
    "{0}",
    "%s",
    "#",
    "\x00",
    "\x1b",
    "\u2028",
    "\u202e",
    "\ufffd",
]


def here_of(key: str, step: int | None = None, text: str = TEXT, **more: object) -> Here:
    """Somebody who looks into a model, with this text."""
    store = None if key in (BUNDLED, UNTRAINED) else cache.store()
    choice = with_steps(store, ModelChoice(key, "A model"))
    step = step if step is not None else choice.steps[-1] if choice.steps else None
    model, tokenizer = open_model(store, key, step)
    prompt = read_prompt(text, tokenizer, model.config.context_length)
    if "other" in more:
        more["other"] = read_prompt(more["other"], tokenizer, model.config.context_length).ids
    places = {"layer": 0, "head": 0, "token": 0} | more
    return Here(choice=choice, step=step, config=model.config, tokenizer=tokenizer, prompt=prompt, **places)


def trained(**changes: object) -> str:
    """A short run."""
    run_id = cache.store().start(with_train(replace(RECIPE, **changes), steps=4), OWNER)
    wait_for_state(cache.store(), run_id, "done")
    return run_id


def brought(save: Callable, folder) -> str:
    """A model from a file."""
    path = save(folder)
    return bring(cache.store().home, lambda inside: lying_at(path, inside), OWNER)


def of_nanogpt(folder):
    save_nanogpt(folder / "ckpt.pt")
    return folder / "ckpt.pt"


def of_gpt2(folder):
    save_gpt2(folder / "padded", vocab_size=50304, n_positions=64)
    return folder / "padded"


def of_ours(folder):
    config = GPTConfig(vocab_size=70, context_length=16, emb_dim=16, n_heads=2, n_layers=1, drop_rate=0.0)
    return save_model(build_model(config, 1), folder / "ours.safetensors")


KINDS = {
    "bundled": lambda folder: here_of(BUNDLED),
    "early, in 8 bits": lambda folder: here_of(BUNDLED, next(iter(early_files()))),
    "step 0": lambda folder: here_of(BUNDLED, 0),
    "untrained": lambda folder: here_of(UNTRAINED),
    "run": lambda folder: here_of(trained()),
    "run, earlier": lambda folder: here_of(trained(), 0),
    "run of characters": lambda folder: here_of(trained(tokenizer="char")),
    "run of words": lambda folder: here_of(trained(tokenizer="word")),
    "nanoGPT's": lambda folder: here_of(brought(of_nanogpt, folder)),
    "GPT-2, padded": lambda folder: here_of(brought(of_gpt2, folder)),
    "of numbers, one layer": lambda folder: here_of(brought(of_ours, folder)),
    "edited": lambda folder: here_of(
        BUNDLED,
        text="The king had a son.",
        other="The queen had a son.",
        edits=(
            Edit(kind="head", layer=1, head=2, by="mean"),
            Edit(kind="block", layer=4),
            Edit(kind="push", layer=2, token=5, strength=-0.5),
            Edit(kind="patch", layer=3, position=1),
        ),
    ),
}


def run(code: str) -> dict[str, object]:
    """The names that some code sets."""
    scope: dict[str, object] = {}
    exec(compile(code, "cell", "exec"), scope)
    return scope


@pytest.mark.parametrize("kind", KINDS)
def test_above_each_cell_stands_the_very_model_on_screen(kind: str, tmp_path):
    here = KINDS[kind](tmp_path)
    model, tokenizer = open_model(cache.store(), here.choice.key, here.step)
    scope = run("\n".join(lines_for(ALL, here, {})))
    assert scope["model"].config == model.config
    for name, weights in model.state_dict().items():
        assert torch.equal(scope["model"].state_dict()[name], weights), name
    assert scope["ids"] == list(here.prompt.ids)
    assert scope["tokenizer"].decode(scope["ids"]) == tokenizer.decode(here.prompt.ids)
    assert len(scope["ids"]) > 1
    batch = torch.tensor([here.prompt.ids])
    with torch.inference_mode():
        assert torch.equal(scope["model"](batch, scope["tap"]), model(batch, tap_of(model, here.look)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_runs_and_keeps_the_model(kind: str, tmp_path):
    here = KINDS[kind](tmp_path)
    for name in bodies():
        page, _, view = name.partition("/")
        if name in ("attention/past_the_trained_length", "sampling/side_by_side") and kind != "run":
            continue  # seconds each; the pages' own tests run them
        if page == "instructions" and not can_be_instructed(here):
            continue  # its page says why, and shows no cell
        scope = run(cell(page, here, {f"{page}_view": view, "prompt": TEXT}))
        assert scope["numbers"], name
        assert isinstance(scope.get("model", build_model(here.config)), GPTModel), name


def can_be_instructed(here: Here) -> bool:
    """Whether a model has an end token, and room for a task."""
    try:
        end_token(here.tokenizer)
    except ValueError:
        return False
    return here.config.context_length >= 32


def test_a_run_without_checkpoints_is_what_it_starts_from(monkeypatch):
    monkeypatch.setattr(RunStore, "checkpoints", lambda store, run_id: [])
    here = here_of(trained())
    scope = run("\n".join(lines_for(ALL, here, {})))
    model, _ = open_model(cache.store(), here.choice.key, here.step)
    assert torch.equal(scope["model"].tok_emb.weight, model.tok_emb.weight)
    assert scope["ids"] == list(here.prompt.ids)


def test_letters_that_a_tokenizer_does_not_know_are_left_out():
    here = here_of(trained(tokenizer="char"), text="the Über-fox")
    scope = run("\n".join(lines_for(ALL, here, {})))
    assert scope["encode"]("the Über-fox") == scope["ids"] == list(here.prompt.ids)
    assert scope["tokenizer"].decode(scope["ids"]) == "the berfox"
    words = run("\n".join(lines_for(ALL, here_of(trained(tokenizer="word")), {})))
    assert words["tokenizer"].decode(words["encode"]("the quick zebra")).startswith("the quick")


def test_ids_that_encoding_does_not_give_are_written_out():
    here = here_of(BUNDLED, text="The old king. " * 60)
    assert len(here.prompt.ids) == here.config.context_length
    assert f"ids = {list(here.prompt.ids)}" in lines_for({"ids"}, here, {})


def targets(code: str) -> list[str]:
    """What each statement of a cell sets, and what kind of statement it is."""
    found = []
    for node in ast.parse(code).body:
        names = [
            one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        ]
        found.append(f"{type(node).__name__} {names}")
    return found


HERE = here_of(BUNDLED)
PLAIN = targets(cell("home", HERE, {}))
ANY_TEXT = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8), max_size=8).map("".join)


@given(text=ANY_TEXT, other=ANY_TEXT)
def test_any_text_is_text_and_nothing_else(text: str, other: str):
    prompt = read_prompt(clean_text(text)[0], HERE.tokenizer, HERE.config.context_length)
    here = replace(HERE, prompt=prompt)
    lines = lines_for({"prompt", "text", "ids", "other"}, here, {"prompt": text, "other": other})
    code = "\n".join(lines)
    tree = ast.parse(code)
    values = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    assert values.keys() == {"model", "tokenizer", "prompt", "text", "ids", "other"}
    assert len(tree.body) == len(lines)
    assert ast.literal_eval(values["prompt"]) == prompt.text
    assert ast.literal_eval(values["text"]) == clean_text(text)[0]
    assert ast.literal_eval(values["other"]) == clean_text(other)[0]
    argument = values["ids"].args[0] if isinstance(values["ids"], ast.Call) else None
    assert argument is None or HERE.tokenizer.encode(ast.literal_eval(argument)) == list(prompt.ids)
    assert code.isprintable() or set(code) - {"\n"} == {one for one in code if one.isprintable()}


@given(name=ANY_TEXT)
def test_a_name_is_only_a_comment(name: str):
    here = replace(HERE, choice=replace(HERE.choice, label=name))
    assert targets(cell("home", here, {})) == PLAIN


@given(value=ANY_TEXT | st.floats() | st.integers() | st.booleans() | st.none() | st.lists(st.integers()))
def test_any_value_of_a_control_is_written_as_itself_or_not_at_all(value: object):
    (line,) = with_controls("home", "home_x = 7", {"home_x": value})
    read = ast.literal_eval(line.removeprefix("home_x = "))
    assert read == (value if is_plain(value) else 7)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, np.float64(1), np.int64(1), object(), {"a": 1}, [np.ones(1)], None]
)
def test_what_cannot_be_written_down_is_not(value: object):
    assert with_controls("home", "home_x = 7", {"home_x": value}) == ["home_x = 7"]


def test_a_control_of_another_page_or_without_a_place_is_not_taken():
    controls = {"layer": 9, "homes_x": 9, "home_y": 9, "note_home_z": GPTConfig(n_layers=2)}
    assert with_controls("home", "home_x = 7\nlayer = 1\nhome_y == 3", controls) == [
        "home_x = 7",
        "layer = 1",
        "home_y == 3",
    ]
    lines = with_controls("home", "home_z = 1", controls)
    assert lines == ["from core.config import GPTConfig", f"home_z = {GPTConfig(n_layers=2)!r}"]


def test_a_view_has_its_own_cell_and_nonsense_the_page_s():
    assert "head_knockouts" in cell("interventions", HERE, {})
    assert "part_knockouts" in cell("interventions", HERE, {"interventions_view": "Each part off"})
    for nonsense in ("../../secret", "", None, 3, object()):
        assert cell("interventions", HERE, {"interventions_view": nonsense}) == cell(
            "interventions", HERE, {}
        )
    assert cell("no such page", HERE, {}) == ""


def test_what_was_written_since_the_prompt_is_read_as_the_address_has_it():
    assert "written = [5, 7]" in lines_for({"written"}, HERE, {"path": "5.7"})
    assert "written = []" in lines_for({"written"}, HERE, {"path": "import os"})
    assert "written = [5]" in lines_for({"written"}, HERE, {"path": "1.2", "path_running": (5,)})


def test_as_many_runs_are_read_as_are_listed():
    assert MOST_RUNS == MOST


def test_a_clicked_token_counts_as_long_as_its_place_does():
    anchor = (HERE.choice.key, HERE.prompt.ids, HERE.token)
    assert "looked_at = 33" in lines_for({"looked_at"}, HERE, {"note_embeddings_point": (anchor, 33)})
    own = f"looked_at = {HERE.prompt.ids[0]}"
    for clicked in (((*anchor[:2], 1), 33), (anchor, 10**9), None, "x"):
        assert own in lines_for({"looked_at"}, HERE, {"note_embeddings_point": clicked})
