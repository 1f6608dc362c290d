"""What stands above the end of a cell: the model, the prompt and the changes of this moment, as code."""

from collections.abc import Collection, Mapping

from core.numbers import NumberTokenizer
from core.tokenizer import CharTokenizer, Tokenizer, WordTokenizer
from runs.storyteller import BUNDLED, early_files, facts
from views import cache, state
from views.catalogue import UNTRAINED, is_brought, is_run
from views.here import Here
from views.prompt import clean_text
from views.state.path import read_path

Lines = list[str]
MOST_RUNS = 60  # as many as the Runs page lists
STORE = ["from runs import open_store", "store = open_store(start_dispatcher=False)"]
CURVE = ["import json", "from core.tokenizer import ASSETS", "from core.tokenizer import load_tokenizer"]


def lines_for(wanted: Collection[str], here: Here, controls: Mapping[str, object]) -> Lines:
    """The lines that set the names that are wanted, of all that a cell may name."""
    lines = model_lines(here) if {"model", "tokenizer", "ids", "tap", "encode"} & set(wanted) else []
    makers = {
        "opened": opened_lines,
        "curve": curve_lines,
        "held_out": held_out_lines,
        "run_ids": run_lines,
        "ids": ids_line,
        "encode": lambda here: encode_lines(here.tokenizer),
        "tap": tap_lines,
    }
    lines += [line for name, make in makers.items() if name in wanted for line in make(here)]
    known = of_this_moment(here, controls)
    return [*lines, *(f"{name} = {value!r}" for name, value in known.items() if name in wanted)]


def of_this_moment(here: Here, controls: Mapping[str, object]) -> dict[str, object]:
    """Values that a cell may name: the prompt as it was written, where one looks, what was written since."""
    path, other = controls.get("path_running"), controls.get("other_written") or controls.get("other")
    text, _ = clean_text(str(controls.get("prompt", here.prompt.text)))
    return {
        "prompt": here.prompt.text,
        "text": text,  # as it was written, before any model read it
        "layer": here.layer,
        "head": here.head,
        "token": here.token,
        "written": list(read_path(str(controls.get("path") or "")) if path is None else path),
        "other": other if isinstance(other, str) else "",
        "looked_at": row_looked_at(here, controls.get("note_embeddings_point")),
    }


def row_looked_at(here: Here, clicked: object) -> int | None:
    """The row of the token table that is looked at: the linked token's, or one that was clicked since."""
    ids = here.prompt.ids
    anchor = (here.choice.key, ids, here.token)
    is_new = isinstance(clicked, tuple) and clicked[0] == anchor and clicked[1] < here.config.vocab_size
    return clicked[1] if is_new else ids[here.token] if ids else None


def model_lines(here: Here) -> Lines:
    """How `model` and `tokenizer` are read."""
    key = here.choice.key
    if key in (BUNDLED, UNTRAINED):
        return [
            *bundled_lines(0 if key == UNTRAINED else here.step),
            "from core.tokenizer import load_tokenizer",
            'tokenizer = load_tokenizer("glassbox")',
        ]
    if is_brought(cache.store(), key):
        return [
            *STORE,
            f"model = store.brought().model({key!r})",
            f"tokenizer = store.brought().tokenizer({key!r})",
        ]
    if not cache.store().checkpoints(key):  # it waits, or they were removed: what it starts from
        return [
            *STORE,
            "from core.gpt import build_model",
            "from runs.prepare import prepared",
            f"start = prepared(store.recipe({key!r}))",
            "model, tokenizer = build_model(start.model, start.recipe.seed), start.tokenizer",
        ]
    return [*STORE, f"model = store.model({key!r}, {here.step})", f"tokenizer = store.tokenizer({key!r})"]


