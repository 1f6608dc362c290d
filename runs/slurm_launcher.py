"""Workers as jobs of Slurm, through submitit. Optional: `requirements-cluster.txt`."""

import math
import os
import time

import submitit
from submitit.core.utils import FailedJobError, FailedSubmissionError

from runs import far_worker
from runs.elsewhere import NO_SLURM
from runs.errors import StoreError
from runs.home import Home
from runs.settings import settings
from runs.summon import ROOT

CHECK_EVERY = 30.0  # seconds from one question to Slurm to the next, about all jobs at once
TORCH_GIB = 2  # of memory beside the run's own
KEPT = 30 * 86400.0  # seconds that what submitit writes about a job is kept
OVER = {
    "OUT_OF_MEMORY": "ran out of the memory that Slurm gave it",
    "NODE_FAIL": "was lost with its machine",
    "TIMEOUT": "ran out of the time that Slurm gave it",
}


class SubmititLauncher:
    """A job for each worker. Its state comes from Slurm's accounts, which know of lost machines, too."""

    def __init__(self, home: Home, cluster: str = "slurm") -> None:
        self.folder = home.folder / "jobs"
        self.jobs: dict[str, submitit.Job] = {}
        self.last_check = -math.inf
        try:
            self.executor = submitit.AutoExecutor(self.folder, cluster=cluster)
        except RuntimeError as error:
            raise StoreError(NO_SLURM) from error
        partition = settings().slurm_partition
        self.executor.update_parameters(
            name="glassbox",
            timeout_min=settings().slurm_minutes,
            cpus_per_task=1,
            mem_gb=math.ceil(settings().training_bytes / 2**30) + TORCH_GIB,
            slurm_additional_parameters={"chdir": str(ROOT)},  # where a job finds this program
            **({"slurm_partition": partition} if partition else {}),
        )

    def start(self, run_dir: os.PathLike, attempt: str) -> str:
        """Hand in a job; the handle is its number. StoreError if Slurm does not take it."""
        self.tidy()
        try:
            job = self.executor.submit(far_worker.train, str(run_dir), attempt)
        except (FailedJobError, FailedSubmissionError, OSError) as error:
            raise StoreError(f"Slurm does not take the job: {error}") from error
        self.jobs[job.job_id] = job
        return job.job_id

    def ended(self, handle: str) -> str | None:
        """How a job ended, in words; None while it waits or works, or while Slurm does not answer."""
        job = self.job(handle)
        if isinstance(job, submitit.LocalJob):
            return how(job.state) if job.done() else None
        due = time.monotonic() - self.last_check > CHECK_EVERY
        self.last_check = time.monotonic() if due else self.last_check
        state = job.watcher.get_state(handle, mode="force" if due else "cache")
        return how(state) if job.watcher.is_done(handle, mode="cache") else None

    def kill(self, handle: str) -> None:
        """Cancel a job that the run does not belong to any more."""
        self.job(handle).cancel(check=False)

    def tidy(self) -> None:
        """Remove what was written about jobs of long ago."""
        for path in self.folder.glob("*_*"):
            if time.time() - path.stat().st_mtime > KEPT:
                path.unlink(missing_ok=True)

    def job(self, handle: str) -> submitit.Job:
        """The job of this number, also one that a dispatcher before this one has handed in."""
        if handle not in self.jobs:
            self.jobs[handle] = self.executor.job_class(self.folder, handle)
        return self.jobs[handle]


def how(state: str) -> str:
    """The end of a job as words that go on from "the last one"."""
    return OVER.get(state.split()[0].upper(), f"left no word, and its job is {state} in Slurm's words")
