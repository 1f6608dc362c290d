"""Which machines train: one setting, GLASSBOX_LAUNCHER, and what each choice needs."""

from importlib.util import find_spec
from shutil import which
from typing import TYPE_CHECKING

from runs.errors import StoreError
from runs.home import Home
from runs.settings import settings

if TYPE_CHECKING:
    from runs.far_dispatcher import FarLauncher

NO_SLURM = "GLASSBOX_LAUNCHER is 'slurm', and there is no srun here: start Glassbox where jobs are handed in"
NEEDS = {"local": "", "slurm": "submitit", "dask": "distributed"}  # by choice, the package that must be there


def chosen() -> str:
    """GLASSBOX_LAUNCHER: local, slurm or dask. StoreError for another one, or one that is not installed."""
    choice = settings().launcher
    if NEEDS[choice] and find_spec(NEEDS[choice]) is None:
        raise StoreError(
            f"GLASSBOX_LAUNCHER is {choice!r}, and the package {NEEDS[choice]} is missing: "
            "pip install -r requirements-cluster.txt"
        )
    if choice == "slurm" and which("srun") is None:
        raise StoreError(NO_SLURM)
    if choice == "dask" and not settings().dask_scheduler:
        raise StoreError("GLASSBOX_LAUNCHER is 'dask': set GLASSBOX_DASK_SCHEDULER to its address, tcp://...")
    return choice


def far_launcher(home: Home) -> "FarLauncher | None":
    """What starts workers on other machines; None if this one is to train. Imports no more than is chosen."""
    choice = chosen()
    if choice == "slurm":
        from runs.slurm_launcher import SubmititLauncher

        return SubmititLauncher(home)
    if choice == "dask":
        from runs.dask_launcher import DaskLauncher

        return DaskLauncher(settings().dask_scheduler)
    return None
