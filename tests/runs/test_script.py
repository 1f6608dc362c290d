"""The file that a run can be taken away as: it stands alone, is short, and gives the very same losses."""

import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from itertools import product

import pytest
import torch.nn.functional as F

from core import wide
from core.config import GPTConfig
from core.layers import FAST_ACTIVATIONS
from core.training import TrainConfig
from runs import EvalEvent, Recipe
from runs.prepare import prepared
from runs.script import TEMPLATE, facts_of, holds, kept_lines, standalone_script
from runs.training import Training
from tests.runs.tiny import TEXT, with_train

TINY = GPTConfig(vocab_size=300, context_length=12, emb_dim=16, n_heads=2, n_layers=2, drop_rate=0.0)
MODERN = replace(TINY, norm="pre", position="rotary", tie_weights=True, activation="silu", drop_rate=0.2)
OLD = replace(TINY, norm="post", position="sinusoidal", qkv_bias=True, activation="relu", n_heads=4)
OLD = replace(OLD, norm_eps=0.01, ffn_width=24)
BARE = replace(TINY, norm="none", position="none", residual=False, scale_scores=False, activation="gelu")
FOREIGN = (
    "Der Bär läuft – 熊は走る 🐻 \"'{{$seed}}\\n#? " * 40
)  # and marks that a template or a literal might stumble over
ODD = TrainConfig(learning_rate=3e-3, steps=24, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.02)
CURVED = replace(ODD, warmup_steps=5, schedule="cosine", min_learning_rate=1e-4, clip_norm=0.5)
USUAL = {"text": TEXT, "batch_size": 3, "eval_every": 12, "seed": 7, "train": ODD, "model": TINY}
RECIPES = {
    "plain": Recipe(**USUAL),
    "modern, bytes": Recipe(**USUAL | {"model": MODERN, "train": CURVED, "tokenizer": "bpe"}),
    "old, words": Recipe(
        **USUAL | {"model": OLD, "train": replace(ODD, warmup_steps=6), "tokenizer": "word"}
    ),
    "bare": Recipe(
        **USUAL | {"model": BARE, "train": replace(ODD, schedule="cosine", min_learning_rate=1e-5)}
    ),
    "no mask": Recipe(**USUAL | {"model": replace(TINY, causal=False, drop_rate=0.1)}),
    "foreign characters": Recipe(**USUAL | {"text": FOREIGN, "model": replace(TINY, position="rotary")}),
    "foreign words": Recipe(**USUAL | {"text": FOREIGN, "tokenizer": "word"}),
    "foreign bytes": Recipe(**USUAL | {"text": FOREIGN, "tokenizer": "bpe"}),
    "new rates": Recipe(**USUAL | {"rate_changes": ((5, 0.01), (11, 1e-4))}),
    "new rates of a cosine": Recipe(**USUAL | {"train": CURVED, "rate_changes": ((0, 0.02), (9, 1 / 3000))}),
}


def shown_by_the_app(ready) -> tuple[list[tuple], str]:
    """A run's losses, (step, loss) or (step, train loss, validation loss), in order; and its last sample."""
    training = Training.begin(ready)
    found, last = [(0, *losses_in(training.evaluate()))], None
    for event in training.events():
        found.append((event.step, event.loss))
        if training.evaluation_due():
            last = training.evaluate()
            found.append((last.step, *losses_in(last)))
    return found, last.sample


def losses_in(event: EvalEvent) -> tuple[float, float]:
    return event.train_loss, event.val_loss


@pytest.fixture(autouse=True)
def multiplied_as_in_the_script(monkeypatch) -> None:
    """The script calls PyTorch's own layers: the last bits are those of the app's plain paths."""
    monkeypatch.setattr(wide, "here", lambda: False)
    monkeypatch.setitem(FAST_ACTIVATIONS, "gelu_tanh", partial(F.gelu, approximate="tanh"))


def run_isolated(folder, *command: str) -> subprocess.CompletedProcess:
    """Run python in a folder that holds nothing of ours, and without ours on its path."""
    command = [sys.executable, "-I", *command]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=300, check=False)


def parsed(out: bytes) -> tuple[list[tuple], str]:
    """The losses that a script has printed, and its sample."""
    pattern = r"^step (\d+)(?: train)? loss (\S+)(?: validation loss (\S+))?$"
    rows = re.findall(pattern, out.decode(), re.MULTILINE)
    losses = [(int(step), *(float(number) for number in numbers if number)) for step, *numbers in rows]
    return losses, "\n".join(out.decode().split("\n")[len(losses) :]).removesuffix("\n")


