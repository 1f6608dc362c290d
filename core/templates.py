"""How an instruction is written down, so that the model sees where its answer begins (book 7.2)."""

from dataclasses import dataclass

PARTS = ("instruction", "input", "response")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The text of a prompt and of the answer after it, with gaps in braces."""

    instruction: str  # {instruction} stands where the task goes
    input: str  # {input}: left out for a task without one
    cue: str  # the end of the prompt: from here on the model writes
    response: str = "{response}"  # the answer, and the space before it

    def __post_init__(self) -> None:
        """Refuse a template in which something would be lost."""
        for part in PARTS:
            if f"{{{part}}}" not in getattr(self, part):
                raise ValueError(
                    f"the template's {part} part has no {{{part}}}: write it where it shall stand"
                )
        if not self.cue.strip():
            raise ValueError("the template's cue is empty: the model needs a sign where its answer begins")

    def prompt(self, instruction: str, given: str = "") -> str:
        """What the model reads before it answers. ValueError without an instruction."""
        if not instruction.strip():
            raise ValueError("the instruction is empty: write what the model shall do")
        task = self.instruction.replace("{instruction}", instruction)
        return task + (self.input.replace("{input}", given) if given.strip() else "") + self.cue

    def answer(self, response: str) -> str:
        """What the model shall write after the prompt."""
        return self.response.replace("{response}", response)


ALPACA = Template(  # Taori et al. 2023, as the book shortens it
    instruction="Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request."
    "\n\n### Instruction:\n{instruction}",
    input="\n\n### Input:\n{input}",
    cue="\n\n### Response:\n",
)
# Far fewer tokens, and a space before each word, as in the tales: a small model knows words by it.
PLAIN = Template(
    instruction="Task: {instruction}", input="\nInput: {input}", cue="\nAnswer:", response=" {response}"
)
TEMPLATES = {"alpaca": ALPACA, "plain": PLAIN}
