"""A run is taken up where its last worker left it: never at another step than its curve says."""

from contextlib import suppress
from pathlib import Path

from core.tokenizer import Tokenizer
from runs.base import keep_tokenizer, kept_tokenizer
from runs.errors import DamagedError
from runs.home import home_of
from runs.journal import Ledger
from runs.prepare import prepared, tokenizer_of
from runs.rail import drop_after
from runs.recipe import Recipe
from runs.resume import LAST, load_training, restore_threads, same_bits, set_aside
from runs.training import Training

OTHER_MACHINE = (
    "this run goes on with another version of PyTorch, or another number of threads, than it began with: "
    "its last bits may differ"
)


def take_up(recipe: Recipe, run_dir: Path, journal: Ledger) -> Training:
    """The training as the last worker left it, or a new one. DamagedError if its checkpoints are lost."""
    ready = prepared(recipe, tokenizer_in(run_dir, recipe), home_of(run_dir))
    for sentence in ready.warnings:
        journal.note(sentence)
    restore_threads(run_dir)
    if not same_bits(run_dir):
        journal.note(OTHER_MACHINE)
    training = load_training(ready, run_dir)
    if training is None:
        check_not_begun(journal)
        return Training.begin(ready)
    if training.setback:
        cut_back(training, run_dir, journal)
    return training


def tokenizer_in(run_dir: Path, recipe: Recipe) -> Tokenizer:
    """The run's tokenizer, made once and kept beside its models."""
    with suppress(OSError, ValueError, KeyError, TypeError):  # missing, or damaged by a power cut: made again
        return kept_tokenizer(run_dir)
    tokenizer = tokenizer_of(recipe, home_of(run_dir))
    keep_tokenizer(run_dir, tokenizer)
    return tokenizer


def check_not_begun(journal: Ledger) -> None:
    """Raise DamagedError if the run has made steps: its curve must not begin a second time."""
    if steps := journal.progress():
        raise DamagedError(
            f"this run has made {steps} steps, and its checkpoint {LAST} is gone: start it again"
        )


def cut_back(training: Training, run_dir: Path, journal: Ledger) -> None:
    """Take back what was seen after the checkpoint that the run goes on from, and say so."""
    journal.cut_back(training.step, training.setback)
    drop_after(run_dir, training.step)
    set_aside(run_dir)
