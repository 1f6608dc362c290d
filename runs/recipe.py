"""A recipe: everything that decides what a run learns. Same recipe, same weights, bit for bit."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

from core.config import GPTConfig, check_choice, settle_whole_numbers
from core.library import read_text
from core.pieces import without_surrogates
from core.training import TrainConfig
from runs.budget import check_budget as check_budget
from runs.tuning import Tuning, facts_of, tuning_from

TOKENIZERS = ("char", "word", "bpe", "gpt2")
LONGEST_TEXT = 5 * 2**20  # bytes
HIGHEST_SEED = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to learn from, with which model, and how. Frozen and comparable; `key` names its content."""

    corpus: str | None = None  # a text of the library by its key, or several: "grimm+match-seller"
    text: str | None = None  # or a text of one's own; exactly one of the two
    tokenizer: str = "char"  # made of the text, or "gpt2"
    model: GPTConfig = field(default_factory=GPTConfig)  # vocab_size follows the tokenizer ("bpe": at most)
    train: TrainConfig = field(default_factory=TrainConfig)
    batch_size: int = 16  # windows of text in one step
    eval_every: int = 20  # steps from one evaluation and sample text to the next
    seed: int = 123  # of the starting weights, the dropout and the order of the windows
    rate_changes: tuple[tuple[int, float], ...] = ()  # (step, learning rate from there on), made in mid-run
    tuning: Tuning | None = None  # of a fine-tuning; text, tokenizer and model are then those of its base

    def __post_init__(self) -> None:
        """Refuse a recipe that nothing can be trained from, naming the rule."""
        check_choice("tokenizer", self.tokenizer, TOKENIZERS)
        settle_whole_numbers(self, "batch_size", "eval_every")
        settle_whole_numbers(self, "seed", at_least=0)
        if self.seed > HIGHEST_SEED:
            raise ValueError(f"seed is {self.seed}: it must be at most {HIGHEST_SEED}")
        check_rate_changes(self.rate_changes)
        if (self.corpus is None) == (self.text is None):
            raise ValueError(
                "a recipe needs a text of the library (corpus) or a text of your own (text), not both"
            )
        size = len(self.corpus_text.encode())
        if size > LONGEST_TEXT:
            raise ValueError(
                f"the text has {size:,} bytes, and {LONGEST_TEXT:,} is the most: give a part of it"
            )

    @cached_property
    def corpus_text(self) -> str:
        """The text to learn from. ValueError for a text that the library does not have."""
        if self.text is not None:
            return without_surrogates(self.text)
        return "\n\n".join(read_text(key) for key in self.corpus.split("+"))

    def key(self) -> str:
        """The same for two recipes exactly if they train the same model: sha256 in hexadecimal."""
        facts = self.facts()
        del facts["corpus"]
        facts["text"] = hashlib.sha256(self.corpus_text.encode()).hexdigest()
        if self.tokenizer != "bpe":
            del facts["model"]["vocab_size"]  # the tokenizer decides it
        drop_usual(facts["model"], self.model)
        if not self.rate_changes:
            del facts["rate_changes"]  # a recipe as it was before there were any keeps its key
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> str:
        """The recipe as JSON, a text of one's own included."""
        return json.dumps(self.facts(), indent=1)

    def facts(self) -> dict:
        """The recipe as plain facts; of a pretraining they are those of before there were fine-tunings."""
        facts = asdict(self)
        del facts["tuning"]
        return facts | ({"tuning": facts_of(self.tuning)} if self.tuning else {})

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """The recipe that `to_json` wrote."""
        return cls.from_facts(json.loads(text))

    @classmethod
    def from_facts(cls, facts: dict) -> "Recipe":
        """The recipe that `facts` described, from JSON."""
        train = facts["train"] | {"betas": tuple(facts["train"]["betas"])}
        changes = tuple((step, rate) for step, rate in facts.get("rate_changes", ()))
        parts = {"model": GPTConfig(**facts["model"]), "train": TrainConfig(**train), "rate_changes": changes}
        return cls(**facts | parts | {"tuning": tuning_from(facts.get("tuning"))})

    def with_rate(self, step: int, learning_rate: float) -> "Recipe":
        """The same until `step`, and with another learning rate from there on."""
        earlier = tuple(change for change in self.rate_changes if change[0] < step)
        return replace(self, rate_changes=(*earlier, (step, float(learning_rate))))

    def as_begun(self) -> "Recipe":
        """The recipe without what was changed on the way."""
        return replace(self, rate_changes=())

    def train_at(self, step: int) -> tuple[TrainConfig, int]:
        """What is in force at this step, and the step at which that ends.

        A new learning rate is the new highest of the schedule: its whole shape is made lower or higher.
        """
        made = [rate for at, rate in self.rate_changes if at <= step]
        until = min((at for at, _ in self.rate_changes if at > step), default=self.train.steps)
        if not made:
            return self.train, min(until, self.train.steps)
        usual = self.train.learning_rate
        lowest = self.train.min_learning_rate * made[-1] / usual if usual else made[-1]
        config = replace(self.train, learning_rate=made[-1], min_learning_rate=lowest)
        return config, min(until, self.train.steps)

    @classmethod
    def preset(cls, name: str = "default") -> "Recipe":
        """A recipe that is known to work. ValueError, with the names, for one that there is not."""
        from runs.presets import find_preset  # they are recipes, so their file needs this one first

        return find_preset(name)


def drop_usual(facts: dict, model: GPTConfig) -> None:
    """Leave out fields that came later, where they say what was always so: old recipes keep their keys."""
    if model.norm_eps == GPTConfig().norm_eps:
        del facts["norm_eps"]
    if model.hidden_dim == 4 * model.emb_dim:
        del facts["ffn_width"]


def check_rate_changes(changes: tuple[tuple[int, float], ...]) -> None:
    """Raise ValueError unless steps rise and rates are numbers of at least 0."""
    steps = [step for step, _ in changes]
    if steps != sorted(set(steps)) or any(step < 0 for step in steps):
        raise ValueError(f"rate_changes are at steps {steps}: they must rise, from 0")
    for _, rate in changes:
        if not (math.isfinite(rate) and rate >= 0):
            raise ValueError(f"the learning rate is {rate}: it must be a number of at least 0")
