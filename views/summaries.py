"""One computed sentence for each picture: for screen readers, and for the back row."""

import numpy as np

from core.roles import ROLES, SHORTEST_CONTEXT, HeadScores
from views.phrases import phrase, several


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


def role_of_head(scores: HeadScores | None, layer: int, head: int) -> str:
    """What one head looks like, to follow its name."""
    if scores is None:
        return phrase("attention", "not_measured", shortest=SHORTEST_CONTEXT)
    found = scores.roles[layer][head]
    if found is None:
        return phrase("attention", "no_role")
    return phrase("attention", "role", role=found[0], score=found[1])


def scores_of_head(scores: HeadScores, layer: int, head: int) -> str:
    """All scores of one head, in one line."""
    found = " · ".join(f"{role} {score:.2f}" for role, score in scores.at(layer, head).items())
    return phrase("attention", "scores", found=found)


def roles_sentence(scores: HeadScores | None) -> str:
    """How many heads of a model look like what, and the strongest of each."""
    if scores is None:
        return phrase("attention", "too_short", shortest=SHORTEST_CONTEXT)
    rows = scores.roles
    found = {(i, j): role for i, row in enumerate(rows) for j, role in enumerate(row)}
    playing = {role: {at: one[1] for at, one in found.items() if one and one[0] == role} for role in ROLES}
    parts = [players(role, heads) for role, heads in playing.items() if heads]
    without = sum(one is None for one in found.values())
    if without:
        parts.append(several("attention", "unclear", without))
    return phrase("attention", "roles", count=len(found), found="; ".join(parts))


def players(role: str, heads: dict[tuple[int, int], float]) -> str:
    """The heads of one role, with their scores, as a part of a sentence."""
    layer, head = max(heads, key=heads.get)
    where = phrase("attention", "where", layer=layer, head=head, score=heads[layer, head])
    return several("attention", f"does_{role.replace(' ', '_')}", len(heads), where=where)


def entropy(probs: np.ndarray) -> float:
    """How undecided a distribution (V,) is, in bits: 0 = certain, log2(V) = anything goes."""
    probs = probs[probs > 0]
    return float(-(probs * np.log2(probs)).sum())
