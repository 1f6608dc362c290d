"""How long from a click or a slider's move to the new picture, in a real browser: `python -m bench.repaint`.

Prints the median and the slowest of several moves for each control, in milliseconds, on a server of its own.
With names of pages (`python -m bench.repaint logits anatomy`) only these are measured.
"""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from core.config import GPTConfig
from core.gpt import build_model
from core.weights import save_model
from runs.storyteller import BUNDLED, models_folder
from tests.browser.conftest import App, browser_path, open_page
from views.catalogue import open_model
from views.sampling.controls import VIEWS

MOVES = 12
READ_END = "at the end, after the last block"
WATCH = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  window.repainted = new Promise(done => {
    const start = performance.now();
    setTimeout(() => done(NaN), 10000);
    const finish = () => done(performance.now() - start);
    let ran = false;
    const observer = new MutationObserver(() => {
      const running = app.dataset.testScriptState !== 'notRunning';
      if (ran && !running) {
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(finish));
      }
      ran = ran || running;
    });
    observer.observe(app, { attributes: true });
  });
}"""


def moves(page: Page, act: Callable[[int], None]) -> list[float]:
    """Milliseconds of each move, after two to warm up."""
    found = []
    for number in range(MOVES + 2):
        page.evaluate(WATCH)
        act(number)
        found.append(page.evaluate("() => window.repainted"))
        page.wait_for_timeout(150)
    return found[2:]


def slider(page: Page, name: str) -> Callable[[int], None]:
    """Move a slider to and fro by the keyboard."""
    handle = page.get_by_role("slider", name=name).first  # the sidebar comes first
    handle.focus()
    return lambda number: page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")


def grid_click(page: Page) -> Callable[[int], None]:
    """Click another head in the grid of all heads."""
    canvas = page.locator("canvas").nth(1)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()

    def click(number: int) -> None:
        share = 0.25 + 0.5 * (number % 2)
        page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] * share)

    return click


def report(name: str, found: list[float]) -> None:
    """One line of the table."""
    print(f"| {name} | {statistics.median(found):.0f} | {max(found):.0f} |", flush=True)


def many_heads(folder: Path) -> Path:
    """A folder of models whose bundled one has 12 x 12 heads, untrained, with the real one's tokenizer."""
    _, tokenizer = open_model(None, BUNDLED, None)
    config = GPTConfig(
        vocab_size=tokenizer.vocab_size,
        context_length=128,
        emb_dim=192,
        n_heads=12,
        n_layers=12,
        drop_rate=0.0,
    )
    save_model(build_model(config), folder / f"{BUNDLED}.safetensors")
    for path in models_folder().glob(f"{BUNDLED}.*.json"):
        shutil.copy(path, folder)
    return folder


def measure_attention(page: Page, app: App, name: str) -> None:
    """The controls of the Attention page."""
    open_page(page, app.url("attention"))
    page.wait_for_timeout(2000)
    for label in ("Token", "Head", "Layer"):
        report(f"{name}: {label}", moves(page, slider(page, label)))
    report(f"{name}: click in the grid", moves(page, grid_click(page)))


def measure_sampling(page: Page, app: App) -> None:
    """The controls of the Sampling page, and Temperature in each of its views."""
    open_page(page, app.url("sampling?path=282.1540.284.1319.44.271"))
    page.wait_for_timeout(2000)
    for label in ("Top-k (0 = all)", "Token"):
        report(f"Sampling: {label}", moves(page, slider(page, label)))
    for view in VIEWS:
        page.get_by_text(view, exact=True).first.click()
        page.wait_for_timeout(2000)
        report(f"Sampling, {view}: Temperature", moves(page, slider(page, "Temperature")))


def between(page: Page, first: str, second: str) -> Callable[[int], None]:
    """Click one and the other of two things that can be chosen."""

    def click(number: int) -> None:
        page.get_by_role("radio", name=(first, second)[number % 2], exact=True).first.click()

    return click


def switch(page: Page, name: str) -> Callable[[int], None]:
    """Switch something on and off."""
    return lambda number: page.locator("label").filter(has_text=name).first.click()


def spin(page: Page, name: str) -> Callable[[int], None]:
    """Count a number up and down by the keyboard."""
    field = page.get_by_role("spinbutton", name=name)

    def count(number: int) -> None:
        field.focus()
        page.keyboard.press("ArrowDown" if number % 2 else "ArrowUp")

    return count


