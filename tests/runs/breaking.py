"""A dispatcher whose workers die at the worst moments: `python -m tests.runs.breaking FOLDER`.

The name of a moment stands in the file `moment` in a run's folder; dying there uses it up.
"""

import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

from core import weights
from runs import dispatcher, orders, resume, worker
from runs.journal import Journal

work = worker.work


class Moment:
    """Dies at one call of a function, the `number`-th."""

    def __init__(self, run_dir: Path, number: int = 1) -> None:
        self.run_dir = run_dir
        self.left = number

    def before(self, function, condition=lambda *_, **__: True):
        """The function, not reached at the fatal call."""

        def deadly(*arguments, **options):
            if condition(*arguments, **options):
                self.left -= 1
                if not self.left:
                    self.die()
            return function(*arguments, **options)

        return deadly

    def half_written(self, function):
        """The function, after which half of the file that it wrote is there."""

        def deadly(tensors, path, **options):
            function(tensors, path, **options)
            self.left -= 1
            if not self.left:
                os.truncate(path, os.path.getsize(path) // 2)
                self.die()

        return deadly

    def die(self) -> None:
        (self.run_dir / "moment").unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def in_writing_a_checkpoint(run_dir):
    resume.save_file = Moment(run_dir, 3).half_written(resume.save_file)


def between_write_and_rename(run_dir):
    replaced = Moment(run_dir, 2).before(os.replace, lambda _, new: new.name == resume.PREVIOUS)
    resume.os = SimpleNamespace(replace=replaced, fsync=os.fsync)


def between_the_renames(run_dir):
    replaced = Moment(run_dir, 3).before(os.replace, lambda _, new: new.name == resume.LAST)
    resume.os = SimpleNamespace(replace=replaced, fsync=os.fsync)


def between_facts_and_model(run_dir):
    worker.save_to_rail = Moment(run_dir, 4).before(worker.save_to_rail)


def in_writing_a_model(run_dir):
    weights.save_file = Moment(run_dir, 4).half_written(weights.save_file)


def between_events_and_checkpoint(run_dir):
    worker.save_training = Moment(run_dir, 3).before(worker.save_training)


def in_the_transaction(run_dir):
    orders.apply_rate = Moment(run_dir, 3).before(orders.apply_rate)


def before_it_says_done(run_dir):
    Journal.end = Moment(run_dir).before(Journal.end)


def after_it_said_done(run_dir):
    worker.drop_training = Moment(run_dir).before(worker.drop_training)


def in_a_reset(run_dir):
    Journal.begin_again = Moment(run_dir).before(Journal.begin_again)


MOMENTS = {
    function.__name__: function
    for function in (
        in_writing_a_checkpoint,
        between_write_and_rename,
        between_the_renames,
        between_facts_and_model,
        in_writing_a_model,
        between_events_and_checkpoint,
        in_the_transaction,
        before_it_says_done,
        after_it_said_done,
        in_a_reset,
    )
}


def work_until_the_moment(run_dir: Path) -> int:
    """What a worker does, with its moment prepared."""
    worker.CHECKPOINT_EVERY, worker.CHECKPOINT_SHARE, worker.EVENTS_EVERY = 0.02, 1, 0.02
    if (run_dir / "moment").exists():
        MOMENTS[(run_dir / "moment").read_text()](run_dir)
    return work(run_dir)


if __name__ == "__main__":
    worker.work = work_until_the_moment
    sys.argv = ["dispatcher", "--home", sys.argv[1]]
    dispatcher.main()
