"""One computed sentence for each picture: for screen readers, and for the back row."""

import numpy as np

from core.roles import ROLES, SHORTEST_CONTEXT, HeadScores

DOES = {  # what one head of a role does, and several
    "previous token": ("looks one token back", "look one token back"),
    "first token": ("rests on the first token", "rest on the first token"),
    "itself": ("looks at itself", "look at themselves"),
    "induction": ("looks up what followed last time", "look up what followed last time"),
    "diffuse": ("spreads almost evenly", "spread almost evenly"),
}


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
    if share < 0.4:
        how = "looks at few tokens" if weights.max(axis=-1).mean() > 0.6 else "spreads its attention"
        return f"Layer {layer}, head {head} {how}: no fixed place gets more than {share:.0%}."
    return f"Layer {layer}, head {head} looks mostly, {share:.0%}, at {place}."


def role_of_head(scores: HeadScores | None, layer: int, head: int) -> str:
    """What one head looks like, to follow its name."""
    if scores is None:
        return f"has no measured role, as that takes a context of {SHORTEST_CONTEXT} tokens"
    found = scores.roles[layer][head]
    return f"looks like {found[0]}, {found[1]:.2f}" if found else "shows no clear role"


def scores_of_head(scores: HeadScores, layer: int, head: int) -> str:
    """All scores of one head, in one line."""
    found = " · ".join(f"{role} {score:.2f}" for role, score in scores.at(layer, head).items())
    return f"On random tokens that come twice: {found}."


def roles_sentence(scores: HeadScores | None) -> str:
    """How many heads of a model look like what, and the strongest of each."""
    if scores is None:
        return (
            f"A context of less than {SHORTEST_CONTEXT} tokens is too short to measure what heads look like."
        )
    rows = scores.roles
    found = {(i, j): role for i, row in enumerate(rows) for j, role in enumerate(row)}
    playing = {role: {at: one[1] for at, one in found.items() if one and one[0] == role} for role in ROLES}
    parts = [players(role, heads) for role, heads in playing.items() if heads]
    without = sum(one is None for one in found.values())
    if without:
        parts.append(f"{without} {'shows' if without == 1 else 'show'} no clear role")
    return f"On random tokens that come twice, of {len(found)} heads: {'; '.join(parts)}."


def players(role: str, heads: dict[tuple[int, int], float]) -> str:
    """The heads of one role, with their scores, as a part of a sentence."""
    layer, head = max(heads, key=heads.get)
    where = f"layer {layer}, head {head}, with {heads[layer, head]:.2f}"
    one, several = DOES[role]
    return f"1 {one} ({where})" if len(heads) == 1 else f"{len(heads)} {several} (strongest {where})"


def entropy(probs: np.ndarray) -> float:
    """How undecided a distribution (V,) is, in bits: 0 = certain, log2(V) = anything goes."""
    probs = probs[probs > 0]
    return float(-(probs * np.log2(probs)).sum())
