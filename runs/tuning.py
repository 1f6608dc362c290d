"""What makes a run a fine-tuning: the model that it goes on from, what it is shown, and what of it learns."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields

from core.classify import READS, TRAINED
from core.config import check_choice, settle_whole_numbers
from core.lora import LAYERS, check_adapters
from core.templates import PLAIN, TEMPLATES, Template

LONGEST_CSV = 2 * 2**20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The model that a fine-tuning goes on from."""

    model: str = "storyteller"  # the one that ships, or the id of a run or of a model that was brought
    step: int | None = None  # its checkpoint; None for the last, or for a model that comes as one file
    fingerprint: str = ""  # of its weights: the same name may stand for another model one day


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """Thin adapters learn in place of the weights (book appendix E)."""

    rank: int = 8
    alpha: float = 16.0
    layers: tuple[str, ...] = LAYERS

    def __post_init__(self) -> None:
        """Refuse adapters that cannot be made."""
        check_adapters(self.rank, self.alpha, self.layers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classify:
    """Learn to sort texts into classes (book 6)."""

    base: Base = field(default_factory=Base)
    data: str | None = "novels"  # labelled texts by their key
    csv: str | None = None  # or one's own, as text; exactly one of the two
    read: str = "last"  # which token the answer is read from
    trained: str = "last_block"  # what learns, where no adapters do
    length: int = 32  # tokens that each text is cut or filled up to
    lora: Lora | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be learned from, naming the rule."""
        check_choice("read", self.read, READS)
        check_choice("trained", self.trained, TRAINED)
        settle_whole_numbers(self, "length")
        if (self.data is None) == (self.csv is None):
            raise ValueError("a classifier needs one of the labelled texts (data) or a CSV, not both")
        size = len((self.csv or "").encode())
        if size > LONGEST_CSV:
            raise ValueError(
                f"the CSV has {size:,} bytes, and {LONGEST_CSV:,} is the most: give some of its rows"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruct:
    """Learn to follow instructions (book 7)."""

    base: Base = field(default_factory=Base)
    template: Template = PLAIN
    mask_prompt: bool = False  # the prompt is no target then: only the answer is learned
    end_in_targets: bool = True  # without it the model never learns to stop
    each: int = 125  # items of each family of tasks
    lora: Lora | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be learned from, naming the rule."""
        settle_whole_numbers(self, "each", at_least=20)


Tuning = Classify | Instruct
KINDS: dict[str, Callable[..., Tuning]] = {"classify": Classify, "instruct": Instruct}


def kind_of(tuning: Tuning | None) -> str:
    """ "classify", "instruct", or "pretrain" for a run that is no fine-tuning."""
    return next((name for name, kind in KINDS.items() if isinstance(tuning, kind)), "pretrain")


def facts_of(tuning: Tuning) -> dict:
    """A fine-tuning as plain facts, for JSON; `tuning_from` reads them."""
    return {"kind": kind_of(tuning)} | {one.name: plain(getattr(tuning, one.name)) for one in fields(tuning)}


def plain(value: object) -> object:
    """A part of a fine-tuning as plain facts."""
    if isinstance(value, (Base, Lora, Template)):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return value


def tuning_from(facts: dict | None) -> Tuning | None:
    """The fine-tuning that `facts_of` described."""
    if facts is None:
        return None
    kept = {name: value for name, value in facts.items() if name != "kind"}
    kept["base"] = Base(**kept["base"])
    if kept["lora"]:
        kept["lora"] = Lora(**kept["lora"] | {"layers": tuple(kept["lora"]["layers"])})
    if "template" in kept:
        kept["template"] = Template(**kept["template"])
    return KINDS[facts["kind"]](**kept)


def in_words(tuning: Tuning) -> str:
    """A fine-tuning in a few words: what it learns, and how."""
    lora = f", LoRA of rank {tuning.lora.rank}" if tuning.lora else ""
    if isinstance(tuning, Classify):
        learns = {
            "head": "the class layer learns",
            "last_block": "the last block learns",
            "all": "all weights learn",
        }[tuning.trained]
        read = {"first": "first token", "last": "last token", "last_real": "last real token", "mean": "mean"}
        data = tuning.data or "own table"
        return f"sorts {data} by the {read[tuning.read]}{lora or f', {learns}'}"
    named = next((name for name, one in TEMPLATES.items() if one == tuning.template), "own")
    switches = [", answers alone are targets"] * tuning.mask_prompt
    switches += [", without the end token"] * (not tuning.end_in_targets)
    return f"follows instructions, {named} template{''.join(switches)}{lora}"
