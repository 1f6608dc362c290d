"""The road: every page in the order in which a GPT is built."""

from pathlib import Path
from typing import NamedTuple


class Station(NamedTuple):
    """One page."""

    file: str
    title: str
    icon: str
    path: str  # in the address; the first page has none


ROAD: dict[str, tuple[Station, ...]] = {
    "": (Station("pages/start/home.py", "Home", ":material/home:", ""),),
    "Text": (
        Station("pages/text/tokenizer.py", "Tokenizer", ":material/content_cut:", "tokenizer"),
        Station("pages/text/windows.py", "Windows", ":material/view_carousel:", "windows"),
        Station("pages/text/embeddings.py", "Embeddings", ":material/scatter_plot:", "embeddings"),
    ),
    "Model": (
        Station("pages/model/attention.py", "Attention", ":material/visibility:", "attention"),
        Station("pages/model/layer_norm.py", "Layer norm", ":material/equalizer:", "layer_norm"),
        Station("pages/model/activations.py", "Activations", ":material/show_chart:", "activations"),
        Station("pages/model/residuals.py", "Residuals", ":material/alt_route:", "residuals"),
        Station("pages/model/interventions.py", "Interventions", ":material/build:", "interventions"),
        Station("pages/model/logits.py", "Logits", ":material/leaderboard:", "logits"),
        Station("pages/model/anatomy.py", "Anatomy", ":material/account_tree:", "anatomy"),
    ),
    "Training": (
        Station("pages/training/pretraining.py", "Pretraining", ":material/model_training:", "pretraining"),
        Station("pages/training/runs.py", "Runs", ":material/list_alt:", "runs"),
    ),
    "Fine-tuning": (
        Station("pages/training/classification.py", "Classification", ":material/label:", "classification"),
        Station("pages/training/instructions.py", "Instructions", ":material/forum:", "instructions"),
    ),
    "Talking": (
        Station("pages/talking/sampling.py", "Sampling", ":material/casino:", "sampling"),
        Station("pages/talking/bring.py", "Bring a model", ":material/login:", "bring"),
    ),
}


def file_of(path: str) -> str:
    """The file of a page by its path in the address, wherever the app was started from."""
    file = next(station.file for part in ROAD.values() for station in part if station.path == path)
    return str(Path(__file__).parent.parent / file)
