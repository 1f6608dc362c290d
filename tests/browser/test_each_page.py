"""Each control of each page moves a picture and stands in the address; moved back, all is as it was."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import App, open_page
from tests.browser.controls import Control, Move, controls_of, moves
from tests.browser.pictures import as_before, changed, different, look, moved_in_address
from tests.browser.screens import PATHS

WORDS = {  # what is written into a field
    "layer_norm_hand": "1 2 4",
    "attention_answers": "the summer was hot",
    "attention_asks": "winter is cold",
    "embeddings_find": "river",
    "embeddings_minus": "boy",
    "embeddings_plus": "girl",
    "embeddings_search": "queen",
    "embeddings_start": "brother",
    "embeddings_word": "river",
    "instructions_asked": "What is the opposite of hot?",
    "instructions_given": "duck",
    "instructions_own_cue": " =>",
    "instructions_own_input": " About {input}.",
    "instructions_own_instruction": "Do: {instruction}",
    "instructions_own_response": "{response}",
    "interventions_token": " forest",
    "other_written": "The king had a son. The king said to the daughter: go into the forest, and the king",
    "sampling_forced": " forest",
}
ADDRESS = {"heads_off": "edits", "other_written": "other", "sampling_forced": "path"}  # by other names there
ACTS = {"sampling_forced"}  # fields that are empty again once their words are taken
WEB = "embeddings_view=who+is+near+whom&embeddings_table=5,000+English+words+(SmolLM2)"
PARTS = ("cue", "input", "instruction", "response")
UNDER = {  # controls that are there, or change a picture, in another state than the first
    "anatomy_emb_dim": "anatomy_preset=GPT-2+small&anatomy_n_heads=1",
    "anatomy_n_heads": "anatomy_n_heads=1",
    "anatomy_take_emb_dim": "anatomy_n_heads=5",
    "anatomy_take_n_heads": "anatomy_n_heads=5",
    "attention_answers": "attention_view=Who+may+look+where&attention_who=Another+text",
    "attention_asks": "attention_view=Who+may+look+where&attention_who=Another+text",
    "attention_back": "attention_view=By+hand&attention_step=3",
    **dict.fromkeys(("embeddings_find", "embeddings_isolate", "embeddings_word", "embeddings_word_3d"), WEB),
    "embeddings_sum_0": "embeddings_view=word+arithmetic&embeddings_start=brother",
    **dict.fromkeys((f"instructions_own_{part}" for part in PARTS), "instructions_template=Own"),
    "layer_norm_hand": "layer_norm_source=by+hand",
    "layer_norm_scale": "layer_norm_source=by+hand",
    "layer_norm_shift": "layer_norm_source=by+hand",
    "residuals_blocks": "residuals_network=GPT+blocks",
    "sampling_0": "path=464.262",
    "sampling_b_temperature": "sampling_view=Side+by+side&sampling_b_temperature=1.0",
    "sampling_b_top_k": "sampling_view=Side+by+side&sampling_b_temperature=1.0",
    "sampling_b_top_p": "sampling_view=Side+by+side&sampling_b_temperature=1.0",
    "tokenizer_encoding": "prompt=Größe,+ein+blorptastic+日本",
    "tokenizer_special": "prompt=The+end.<|endoftext|>Once",
    "tokenizer_unknown": "prompt=A+blorptastic+duck&tokenizer_encoding=words",
    "windows_batch": "windows_stride=1",
    "windows_epoch": "windows_stride=1&windows_shuffle=true",
}
RECIPE = (
    *("corpus", "size", "steps", "rate", "schedule", "warmup", "decay", "clip", "dropout", "tokenizer"),
    *("vocabulary", "context", "batch", "evaluate", "seed", "position", "norm", "activation", "causal"),
    *("residual", "scale", "tying", "bias"),
)
TUNING = ("lora", "steps", "rate", "lora_steps", "lora_rate", "rank", "layers")
CHAT = ("say", "about", "most", "send", "clear")
DRAWS = "tells how tokens are drawn: "
IDLE = {  # controls that change no picture in a view, and why
    "Cache: sampling_seed": DRAWS + "read when *Measure again* is pressed",
    "Cache: sampling_temperature": DRAWS + "read when *Measure again* is pressed",
    "Cache: sampling_top_k": DRAWS + "read when *Measure again* is pressed",
    "Cache: sampling_top_p": DRAWS + "read when *Measure again* is pressed",
    "Formulas and shapes: anatomy_context_length": "of a rotary model: it learns no places",
    "From the dummy: anatomy_context_length": "of a rotary model: it learns no places",
    "Next token: sampling_seed": DRAWS + "read when *Next* is pressed",
    "What temperature divides: sampling_seed": DRAWS + "nothing is drawn here",
    "What temperature divides: sampling_top_k": "fills a sentence of *What to notice*",
    "What temperature divides: sampling_top_p": "fills a sentence of *What to notice*",
}
ELSEWHERE = {  # controls that change no picture of their page, and where they are tested
    "tokenizer_ids": "its text stands beside it: tests/pages/test_controls",
    "bring_go": "brings what was given: test_bring",
    "bring_upload_0": "takes a file: test_bring",
    "bring_way": "another way to give a model, with its own field: test_bring",
    "effects_do": "changes every other page, and what stands on the left: test_clicks",
    "experiment_chosen": "asks another question; its picture comes with the press on Start: test_experiments",
    "experiment_start": "trains: test_experiments",
    "instructions_start": "trains: tests/pages/test_instructions",
    **dict.fromkeys((f"instructions_{name}" for name in TUNING), "read when Start is pressed: likewise"),
    **dict.fromkeys((f"instructions_{name}" for name in CHAT), "makes sentences: likewise"),
    "pretraining_start": "trains: test_training",
    "classification_start": "trains: tests/pages/test_classification",
    "classification_trained": "fills a sentence, and is read when Start is pressed: tests/pages",
    **dict.fromkeys(
        (f"classification_{name}" for name in ("steps", "rate", "lora")),
        "read when Start is pressed: tests/pages",
    ),
    **dict.fromkeys((f"pretraining_{name}" for name in RECIPE), "read when Start is pressed: test_training"),
}
CLOCK = {"sampling_measure", "sampling_timed"}  # show what was measured just now, which is never the same


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_each_control_moves_a_picture(app: App, page: Page, path: str):
    walk = Walk(page, app.url(path))
    walk.all_views(path)
    walk.other_states()
    assert walk.faults == []
    assert walk.seen - walk.moved - {*ELSEWHERE} == set()


class Walk:
    """One way through all controls of a page: which were seen, which were moved, and what went wrong."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        self.seen: set[str] = set()
        self.moved: set[str] = set()

    def all_views(self, path: str) -> None:
        """The page as it opens, and each of its views."""
        open_page(self.page, self.address)
        views = self.page.locator(f".st-key-{path}_view").get_by_role("radio")
        self.here(views.first.inner_text() if views.count() else "")
        for view in views.all()[1:]:
            before = look(self.page)
            view.click()
            if changed(self.page, before):
                self.moved.add(f"{path}_view")
            else:
                self.faults.append(f"{view.inner_text()}: shows what the view before showed")
            self.here(view.inner_text())

    def here(self, view: str) -> None:
        """All controls of what is open now."""
        look(self.page)
        for control in controls_of(self.page):
            self.seen.add(control.key)
            known = control.key in UNDER | ELSEWHERE or f"{view}: {control.key}" in IDLE
            if control.usable and not control.key.endswith("_view") and not known:
                self.control(control)

    def other_states(self) -> None:
        """The controls that need another state."""
        done: set[str] = set()
        while waiting := (self.seen & {*UNDER}) - done:
            key = min(waiting)
            done.add(key)
            open_page(self.page, f"{self.address}?{UNDER[key]}")
            look(self.page)
            self.control(next(one for one in controls_of(self.page) if one.key == key))

    def control(self, control: Control) -> None:
        """One control, moved and moved back."""
        for move in moves(self.page, control, WORDS):
            self.move(control, move)

    def move(self, control: Control, move: Move) -> None:
        """One move, there and back."""
        before, address = look(self.page), self.page.url
        name = f"{control.key}, {move.name}, at {address}"
        move.do()
        if changed(self.page, before):
            self.moved.add(control.key)
        else:
            self.faults.append(f"{name}: no picture changes")
        parameter = ADDRESS.get(control.key, control.key)
        if control.kind != "button" and not moved_in_address(self.page, address, parameter):
            self.faults.append(f"{name}: not in the address")
        if self.page.url.partition("?")[0] == address.partition("?")[0]:
            self.seen |= {one.key for one in controls_of(self.page)}
        if move.undo is None or control.key in ACTS:
            open_page(self.page, address)
        else:
            move.undo()
        if control.key not in CLOCK and not as_before(self.page, before):
            self.faults.append(f"{name}: moved back, {different(self.page, before)} is another")
            open_page(self.page, address)
