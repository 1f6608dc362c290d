"""Which machines train: one setting, GLASSBOX_LAUNCHER, and what each choice needs."""

import os
from importlib.util import find_spec
from shutil import which
from typing import TYPE_CHECKING

from runs.errors import StoreError
from runs.home import Home

if TYPE_CHECKING:
    from runs.far_dispatcher import FarLauncher

NO_SLURM = "GLASSBOX_LAUNCHER is 'slurm', and there is no srun here: start Glassbox where jobs are handed in"
NEEDS = {"local": "", "slurm": "submitit", "dask": "distributed"}  # by choice, the package that must be there


def chosen() -> str:
    """GLASSBOX_LAUNCHER: local, slurm or dask. StoreError for another one, or one that is not installed."""
    choice = os.environ.get("GLASSBOX_LAUNCHER") or "local"
    if choice not in NEEDS:
        raise StoreError(f"GLASSBOX_LAUNCHER is {choice!r}: set it to one of {', '.join(NEEDS)}")
    if NEEDS[choice] and find_spec(NEEDS[choice]) is None:
        raise StoreError(
            f"GLASSBOX_LAUNCHER is {choice!r}, and the package {NEEDS[choice]} is missing: "
            "pip install -r requirements-cluster.txt"
        )
    if choice == "slurm":
        slurm_minutes()
        if which("srun") is None:
            raise StoreError(NO_SLURM)
    if choice == "dask" and not os.environ.get("GLASSBOX_DASK_SCHEDULER"):
        raise StoreError("GLASSBOX_LAUNCHER is 'dask': set GLASSBOX_DASK_SCHEDULER to its address, tcp://...")
    return choice


def slurm_minutes() -> int:
    """That a job may take; what is left of its run then goes on in another one. StoreError."""
    given = os.environ.get("GLASSBOX_SLURM_MINUTES", "60")
    if not given.isdecimal() or int(given) < 3:
        raise StoreError(f"GLASSBOX_SLURM_MINUTES is {given!r}: set it to minutes, at least 3")
    return int(given)


def far_launcher(home: Home) -> "FarLauncher | None":
    """What starts workers on other machines; None if this one is to train. Imports no more than is chosen."""
    choice = chosen()
    if choice == "slurm":
        from runs.slurm_launcher import SubmititLauncher

        return SubmititLauncher(home)
    if choice == "dask":
        from runs.dask_launcher import DaskLauncher

        return DaskLauncher(os.environ["GLASSBOX_DASK_SCHEDULER"])
    return None