def bundled_lines(step: int | None) -> Lines:
    """The model that ships, at one of its steps."""
    folder = 'ASSETS / "models" /'
    if step in early_files():
        return [
            "from core.int8 import load_int8",
            "from core.tokenizer import ASSETS",
            f"model = load_int8({folder} {early_files()[step].name!r})",
        ]
    lines = [
        "from core.tokenizer import ASSETS",
        "from core.weights import load_model",
        f'model = load_model({folder} "{BUNDLED}.safetensors")',
    ]
    if step == 0:
        seed = facts("recipe")["recipe"]["seed"]
        lines += [
            "from core.gpt import build_model",
            f"model = build_model(model.config, {seed})  # untrained",
        ]
    return lines


def opened_lines(here: Here) -> Lines:
    """The model of the file that the page on bringing models shows: the Storyteller's, before any other."""
    key = here.choice.key
    if is_brought(cache.store(), key):
        return [*STORE, f"opened = store.brought().model({key!r})"]
    return [line.replace("model = ", "opened = ") for line in bundled_lines(None)]


def curve_lines(here: Here) -> Lines:
    """How the chosen run, or the bundled model, learned: step, training loss and validation loss."""
    key = here.choice.key
    if is_run(cache.store(), key):
        return [
            *STORE,
            "from runs import EvalEvent",
            f"curve = [event for event in store.events({key!r}) if isinstance(event, EvalEvent)]",
            "curve = [(event.step, event.train_loss, event.val_loss) for event in curve]",
            f"vocab_size = store.tokenizer({key!r}).vocab_size",
        ]
    return [
        *CURVE,
        f'curve = json.loads((ASSETS / "models" / "{BUNDLED}.curve.json").read_text())',
        'curve = [(row["step"], row["train_loss"], row["val_loss"]) for row in curve]',
        'vocab_size = load_tokenizer("glassbox").vocab_size',
    ]


def held_out_lines(here: Here) -> Lines:
    """The end of the text that the model was trained on; no text for a model that was brought."""
    key = here.choice.key
    if is_brought(cache.store(), key):
        return ['held_out = ""']
    if is_run(cache.store(), key):
        lines = [*STORE, f"held_out = store.recipe({key!r}).corpus_text"]
    else:
        lines = ["from core.library import read_text", 'held_out = read_text("storyteller-mix")']
    return [*lines, "held_out = held_out[-(len(held_out) // 11) :]  # it never trained on this part"]


def run_lines(here: Here) -> Lines:
    """The runs of this person's list; who has their ids may read them."""
    return [*STORE, f"run_ids = {[entry.run_id for entry in cache.entries_of(state.owner())[:MOST_RUNS]]}"]


def ids_line(here: Here) -> Lines:
    """The ids of the prompt as the model reads them: written out where encoding alone does not give them."""
    text, ids = here.prompt.text, list(here.prompt.ids)
    return [f"ids = tokenizer.encode({text!r})" if here.tokenizer.encode(text) == ids else f"ids = {ids}"]


def encode_lines(tokenizer: Tokenizer) -> Lines:
    """How this tokenizer reads any text: what it has never seen is left out."""
    if isinstance(tokenizer, CharTokenizer):
        read = '"".join(sign for sign in text if sign in tokenizer.ids)'
    elif isinstance(tokenizer, WordTokenizer):
        read = '" ".join(word for word in tokenizer.split(text) if tokenizer.knows(word))'
    elif isinstance(tokenizer, NumberTokenizer):
        read = "tokenizer.only_known(text)"
    else:
        return ["encode = tokenizer.encode"]
    return ["", "", "def encode(text):", f"    return tokenizer.encode({read})", "", ""]


def tap_lines(here: Here) -> Lines:
    """The changes that were made by hand, as a tap."""
    if not here.edits:
        return ["from core.trace import no_tap as tap"]
    other = f"stream_of(model, torch.tensor({list(here.other)}))" if here.other else "None"
    return [
        "import torch",
        "from core.interventions import Edit, intervene, stream_of",
        f"tap = intervene(model, {list(here.edits)!r}, {other})",
    ]
