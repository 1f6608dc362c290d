"""One computed sentence for each picture: for screen readers, and for the back row."""

from collections.abc import Sequence
from math import ceil, isfinite

import numpy as np

from core.roles import EVEN, PLACES, ROLES, SHORTEST_CONTEXT, STANDS_OUT, HeadScores
from views.phrases import phrase, several
from views.text import percent

MOST_NAMED = 6  # heads in a sentence
A_POINT = 0.01  # of probability


def looking_at(weights: np.ndarray) -> dict[str, float]:
    """Mean attention (T, T) to the places that heads often have; shares from 0 to 1."""
    if len(weights) < 2:
        return {"itself": float(weights.diagonal().mean()) if len(weights) else 0.0}
    places = {
        "the previous token": float(weights.diagonal(-1).mean()),
        "itself": float(weights.diagonal()[1:].mean()),
        "the first token": float(weights[1:, 0].mean()),
    }
    ahead = float(weights.diagonal(1).mean())  # 0 under a causal mask
    return places | ({"the next token, which it should predict": ahead} if ahead else {})


def head_sentence(weights: np.ndarray, layer: int, head: int) -> str:
    """What a head mostly does with this text, in one sentence."""
    shares = looking_at(weights)
    place, share = max(shares.items(), key=lambda item: item[1])
    which = {"layer": layer, "head": head, "share": share}
    if share < 0.4:
        return phrase("attention", "few" if weights.max(axis=-1).mean() > 0.6 else "spreads", **which)
    return phrase("attention", "mostly", place=phrase("attention", place), **which)


def looked_up(weights: np.ndarray, ids: Sequence[int]) -> tuple[float, int]:
    """Mean attention (T, T) to what followed the same token before, of tokens that came before; their count.

    That is what an induction head does in a text. A token right after itself does not count.
    """
    last: dict[int, list[int]] = {}
    shares = []
    for query, token in enumerate(ids):
        keys = [place + 1 for place in last.get(token, []) if place + 1 < query]
        if keys:
            shares.append(float(weights[query, keys].sum()))
        last.setdefault(token, []).append(query)
    return (sum(shares) / len(shares) if shares else 0.0), len(shares)


def induction_here(scores: HeadScores, weights: np.ndarray, ids: Sequence[int], layer: int, head: int) -> str:
    """What an induction head does with this text; empty for any other head, or if no token comes again."""
    role, (share, count) = scores.roles[layer][head], looked_up(weights, ids)
    if not (role and role[0] == "induction" and count):
        return ""
    return several("attention", "looked_up", count, share=percent(share))


def role_of_head(scores: HeadScores | None, layer: int, head: int) -> str:
    """What one head looks like, to follow its name, with the length at which that was measured."""
    if scores is None:
        return phrase("attention", "not_measured", shortest=SHORTEST_CONTEXT)
    if not all(map(isfinite, scores.at(layer, head).values())):
        return phrase("attention", "no_number")
    found = scores.roles[layer][head]
    name = found[0] if found else best_position(scores, layer, head)
    facts = {
        "which": phrase("attention", f"{'is' if found else 'at'}_{name.replace(' ', '_')}"),
        "score": plus_minus(scores.at(layer, head)[name], scores.error(name, layer, head)),
        "repeat": scores.repeat,
        "threshold": f"{STANDS_OUT:.2f}",
    }
    if name == "diffuse":
        return phrase("attention", "role_diffuse", **facts)
    facts["beyond"] = beyond(scores, name, layer, head)
    told = phrase("attention", "role" if found else "no_role", **facts)
    return f"{told}; {phrase('attention', 'undecided')}" if scores.undecided(layer, head) else told


def best_position(scores: HeadScores, layer: int, head: int) -> str:
    """The role of PLACES that is furthest beyond chance in one head."""
    found = scores.beyond(layer, head)
    return max(found, key=found.get)


def beyond(scores: HeadScores, role: str, layer: int, head: int) -> str:
    """How far beyond chance one score is, with its standard error."""
    error = scores.error(role, layer, head) / (1 - scores.chance[role])
    return plus_minus(scores.beyond(layer, head)[role], error)