def with_all_digits(script: str) -> str:
    return script.replace(":.6f}", "!r}")


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> dict[str, bytes]:
    """What the scripts of all recipes print, run one after the other in one process, to import torch once."""
    folder = tmp_path_factory.mktemp("scripts")
    for name, recipe in RECIPES.items():
        script = with_all_digits(standalone_script(prepared(recipe)))
        (folder / f"{name}.py").write_text(script, encoding="utf-8")
    one_by_one = "import runpy, sys\nfor name in sys.argv[1:]: runpy.run_path(name + '.py'); print(end='\\0')"
    done = run_isolated(folder, "-c", one_by_one, *RECIPES)
    assert done.returncode == 0, done.stderr.decode()
    return dict(zip(RECIPES, done.stdout.split(b"\0"), strict=False))


@pytest.mark.parametrize("name", RECIPES)
def test_the_script_gives_the_same_losses_to_the_last_bit(name, outputs) -> None:
    assert parsed(outputs[name]) == shown_by_the_app(prepared(RECIPES[name]))


def test_the_default_run_begins_the_same(tmp_path) -> None:
    ready = prepared(with_train(Recipe.preset(), steps=20))
    (tmp_path / "train.py").write_text(with_all_digits(standalone_script(ready)), encoding="utf-8")
    done = run_isolated(tmp_path, "train.py")
    assert parsed(done.stdout) == shown_by_the_app(ready), done.stderr.decode()


@pytest.mark.slow
def test_the_whole_default_run_is_the_same(tmp_path) -> None:
    ready = prepared(Recipe.preset())
    (tmp_path / "train.py").write_text(with_all_digits(standalone_script(ready)), encoding="utf-8")
    done = run_isolated(tmp_path, "train.py")
    assert parsed(done.stdout) == shown_by_the_app(ready), done.stderr.decode()


def test_a_run_that_diverges_says_so(tmp_path) -> None:
    script = standalone_script(prepared(with_train(RECIPES["plain"], learning_rate=1e30)))
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    done = run_isolated(tmp_path, "train.py")
    assert done.returncode == 1
    assert "a third of the learning rate" in done.stderr.decode()


def test_six_decimals_are_printed_and_nothing_of_ours_is_imported() -> None:
    script = standalone_script(prepared(RECIPES["plain"]))
    assert script.count(":.6f}") == 5
    ours = r"^(?:from|import) (?:core|runs|views|pages|streamlit|numpy|tiktoken)"
    assert not re.search(ours, script, re.MULTILINE)


@pytest.mark.parametrize("name", RECIPES)
def test_the_script_is_as_clean_as_our_own_code(name) -> None:
    script = standalone_script(prepared(RECIPES[name]))
    rules = ["--select", "E,F,W,I,B,UP,SIM,C4,C90,A,ERA,RUF", "--ignore", "E501,RUF001,RUF003"]
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--isolated", *rules, "-"]
    done = subprocess.run(command, input=script.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()
    code = [
        line for line in script.splitlines() if not line.startswith(("PACKED", "PROMPT", "LEARNING_RATES"))
    ]
    assert max(map(len, code)) <= 110
    assert "$" not in "".join(code)
    assert "#?" not in "".join(code)


def test_no_choice_of_switches_makes_it_longer_than_150_lines() -> None:
    template = TEMPLATE.read_text(encoding="utf-8").splitlines()
    switches = ["dropout", "tied", "clip", "warmup", "cosine", "changes", "unscaled", "scheduled"]
    for position, norm, kind in product(
        ["learned", "sinusoidal", "rotary"], ["pre", "post"], ["char", "word", "bytes"]
    ):
        assert len(kept_lines(template, {position, norm, kind, *switches})) <= 150


def test_every_line_of_the_template_is_tested() -> None:
    all_facts = [facts_of(prepared(recipe)) for recipe in RECIPES.values()]
    template = TEMPLATE.read_text(encoding="utf-8").splitlines()
    conditions = {line.partition("#?")[2] for line in template if "#?" in line}
    assert not [words for words in conditions if not any(holds(words, facts) for facts in all_facts)]
    assert not [words for words in conditions if words and all(holds(words, facts) for facts in all_facts)]


def test_conditions_are_read_as_the_module_says() -> None:
    assert holds("", {"a"})
    assert holds(" a !b", {"a"})
    assert not holds(" a b", {"a"})
    assert holds(" b|a", {"a"})
    assert kept_lines(["x  #? a", "#? b", "y", "#?", "z  #? !b"], {"a"}) == ["x", "z"]
