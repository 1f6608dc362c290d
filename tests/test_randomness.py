"""No random number comes from a generator that threads share: read from the source of the app."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("core", "runs", "views", "pages", "assets/cells")
FILES = [ROOT / "app.py", *sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
SHARED = re.compile(  # draws from a generator that all threads share, or seeds it; dropout takes no other
    r"""random\.(?!Random$|SystemRandom$)\w+
    | (np|numpy)\.random\.(?!Generator$|default_rng$)\w+
    | torch(\.\w+)*\.(fork_rng|get_rng_state|initial_seed|manual_seed\w*|seed\w*|set_rng_state)
    | (F|nn|torch(\.\w+)*)\.\w*[dD]ropout\w*""",
    re.VERBOSE,
)
DRAWS = re.compile(  # what draws from the shared generator of PyTorch unless it is given another
    r"""torch\.(normal|poisson|rand(int|n)?(_like)?|randperm)
    | (.*\.)?(bernoulli_?|multinomial|(normal|random|uniform)_
    | (cauchy|exponential|geometric|log_normal|orthogonal|sparse|trunc_normal)_
    | (kaiming|xavier)_(normal|uniform)_)""",
    re.VERBOSE,
)
LAYERS = re.compile(  # PyTorch's own draw their weights
    r"(torch\.)?nn\.(Bilinear|Conv\w+|Embedding\w*|GRU\w*|LSTM\w*|Linear|MultiheadAttention|RNN\w*|Transformer\w*)"
)
# A worker is a process with one run: nobody shares its generator, whose state is in the checkpoint.
ALLOWED = {
    "runs/training.py": {"torch.manual_seed"},  # a run begins
    "runs/together.py": {"torch.manual_seed"},  # a step of one of several processes begins
    "runs/resume.py": {"torch.get_rng_state", "torch.set_rng_state"},  # its checkpoint
    "core/attention.py": {"F.dropout", "dropout_p"},  # only in training
    "core/layers.py": {"nn.Dropout"},
    "core/gpt.py": {"nn.Dropout"},
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def shared_randomness(source: str) -> set[str]:
    """Everything in a file that would draw from, or seed, a generator that all threads share."""
    return {found for node in ast.walk(ast.parse(source)) for found in shared_in(node)}


def shared_in(node: ast.AST) -> Iterator[str]:
    """The same for one part of a file: a name, a call, an import."""
    if isinstance(node, ast.ImportFrom):  # under names of their own nobody would find them
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if SHARED.fullmatch(name) or DRAWS.fullmatch(name))
    elif isinstance(node, ast.Attribute) and SHARED.fullmatch(ast.unparse(node)):
        yield ast.unparse(node)
    elif isinstance(node, ast.keyword) and node.arg == "dropout_p":
        yield node.arg
    elif isinstance(node, ast.Call):
        name, given = ast.unparse(node.func), {word.arg for word in node.keywords}
        if LAYERS.fullmatch(name) or (DRAWS.fullmatch(name) and "generator" not in given):
            yield name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("with torch.random.fork_rng(devices=[]): pass", {"torch.random.fork_rng"}),
        ("torch.manual_seed(1)", {"torch.manual_seed"}),
        ("start = torch.manual_seed", {"torch.manual_seed"}),
        ("from torch import Tensor, manual_seed", {"torch.manual_seed"}),
        ("from torch.random import fork_rng", {"torch.random.fork_rng"}),
        ("torch.seed()", {"torch.seed"}),
        (
            "torch.cuda.manual_seed_all(1); torch.cuda.manual_seed(1)",
            {"torch.cuda.manual_seed", "torch.cuda.manual_seed_all"},
        ),
        ("torch.Generator().manual_seed(1).seed()", set()),
        ("import random\nrandom.seed(1)", {"random.seed"}),
        ("random.choice(rows)", {"random.choice"}),
        ("random.Random(1).choice(rows)", set()),
        ("from random import Random, choice", {"random.choice"}),
        ("np.random.rand(3); np.random.default_rng(1).random()", {"np.random.rand"}),
        ("torch.rand(3)", {"torch.rand"}),
        ("torch.randint(3, (2,), generator=dice)", set()),
        ("x.normal_(0, 1); y.uniform_(generator=dice)", {"x.normal_"}),
        ("nn.init.normal_(w, std=1)", {"nn.init.normal_"}),
        ("torch.multinomial(probs, 1, generator=generator)", set()),
        ("nn.Linear(3, 4)", {"nn.Linear"}),
        ("class Linear(nn.Linear): pass", set()),
        ("F.dropout(x, 0.1)", {"F.dropout"}),
        ("attend(q, k, v, dropout_p=0.1)", {"dropout_p"}),
        ("self.drop = nn.Dropout(0.1)", {"nn.Dropout"}),
        ("drop_rate = config.drop_rate", set()),
    ],
)
def test_the_check_sees_what_it_looks_for(source: str, found: set[str]):
    assert shared_randomness(source) == found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_all_randomness_is_handed_in(path: Path):
    found = shared_randomness(path.read_text(encoding="utf-8"))
    allowed = ALLOWED.get(name_of(path), set())
    assert found <= allowed, f"{name_of(path)}: hand in a torch.Generator instead of {found - allowed}"
    assert found == allowed, f"{name_of(path)} no longer needs {allowed - found}: strike it from the list"