def plus_minus(value: float, error: float) -> str:
    """A number with its standard error, which is rounded up: "0.42 ± 0.02"."""
    return f"{value:.2f} ± {ceil(100 * error - 1e-9) / 100:.2f}" if isfinite(error) else f"{value:.2f}"


def scores_of_head(scores: HeadScores, layer: int, head: int) -> str:
    """All scores of one head, in one line."""
    found = " · ".join(
        f"{role} {plus_minus(score, scores.error(role, layer, head))}"
        for role, score in scores.at(layer, head).items()
    )
    return phrase("attention", "scores", found=found, repeat=scores.repeat, texts=scores.texts)


def roles_sentence(scores: HeadScores | None) -> str:
    """How many heads of a model look like what, the strongest of each, and the roles that no head has."""
    if scores is None:
        return phrase("attention", "too_short", shortest=SHORTEST_CONTEXT)
    rows = scores.roles
    found = {(i, j): role for i, row in enumerate(rows) for j, role in enumerate(row)}
    playing = {role: {at: one[1] for at, one in found.items() if one and one[0] == role} for role in ROLES}
    parts = [players(scores, role, heads) for role, heads in playing.items() if heads]
    without = sum(one is None for one in found.values())
    if without:
        parts.append(several("attention", "unclear", without))
    facts = {"found": "; ".join(parts), "repeat": scores.repeat, "texts": scores.texts}
    told = phrase("attention", "roles", count=len(found), **facts)
    return told if playing["induction"] else f"{told} {no_induction(scores)}"


def players(scores: HeadScores, role: str, heads: dict[tuple[int, int], float]) -> str:
    """The heads of one role, with their scores, as a part of a sentence."""
    layer, head = max(heads, key=heads.get)
    score = plus_minus(heads[layer, head], scores.error(role, layer, head))
    where = phrase("attention", "where", layer=layer, head=head, score=score)
    return several("attention", f"does_{role.replace(' ', '_')}", len(heads), where=where)


def no_induction(scores: HeadScores) -> str:
    """That no head is an induction head, and how close the best one comes."""
    layer, head = scores.best("induction")
    facts = {"beyond": beyond(scores, "induction", layer, head), "threshold": f"{STANDS_OUT:.2f}"}
    return phrase("attention", "no_induction", layer=layer, head=head, repeat=scores.repeat, **facts)


def roles_rule(scores: HeadScores) -> str:
    """What the scores are, what "beyond chance" means, and from where on a head has a role."""
    chance = ", ".join(f"{role} {scores.chance[role]:.2f}" for role in PLACES)
    thresholds = {"threshold": f"{STANDS_OUT:.2f}", "even": f"{EVEN:.2f}"}
    return phrase("attention", "rule", chance=chance, **thresholds)


def strongest_heads(change: np.ndarray, scores: HeadScores | None) -> str:
    """The heads that change the probability most, each with its measured role: change (L, H) -> a sentence.

    Up to six, and none that changes it by less than a point.
    """
    cells = [divmod(int(at), change.shape[1]) for at in np.argsort(-np.abs(change), axis=None)[:MOST_NAMED]]
    cells = [cell for cell in cells if abs(change[cell]) >= A_POINT]
    if not cells:
        return "No head changes it by a point."
    if scores is None:
        return ""
    named = "; ".join(
        f"layer {i}, head {j} ({100 * change[i, j]:+.0f} points, {role_in_brackets(scores, i, j)})"
        for i, j in cells
    )
    return f"By size of the effect, with the role that Attention measures: {named}."


def role_in_brackets(scores: HeadScores, layer: int, head: int) -> str:
    """A head's role in two words."""
    found = scores.roles[layer][head]
    return found[0] if found else "no clear role"


def entropy(probs: np.ndarray) -> float:
    """How undecided a distribution (V,) is, in bits: 0 = certain, log2(V) = anything goes."""
    probs = probs[probs > 0]
    return float(-(probs * np.log2(probs)).sum())
