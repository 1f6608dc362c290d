"""Where everybody is looking: what every page draws from."""

from dataclasses import dataclass, replace

from core.config import GPTConfig
from core.interventions import Edit
from core.tokenizer import Tokenizer
from views.catalogue import ModelChoice
from views.look import Ids, Look
from views.prompt import Prompt


@dataclass(frozen=True)
class Here:
    """The linked state, checked: everything lies within the model and the text that it belongs to."""

    choice: ModelChoice
    step: int | None  # checkpoint, for a run
    layer: int
    head: int
    token: int  # index into the prompt's tokens
    config: GPTConfig
    tokenizer: Tokenizer
    prompt: Prompt
    edits: tuple[Edit, ...] = ()  # what was changed in the model, by hand
    other: Ids = ()  # the text that patches take their values from

    @property
    def look(self) -> Look:
        """The model with the edits that were made."""
        return replace(self.untouched, edits=self.edits, other=self.other)

    @property
    def untouched(self) -> Look:
        """The model as it was trained."""
        switches = (self.config.causal, self.config.scale_scores)
        return Look(self.choice.key, self.step, *switches, life=self.choice.life)

    @property
    def model_name(self) -> str:
        """The honest label: the step of a run, whether weights were rounded, how much was changed by hand."""
        step = "" if self.step is None else f", step {self.step:,}"
        bits = ", kept in 8 bits" if self.step in self.choice.rounded else ""
        edits = f", changed by hand {len(self.edits)} ×" if self.edits else ""
        return f"{self.choice.label}{step}{bits}{edits}"
