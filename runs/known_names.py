"""The names of files that are read when somebody brings a model; a name of theirs never becomes a path."""

import re
from collections.abc import Iterable
from pathlib import Path

from core.weight_files import ADAPTERS, NO_WEIGHTS, PART, listed

VOCABULARIES = (
    "tokenizer.json",
    "vocab.json",
    "merges.txt",
    "added_tokens.json",
    "special_tokens_map.json",
    "meta.pkl",
    "meta.json",
)
INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")  # which part holds what
NOT_WEIGHTS = ("config.json", *INDEXES, *ADAPTERS, *VOCABULARIES)
OURS = {"model.safetensors", "pytorch_model.bin", *NOT_WEIGHTS}
IGNORED = (".", "__macosx", "readme", "license", "licence", "generation_config", "tokenizer_config")
READ = (
    "weights (.safetensors, .pth, .pt, .bin), config.json, tokenizer.json, vocab.json, merges.txt, meta.pkl"
)


def our_name(name: str) -> str:
    """The name under which a file is taken; "" for one that is left."""
    base = re.split(r"[/\\]", name)[-1].lower()
    if base in OURS or PART.fullmatch(base):
        return base
    if base.startswith(NO_WEIGHTS):
        return ""
    suffix = Path(base).suffix
    if suffix == ".safetensors":
        return "weights.safetensors"
    return "weights.pth" if suffix in (".pth", ".pt", ".ckpt", ".bin") else ""


def not_taken(names: Iterable[str]) -> tuple[str, ...]:
    """A sentence about files that nothing here reads; readmes and licences are not worth one."""
    bases = [re.split(r"[/\\]", name)[-1] for name in names]
    left = [base for base in bases if base and not our_name(base) and not base.lower().startswith(IGNORED)]
    return (f"Not used: {listed(sorted(set(left)))}",) if left else ()
