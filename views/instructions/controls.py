"""What the views of the Instructions page share: which is open, the template, and what counts as a target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.instruct import end_token
from core.instructions import FAMILIES, Item
from core.templates import ALPACA, PLAIN, Template
from runs.tuning import Base, Instruct, Lora
from views import state, ui
from views.cache.instructing import items_of
from views.here import Here
from views.text import safe

TRAINING, SEQUENCE, ANSWERS, SCORES, CHAT = ("Training", "Sequence", "Before and after", "Scores", "Chat")
TRAINED = (TRAINING, SEQUENCE, ANSWERS, SCORES, CHAT)  # the views of a model that has learned to follow
OTHERS = (SEQUENCE, ANSWERS, CHAT)  # and of any other
OWN = "own"
SHORT = Template(instruction="{instruction}", input=" {input}", cue=" =", response=" {response}")
TEMPLATES = {"plain": PLAIN, "alpaca": ALPACA, OWN: None}
LABELS = {"plain": "Plain", "alpaca": "Alpaca", OWN: "Own"}
PARTS = {
    "instruction": "The task: {instruction}",
    "input": "What it is about: {input}",
    "cue": "The sign to answer",
    "response": "The answer: {response}",
}
LONGEST_PART = 300  # characters of a template's part
EACH = Instruct().each  # items of each family
BATCH = 8  # rows that learn together


@dataclass(frozen=True)
class Setting:
    """How items become rows: their text, and which of their tokens are targets."""

    template: Template = PLAIN
    mask_prompt: bool = True
    end_in_targets: bool = True

    def note(self) -> None:
        """Keep it in mind for the page's notebook cell."""
        template = self.template
        parts = [template.instruction, template.input, template.response, template.cue]
        state.note("instructions_parts", parts)
        state.note("instructions_hidden", [self.mask_prompt, not self.end_in_targets])

    @classmethod
    def of(cls, tuning: Instruct) -> "Setting":
        """That of a run."""
        return cls(tuning.template, tuning.mask_prompt, tuning.end_in_targets)


def view(trained: bool, run: str) -> str:
    """Which view is open; a run that has just been chosen opens with its training."""
    offered = TRAINED if trained else OTHERS
    chosen = state.controls("instructions_").get("view")
    if state.took_over("instructions_run", run if trained else "") and trained:
        state.set_control("instructions_view", TRAINING)
    elif chosen is not None and chosen not in offered:
        state.set_control("instructions_view", offered[0])
    opened = state.choice(
        st.segmented_control,
        "View",
        offered,
        default=offered[0],
        required=True,
        label_visibility="collapsed",
        key="instructions_view",
        **ui.KEEP,
    )
    return opened if opened in offered else offered[0]  # an address may hold anything


def item_pickers(places: Sequence[DeltaGenerator]) -> list[Item]:
    """A kind of task and one of its items, which begins a batch of those that come next."""
    learn = items_of(EACH)[0]
    family = state.choice(
        places[0].selectbox, "Kind of task", list(FAMILIES), key="instructions_family", **ui.KEEP
    )
    own = [item for item in learn if item.family == family]
    with places[1]:
        first = own[state.place_slider("Item", "instructions_item", len(own))]
    place = learn.index(first)
    return [learn[(place + step) % len(learn)] for step in range(BATCH)]


def setting(places: Sequence[DeltaGenerator]) -> Setting:
    """The template and the two switches. ValueError, in a sentence, for a template that cannot be."""
    kind = state.choice(
        places[0].segmented_control,
        "Template",
        list(TEMPLATES),
        default="plain",
        format_func=lambda kind: LABELS.get(kind, kind),
        required=True,
        key="instructions_template",
        **ui.KEEP,
    )
    with places[1]:
        prompt_too = st.toggle("Learn prompts too", False, key="instructions_prompt_too", **ui.KEEP)
        end = st.toggle("Learn the end token", True, key="instructions_end", **ui.KEEP)
    if kind == OWN:
        editor()
    return chosen_setting(kind, prompt_too, end)


def chosen_setting(kind: str, prompt_too: bool, end: bool) -> Setting:
    """What the controls say."""
    return Setting(TEMPLATES.get(kind) or own_template(), not prompt_too, end)


def editor() -> None:
    """The four parts of a template of one's own; at first those of a very short one."""
    for place, (part, label) in zip(st.columns(4, gap="small"), PARTS.items(), strict=True):
        place.text_area(
            label,
            getattr(SHORT, part),
            max_chars=LONGEST_PART,
            height=100,
            key=f"instructions_own_{part}",
            **ui.KEEP,
        )


def own_template() -> Template:
    """The template that was written. ValueError, in a sentence, if something would be lost in it."""
    written = state.controls("instructions_own_")
    return Template(**{part: written.get(part, getattr(SHORT, part)) for part in PARTS})


def make(base: Base, lora: Lora | None) -> Instruct:
    """The fine-tuning that the controls describe, when Start is pressed. ValueError if it cannot be."""
    chosen = state.controls("instructions_")
    now = chosen_setting(
        chosen.get("template", "plain"), chosen.get("prompt_too", False), chosen.get("end", True)
    )
    return Instruct(
        base=base,
        template=now.template,
        mask_prompt=now.mask_prompt,
        end_in_targets=now.end_in_targets,
        lora=lora,
    )


def in_a_sentence(draw: Callable[..., dict | None], here: Here, *given: object) -> dict | None:
    """Draw a view; what model or template make impossible is said, and ends the page: nothing is lost."""
    try:
        end_token(here.tokenizer)  # no view goes without
        return draw(here, *given)
    except ValueError as error:
        reason = safe(str(error))
        st.warning(f"{reason[:1].upper()}{reason[1:]}.", icon=":material/edit:")
        st.stop()
