"""Two pictures that cost arithmetic: gradients through a hundred layers, and a map of a large table."""

from collections.abc import Callable
from functools import partial

import torch

from core.embeddings import principal_components
from core.gradients import DeepNetwork, depth_gradients

Work = Callable[[], object]


def gradients() -> Work:
    """One move of the page's slider: a hundred layers, plain and with shortcuts."""
    networks = [DeepNetwork(depth=100, residual=residual, norm=False) for residual in (False, True)]
    return lambda: [depth_gradients(network) for network in networks]


def table() -> torch.Tensor:
    """As large as GPT-2's token table."""
    return torch.randn(50257, 768, generator=torch.Generator().manual_seed(1))


def ours() -> Work:
    """The page's projection."""
    rows = table()
    return lambda: principal_components(rows, 2)


def sklearn(solver: str) -> Work:
    """scikit-learn's PCA by one of its solvers."""
    from sklearn.decomposition import PCA

    rows = table().numpy()
    return lambda: PCA(2, svd_solver=solver).fit_transform(rows)


READY = {
    "gradients through 100 layers, both ways": lambda: {"Glassbox": gradients},
    "2-D map of 50,257 x 768": lambda: {
        "Glassbox": ours,
        "sklearn, covariance": partial(sklearn, "covariance_eigh"),
        "sklearn, randomized": partial(sklearn, "randomized"),
    },
}
UNITS = dict.fromkeys(READY, ("s", None))
