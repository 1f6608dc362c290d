"""What a model would answer at each depth, and what its layers have added to one logit."""

import numpy as np
import torch

from core import lens
from core.interventions import Edit
from views.cache.models import look_inside, model_of
from views.cache.shared import shared
from views.components.lens import Answers
from views.look import Ids, Look
from views.seen import Seen

BEST = 3  # answers in each cell


def stream_at(seen: Seen, depth: int) -> torch.Tensor:
    """The residual stream after the embedding, depth 0, or after that many blocks: (T, C)."""
    return torch.tensor(seen["embedded" if depth == 0 else f"blocks.{depth - 1}.resid_out"])


@shared(max_entries=64, spinner="Reading every layer …")
def answers(look: Look, ids: Ids, depths: tuple[int, ...], first: int, last: int) -> Answers:
    """The best answers at some depths for the tokens from `first` to before `last`, a depth at a time."""
    model, seen = model_of(look), look_inside(look, ids)
    following = (*ids, None)[first + 1 : last + 1]
    right = torch.tensor([token or 0 for token in following])[:, None]  # (K, 1)
    best, probs, of_right = [], [], []
    for depth in depths:
        with torch.inference_mode():
            found = lens.read_out(model, stream_at(seen, depth)[first:last]).softmax(-1)  # (K, V)
        top = found.topk(min(BEST, found.shape[-1]))
        best.append(top.indices.numpy())
        probs.append(top.values.numpy())
        of_right.append(found.gather(1, right)[:, 0].numpy())
    ends = np.array([token is None for token in following])
    return Answers(np.stack(best), np.stack(probs), following, np.where(ends, 0.0, np.stack(of_right)))


@shared(max_entries=128)
def vector_and_logits(look: Look, ids: Ids, depth: int, place: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The vector (C,) that leaves the final norm at a place, had the model ended there; its logits (V,)."""
    model = model_of(look)
    with torch.inference_mode():
        vector = model.final_norm(stream_at(look_inside(look, ids), depth)[place])
        return vector, model.out_head(vector)


def output_rows(look: Look, tokens: tuple[int, ...]) -> torch.Tensor:
    """The rows of the output matrix of some tokens: (N, C)."""
    return torch.stack([lens.row_of(model_of(look), token) for token in tokens])


@shared(max_entries=128)
def parts_of_logit(look: Look, ids: Ids, place: int, token: int) -> tuple[dict[str, float], np.ndarray]:
    """What each part, and each head (L, H), adds to a token's logit. ValueError where nothing adds up."""
    model, seen = model_of(look), look_inside(look, ids)
    at = slice(place, place + 1)
    trace = {name: of_place(name, array, at) for name, array in seen.arrays.items() if needed(name)}
    trace |= {name: 0 * x for name, x in trace.items() if any(passed_by(name, edit) for edit in look.edits)}
    heads = lens.head_contributions(model, trace, 0, token)
    return lens.contributions(model, trace, 0, token), heads.numpy()


def needed(name: str) -> bool:
    """Whether an array of a look has a part in the sum of a logit."""
    endings = ("attn.out", "ffn.out", "attn.context", "resid_out")
    return name in ("tok_emb", "pos_emb") or name.endswith(endings)


def passed_by(name: str, edit: Edit) -> bool:
    """Whether a tensor was computed for nothing: its block, or its attention, is off."""
    part = {"block": "", "attention": "attn."}.get(edit.kind)
    inside = part is not None and name.startswith(f"blocks.{edit.layer}.{part}")
    return inside and not name.endswith("resid_out")


def of_place(name: str, array: np.ndarray, at: slice) -> torch.Tensor:
    """One token of an array, as a text of its own: (1, 1, C), or (1, H, 1, D) for heads."""
    return torch.tensor(array[:, at] if name.endswith("context") else array[at])[None]


@shared(max_entries=128)
def losses(look: Look, ids: Ids, most: int) -> np.ndarray:
    """Surprise in nats at each of the last tokens of a text, `most` at most, the first left out."""
    vectors = torch.tensor(look_inside(look, ids)["final_norm"][:-1])
    targets = torch.tensor(ids[1:], dtype=torch.long)
    return lens.losses_along(model_of(look), vectors[-most:], targets[-most:]).numpy()
