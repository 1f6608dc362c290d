"""A model of GPT-2's size, end to end: its own file, one copy in memory, and a page on it in a second."""

import time
from pathlib import Path
from uuid import uuid4

import pytest
import torch

from runs.bringing import bring
from runs.offered import lying_at
from tests.pages.conftest import open_page
from tests.runs.strangers import save_gpt2
from views import cache

SMALL = {"vocab_size": 50304, "n_positions": 1024, "n_embd": 768, "n_layer": 12, "n_head": 12}
TEXT = "The old king went into the forest and there he found a house. "


def resident() -> int:
    """Bytes of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.slow
def test_gpt2_small_is_brought_loaded_and_looked_into(tmp_path: Path):
    save_gpt2(tmp_path / "gpt2", **SMALL)
    size = (tmp_path / "gpt2" / "model.safetensors").stat().st_size
    owner, home = uuid4().hex, cache.store().home
    start = time.monotonic()
    model_id = bring(home, lambda folder: lying_at(tmp_path / "gpt2", folder), owner)
    brought_in = time.monotonic() - start
    try:
        before, start = resident(), time.monotonic()
        model, _ = cache.model_and_tokenizer(model_id, None)
        loaded_in = time.monotonic() - start
        with torch.inference_mode():
            model(torch.arange(64)[None])
        grown = resident() - before
        prompt = " ".join((TEXT * 6).split()[:60])
        open_page("pages/model/attention.py", model=model_id, owner=owner, prompt=prompt)
        start = time.monotonic()
        page = open_page("pages/model/attention.py", model=model_id, owner=owner, prompt=f"{prompt} again")
        drawn_in = time.monotonic() - start
        assert not page.exception
        assert not page.error
        assert len(page.session_state["here"].prompt.ids) > 60
        figures = f"brought in {brought_in:.2f} s, loaded in {loaded_in:.2f} s, drawn in {drawn_in:.2f} s"
        assert brought_in < 60, figures
        assert loaded_in < 6, figures
        assert grown <= 1.3 * size
        assert drawn_in < 4, figures
        long = open_page("pages/model/attention.py", model=model_id, owner=owner, prompt=TEXT * 300)
        assert 100 < len(long.session_state["here"].prompt.ids) < 1024
    finally:
        cache.store().brought().delete(model_id, owner)
