"""Each row and each property of the list of faults has a test that bears its number or its name."""

import ast
import re
from pathlib import Path

import pytest

ROWS = {
    1: "empty text",
    2: "1 MB text in a field",
    3: "1 MB of one letter",
    4: "lone surrogate",
    5: "NUL and control characters",
    6: "right-to-left and override text",
    7: "emoji joiners, combining marks",
    8: "invalid UTF-8 upload",
    9: "UTF-16 and byte-order marks",
    10: "<|endoftext|> in user text",
    11: "script, markdown, LaTeX in text or run name",
    12: "id out of vocabulary",
    13: "half a character at the end of a sample",
    14: "corpus shorter than the context",
    15: "corpus of one repeated token",
    16: "prompt longer than the context",
    17: "token id beyond the vocabulary",
    18: "width that the heads cannot share",
    19: "loss that is no number",
    20: "learning rate of 1000",
    21: "no number in metrics",
    22: "config beyond the memory",
    23: "worker killed for its memory",
    24: "kill -9 of a worker",
    25: "kill -9 of the app",
    26: "worker that dies three times",
    27: "worker that hangs",
    28: "full disk",
    29: "store read-only or missing",
    30: "database locked, old, or none",
    31: "clock set back or forward",
    32: "two tabs of one person",
    33: "reload in mid-run",
    34: "double click, thirty starts",
    35: "cancel at any moment",
    36: "pause, restart, resume",
    37: "two dispatchers",
    38: "damaged checkpoint",
    39: "checkpoint of another model",
    40: "pickle bomb",
    41: "zip bomb",
    42: "names and links in an archive",
    43: "hostile run name",
    44: "hostile address",
    45: "another's id guessed",
    46: "program named .txt, upload past the widget",
    47: "formula in exported cells",
    48: "temperature out of range",
    49: "top-k and top-p out of range",
    50: "all scores masked",
    51: "seed out of range",
    52: "a million tokens asked for",
    53: "ten thousand sessions",
    54: "slow client, closed tab",
    55: "GPT-2 absent, partial, damaged, offline",
    56: "another torch at resume",
    57: "another thread count at resume",
    58: "SIGTERM",
    59: "another locale, dark, 200 %",
    60: "any config of the sliders",
    61: "a config.json, whichever way the weights come",
    62: "what no shape shows and no file says",
    63: "added tokens, a first token of a template",
    64: "stale parts, adapters, names of other programs",
    65: "a million spaces in a row",
    66: "tables as people save them",
    67: "seeded numbers under threads",
    68: "checkpoint that cannot be read at resume",
    69: "three deaths with progress between them",
    70: "foreign Origin",
    71: "uploads without end",
    72: "one person with many cookies",
    73: "make run in a LAN",
    74: "path of the server",
    75: "judge elsewhere",
    76: "another's slow request",
    77: "slow pickle",
    78: "start and delete with 5 MB of text",
    80: "foreign Host, framing, metrics",
    81: "addresses in what people write",
    82: "cookie of nobody",
    79: "database that disappears",
    83: "a message names its page",
    84: "large file, crowded folder",
}
PROPERTIES = {
    "round_trip": "decode(encode(x)) is x",
    "causal": "no token sees the future",
    "rows": "attention rows sum to 1, the future weighs 0",
    "cache": "the KV cache equals the full forward",
    "watching": "watching changes nothing",
    "fused": "fused and explicit attention agree",
    "sampling": "temperature, top-k, top-p give probabilities",
    "batch": "a batch of two is two of one, padding changes no prefix",
    "saved": "saved and resumed is bit for bit",
    "left_out": "all of a checkpoint is needed",
    "same_recipe": "same recipe, same weights in another process",
    "counts": "parameters, first loss, memorising, tied weights",
}


def names_here() -> list[str]:
    """The names of all tests of this folder."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("test_*.py")]
    nodes = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [node.name for node in nodes if node.name.startswith("test_")]


def rows_of(name: str) -> set[int]:
    """test_24_and_25_..., test_38_40_46_..., test_48_to_52_...: the numbers at its beginning."""
    numbers = re.match(r"test_((?:\d+_(?:and_|to_)?)*)", name)[1]
    found = [int(number) for number in re.findall(r"\d+", numbers)]
    return set(range(found[0], found[1] + 1)) if "_to_" in numbers else set(found)


def test_names_are_read_as_they_are_meant() -> None:
    assert rows_of("test_24_and_25_kill_9_at_random_moments") == {24, 25}
    assert rows_of("test_38_40_46_what") == {38, 40, 46}
    assert rows_of("test_48_to_50_any") == {48, 49, 50}
    assert rows_of("test_names_are_read") == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row} {ROWS[row]}")
def test_every_row_has_a_test(row: int) -> None:
    assert any(row in rows_of(name) for name in names_here()), f"no test of row {row}: {ROWS[row]}"


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_property_has_a_test(name: str) -> None:
    assert any(test.startswith(f"test_property_{name}") for test in names_here()), PROPERTIES[name]


def test_every_test_here_has_its_number() -> None:
    """What has none belongs beside what it tests."""
    own = {name for name in names_here() if not rows_of(name) and not name.startswith("test_property_")}
    assert all(name.startswith(("test_every_", "test_names_")) for name in own), own
    assert set().union(*map(rows_of, names_here())) <= ROWS.keys()
