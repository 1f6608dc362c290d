"""What the Windows page draws: a text cut into windows, one of them, how often tokens count, and a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch

from core.data import epoch_order, target_counts, train_validation_split, window_starts
from core.library import library, read_text
from core.losses import token_losses
from core.pieces import Piece
from views import cache, state
from views.figures.base import visible
from views.here import Here
from views.look import tap_of
from views.prompt import only_known
from views.text import safe
from views.vocabulary import piece_name

PROMPT = "the prompt"
MOST_TOKENS = 80  # of a text, on one screen
READ = 1000  # characters of a library text: more than MOST_TOKENS tokens of any vocabulary would need
LONGEST, WIDEST_STRIDE, MOST_BATCH, EPOCHS = 16, 20, 8, 4
SEED = 123


def texts() -> list[str]:
    """What can be cut: the prompt, or a text of the library by its key."""
    return [PROMPT, *library()]


def title_of(text: str) -> str:
    """What a text is called in the list."""
    return "The prompt" if text == PROMPT else library()[text].title


def read(here: Here, text: str) -> tuple[Piece, ...]:
    """The first tokens of a text, as the chosen model's tokenizer cuts it."""
    if text == PROMPT:
        return here.prompt.pieces[:MOST_TOKENS]
    start = only_known(read_text(text)[:READ], here.tokenizer)
    return tuple(islice(here.tokenizer.pieces(start), MOST_TOKENS))


@dataclass(frozen=True)
class Windows:
    """A text in two parts, and the windows of each: those of the first part are learned from."""

    pieces: tuple[Piece, ...]
    cut: int  # first token of the validation part
    context_length: int
    stride: int

    @property
    def training(self) -> range:
        """Where the windows of the training part begin."""
        return window_starts(self.cut, self.context_length, self.stride)

    @property
    def validation(self) -> range:
        """Where those of the validation part begin, counted in the whole text."""
        found = window_starts(len(self.pieces) - self.cut, self.context_length, self.stride)
        return range(self.cut + found.start, self.cut + found.stop, found.step) if found else range(0)

    @property
    def starts(self) -> list[int]:
        """Where all windows begin, first those to learn from."""
        return [*self.training, *self.validation]

    def counts(self) -> np.ndarray:
        """How many windows have each token as a target: (tokens,)."""
        parts = (self.cut, len(self.pieces) - self.cut)
        return np.concatenate([target_counts(n, self.context_length, self.stride).numpy() for n in parts])

    def names(self, start: int) -> list[str]:
        """The tokens of one window and the one that follows it: (context_length + 1,)."""
        return [visible(piece_name(piece)) for piece in self.pieces[start : start + self.context_length + 1]]

    def holding(self, token: int) -> int:
        """The last window that begins at a token or before it: where a click on the token leads."""
        before = [number for number, start in enumerate(self.starts) if start <= token]
        return before[-1] if before else 0


def cut_up(pieces: tuple[Piece, ...], context_length: int, stride: int, percent: int) -> Windows:
    """Cut a text, the first `percent` of its tokens to learn from."""
    train, _ = train_validation_split(torch.arange(len(pieces)), percent / 100)
    return Windows(pieces, len(train), context_length, stride)


def chances(here: Here, windows: Windows, start: int) -> np.ndarray | None:
    """What the model gives each target of a window, (context_length,) in 0..1; None if it cannot read it."""
    if windows.context_length > here.config.context_length:
        return None
    ids = tuple(piece.id for piece in windows.pieces[start : start + windows.context_length + 1])

    def measure() -> np.ndarray:
        model = cache.model_of(here.look)
        return token_losses(model, torch.tensor(ids), tap_of(model, here.look)).neg().exp().numpy()

    return cache.once(("chances", here.look, ids), measure)


def epoch(windows: int, batch_size: int, shuffle: bool, number: int) -> np.ndarray:
    """Which windows learn together in one pass, (batches, batch_size): each pass is shuffled anew."""
    generator = torch.Generator().manual_seed(SEED) if shuffle else None
    return [epoch_order(windows, batch_size, generator) for _ in range(number)][-1].numpy()


def go_to(windows: Windows, token: int, text: str) -> None:
    """A click on a token: the window that holds it; in the prompt, the token on every page."""
    state.set_control("windows_window", windows.holding(token))
    if text == PROMPT:
        state.pick_token(token)


def whose(here: Here) -> str:
    """Whose chances stand below the targets."""
    seeing = "" if here.config.causal else ", which was trained without the mask and sees the answer"
    return f"Chances: {safe(here.model_name)}{seeing}."


def batch_names(windows: Windows, rows: Sequence[int]) -> tuple[list[list[str]], np.ndarray]:
    """The tokens of a batch's windows with the one after each, and where in the text: (B, T + 1)."""
    starts = [windows.training[row] for row in rows]
    places = np.array(starts)[:, None] + np.arange(windows.context_length + 1)
    return [windows.names(start) for start in starts], places