PAGES = {  # page -> part, "" where it has none -> what is moved: sliders, and (kind, names) of all else
    "tokenizer": {
        "the prompt's tokens": (
            "Token",
            (between, "characters", "GPT-2"),
            (switch, "Compare GPT-4 and GPT-4o"),
        ),
        "languages": ((between, "German", "Japanese"),),
        "learn a vocabulary": ("Merges learned",),
    },
    "windows": {"": ("Token", "Context length", "Stride", "For training (%)", (switch, "Shift"))},
    "embeddings": {
        "what goes in": ("Token",),
        "who is near whom": ("Token", "Isolate the nearest", (between, "euclid", "cosine")),
        "word arithmetic": ("Isolate the nearest", (switch, "Leave frequency out")),
        "order": ("Layer", "Head", (between, "the turning alone", "what a head prefers")),
        "a primer": ((between, "euclid", "cosine"),),
    },
    "attention": {
        "The model's head": ("Softmax temperature", (switch, "Causal mask"), (switch, "Scale by √d")),
        "By hand": ("Step", (between, "starts", "journey")),
        "Past the trained length": ("Layer",),
        "What it costs": ("Length of the text (tokens)",),
    },
    "interventions": {"": ("Token", "Layer", "Head")},
    "classification": {"": ("Length (tokens)", "Text, from short to long", (between, "first", "last"))},
    "instructions": {
        "Sequence": ("Item", (between, "Alpaca", "Plain"), (switch, "Learn the end token")),
        "Before and after": ("Held-out items",),
    },
    "logits": {
        "Which word": ("Token", "Layer", (between, "after the embedding", READ_END)),
        "Its dot product": ("Token",),
        "Who wrote its logit": ("Token", "Layer", "Head"),
        "What a mistake costs": ("Token", "Probability of the right token"),
    },
    "layer_norm": {
        "One vector": (
            "Token",
            "Layer",
            "Multiply the input by",
            "Add to each number",
            "eps",
            (between, "attention", "feed-forward"),
            (switch, "Learned scale, shift"),
        ),
        "Every norm on the way": ("Token", "eps", (switch, "Learned scale, shift")),
        "Before, after, or nowhere": ("Token", "Blocks", "Weights ×", "Input ×"),
        "Your model without them": ("Token",),
    },
    "activations": {
        "The curves over real numbers": ("Token", "Layer", "x", (between, "all tokens", "this token")),
        "Which neuron fires for what": ("Token", "Layer", (spin, "Neuron")),
        "Each token by itself": ("Token", "Layer", "Gets the vector of token"),
        "Another bend": ("Token", (between, "ReLU", "SiLU")),
    },
    "residuals": {
        "Gradient by depth": ("Depth", "Starting weights ×", (switch, "Norm"), (switch, "Relative")),
        "First ÷ last": ("Depth", "Starting weights ×"),
        "Stream by depth": ("Depth", "Starting weights ×", (switch, "Norm")),
        "Your model": ("Token",),
    },
    "anatomy": {
        "Beside other sizes": ("Vocabulary V", "Width C", "Heads H", "Blocks L", (switch, "One table")),
        "Memory and work": ("Context T", "Tokens to train on"),
        "From the dummy": ("Building step", "Token"),
    },
}


def measure_parts(page: Page, app: App, path: str) -> None:
    """Every control of a page, in each of its parts."""
    open_page(page, app.url(path))
    page.wait_for_timeout(2000)
    for part, controls in PAGES[path].items():
        if part:
            page.get_by_role("radio", name=part, exact=True).first.click()
            page.wait_for_timeout(2500)
        for control in controls:
            kind, *names = (slider, control) if isinstance(control, str) else control
            name = f"{path}, {part or 'page'}: {names[-1]}"
            try:
                report(name, moves(page, kind(page, *names)))
            except PlaywrightTimeout:
                print(f"| {name} | not found | |", flush=True)


def main() -> None:
    """Measure the pages that are named; if none is, all of them, and Attention with 144 heads."""
    wanted = sys.argv[1:]
    print("| control | median (ms) | slowest (ms) |\n|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        with running() as app:
            if not wanted:
                measure_attention(page, app, "Attention")
                measure_sampling(page, app)
            for path in wanted or PAGES:
                measure_parts(page, app, path)
        if not wanted:
            with running(GLASSBOX_MODELS=str(many_heads(Path(tempfile.mkdtemp())))) as app:
                measure_attention(page, app, "Attention, 12 x 12 heads")
        browser.close()


@contextmanager
def running(**settings: str) -> Iterator[App]:
    """An app of our own, stopped at the end."""
    app = App(Path(tempfile.mkdtemp()), **settings)
    try:
        yield app
    finally:
        app.stop()


if __name__ == "__main__":
    main()
