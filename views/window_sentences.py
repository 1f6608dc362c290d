"""What the Windows page says: of the parts of a text, of how often tokens are targets, and of a batch."""

import numpy as np

from views.here import Here
from views.phrases import count_of
from views.windowing import Windows


def cut_sentence(windows: Windows) -> str:
    """What each part of the text gives, or why it gives nothing."""
    total, length = len(windows.pieces), windows.context_length
    parts = []
    for name, tokens, starts in (
        ("training", windows.cut, windows.training),
        ("validation", total - windows.cut, windows.validation),
    ):
        some = f"{count_of(len(starts), 'window')}, {count_of(len(starts) * length, 'example')}"
        short = (
            f"no window: one of {length} needs {length + 1} tokens, {length} to read and one more to foretell"
        )
        give = f"{count_of(tokens, 'token')} for {name} {'gives' if tokens == 1 else 'give'}"
        parts.append(f"{give} {some if starts else short}.")
    return " ".join(parts)


def counts_sentence(windows: Windows) -> str:
    """How often tokens are asked for, in the training part."""
    counts = windows.counts()[: windows.cut]
    never, once, more = int((counts == 0).sum()), int((counts == 1).sum()), int((counts > 1).sum())
    most = f" (at most {int(counts.max())} times)" if more else ""
    found = {"never a target": never, "once": once, f"more often{most}": more}
    told = ", ".join(f"{how} {count}" for how, count in found.items() if count)
    if not told:
        return "There are no training tokens."
    return f"Of {count_of(windows.cut, 'training token')}: {told}."


def batch_sentence(windows: int, order: np.ndarray, length: int) -> str:
    """What one pass through the training part is."""
    batches, size = order.shape
    if not batches:
        fill = "fills" if windows == 1 else "fill"
        return f"{count_of(windows, 'window')} {fill} no batch of {size}: nothing would be learned."
    left = windows - order.size
    wait = "fills none and waits" if left == 1 else "fill none and wait"
    rest = f"; {left} of {count_of(windows, 'window')} {wait} for the next epoch" * bool(left)
    return (
        f"One epoch is {count_of(batches, 'batch|batches')} of {size} × {length} = "
        f"{count_of(size * length, 'prediction')}, and one step each{rest}."
    )


def stride_words(stride: int, length: int, counts: np.ndarray) -> str:
    """What a stride does to the targets, as the counts of the training tokens (N,) have it."""
    most = int(counts.max(initial=0))
    if not most:
        return "no window fits"
    if stride < length:
        return f"a token is a target up to {count_of(most, 'time')}"
    if stride == length:
        return "from the first target to the last each token is a target once"
    skipped = stride - length
    return f"{count_of(skipped, 'token')} between two windows {'is' if skipped == 1 else 'are'} no target"


def never_words(counts: np.ndarray) -> str | None:
    """How many training tokens are never a target, and where they stand; None where there are none."""
    targets = np.flatnonzero(counts)
    if not len(targets):
        return None
    between = int((counts[targets[0] : targets[-1] + 1] == 0).sum())
    places = {"before the first target": int(targets[0]), "between windows": between}
    places["after the last window"] = len(counts) - 1 - int(targets[-1])
    told = ", ".join(f"{count} {where}" for where, count in places.items() if count)
    never = sum(places.values())
    return f"{count_of(never, 'training token')} {'is' if never == 1 else 'are'} never a target: {told}."


def numbers(here: Here, windows: Windows, order: np.ndarray) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    counts, length, own = windows.counts()[: windows.cut], windows.context_length, here.config.context_length
    return {
        "tokens": windows.cut,
        "length": length,
        "stride": windows.stride,
        "how": stride_words(windows.stride, length, counts),
        "never_targets": never_words(counts),
        "windows": len(windows.training),
        "examples": len(windows.training) * length,
        "never": int((counts == 0).sum()),
        "often": int((counts > 1).sum()),
        "batches": len(order),
        "context": own,
    }
