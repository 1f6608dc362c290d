"""Edits as they stand in the address and in the sidebar: `h1.4,b2` is head 4 of layer 1 off, and block 2."""

import re

from core.config import GPTConfig
from core.interventions import Edit, check_edit
from core.tokenizer import Tokenizer
from views.figures.base import visible

MOST_EDITS = 32
OFF = {"a": "attention", "m": "mlp", "b": "block"}  # letter in the address -> kind
NAMES = {"attention": "Attention", "mlp": "Feed-forward", "block": "Block"}
CODE = re.compile(
    r"h(?P<head_layer>\d{1,4})\.(?P<head>\d{1,4})(?P<mean>m?)"
    r"|(?P<off>[amb])(?P<off_layer>\d{1,4})"
    r"|v(?P<push_layer>\d{1,4})\.(?P<token>\d{1,7})x(?P<strength>-?\d{1,3}(\.\d{1,3})?)(@(?P<where>\d{1,6}))?"
    r"|p(?P<patch_layer>\d{1,4})@(?P<position>\d{1,6})"
)


def code_of(edit: Edit) -> str:
    """An edit as it stands in the address."""
    if edit.kind == "head":
        return f"h{edit.layer}.{edit.head}{'m' if edit.by == 'mean' else ''}"
    if edit.kind == "push":
        where = "" if edit.position is None else f"@{edit.position}"
        return f"v{edit.layer}.{edit.token}x{edit.strength:g}{where}"
    if edit.kind == "patch":
        return f"p{edit.layer}@{edit.position}"
    return next(letter for letter, kind in OFF.items() if kind == edit.kind) + str(edit.layer)


def edit_of(code: str) -> Edit | None:
    """The edit of such a code; None if it is none."""
    found = CODE.fullmatch(code)
    if not found:
        return None
    part = found.groupdict()
    if part["head"]:
        by = "mean" if part["mean"] else "zero"
        return Edit(kind="head", layer=int(part["head_layer"]), head=int(part["head"]), by=by)
    if part["off"]:
        return Edit(kind=OFF[part["off"]], layer=int(part["off_layer"]))
    if part["token"]:
        where = None if part["where"] is None else int(part["where"])
        return Edit(
            kind="push",
            layer=int(part["push_layer"]),
            token=int(part["token"]),
            strength=float(part["strength"]),
            position=where,
        )
    return Edit(kind="patch", layer=int(part["patch_layer"]), position=int(part["position"]))


def edits_of(codes: str) -> tuple[Edit, ...]:
    """All edits of an address, each once; what cannot be read is left out."""
    found = (edit_of(code) for code in codes[:2000].split(","))
    return tuple(dict.fromkeys(edit for edit in found if edit))[:MOST_EDITS]


def fitting(edits: tuple[Edit, ...], config: GPTConfig) -> tuple[Edit, ...]:
    """The edits that this model has the parts for: another model may have fewer heads."""
    return tuple(edit for edit in edits if fits(edit, config))


def fits(edit: Edit, config: GPTConfig) -> bool:
    """Whether the model has what the edit changes."""
    try:
        check_edit(edit, config)
    except ValueError:
        return False
    return True


def label_of(edit: Edit, tokenizer: Tokenizer) -> str:
    """What an edit does, in a few words."""
    if edit.kind == "head":
        return f"Head {edit.layer}.{edit.head} {'at its mean' if edit.by == 'mean' else 'off'}"
    if edit.kind == "patch":
        return f"Token {edit.position} before block {edit.layer} from the other text"
    if edit.kind == "push":
        place = "every token" if edit.position is None else f"token {edit.position}"
        word = visible(tokenizer.decode([edit.token]))
        return f"{place.capitalize()} before block {edit.layer} pushed to “{word}” × {edit.strength:g}"
    return f"{NAMES[edit.kind]} {edit.layer} off"
