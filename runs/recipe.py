"""A recipe: everything that decides what a run learns. Same recipe, same weights, bit for bit."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property

from core.config import GPTConfig, check_choice, settle_whole_numbers
from core.library import read_text
from core.pieces import without_surrogates
from core.training import TrainConfig

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

    def __post_init__(self) -> None:
        """Refuse a recipe that nothing can be trained from, naming the rule."""
        check_choice("tokenizer", self.tokenizer, TOKENIZERS)
        settle_whole_numbers(self, "batch_size", "eval_every")
        settle_whole_numbers(self, "seed", at_least=0)
        if self.seed > HIGHEST_SEED:
            raise ValueError(f"seed is {self.seed}: it must be at most {HIGHEST_SEED}")
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
        facts = asdict(self)
        del facts["corpus"]
        facts["text"] = hashlib.sha256(self.corpus_text.encode()).hexdigest()
        if self.tokenizer != "bpe":
            del facts["model"]["vocab_size"]  # the tokenizer decides it
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> str:
        """The recipe as JSON, a text of one's own included."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """The recipe that `to_json` wrote."""
        facts = json.loads(text)
        train = facts["train"] | {"betas": tuple(facts["train"]["betas"])}
        return cls(**facts | {"model": GPTConfig(**facts["model"]), "train": TrainConfig(**train)})

    @classmethod
    def preset(cls, name: str = "default") -> "Recipe":
        """A recipe that is known to work. ValueError, with the names, for one that there is not."""
        check_choice("preset", name, tuple(PRESETS))
        return PRESETS[name]


PRESETS = {
    "default": Recipe(  # ten seconds on one core: words come, then sentences learned by heart
        corpus="ugly-duckling",
        tokenizer="bpe",
        model=GPTConfig(vocab_size=512, context_length=64, emb_dim=96, n_heads=4, n_layers=2, drop_rate=0.0),
        train=TrainConfig(
            learning_rate=5e-3,
            betas=(0.9, 0.99),
            steps=400,
            warmup_steps=20,
            schedule="cosine",
            min_learning_rate=1e-4,
            clip_norm=1.0,
        ),
        batch_size=8,
    ),
    "bundled": Recipe(  # what `make model` trains
        corpus="grimm+ugly-duckling+match-seller",
        tokenizer="bpe",
        model=GPTConfig(
            vocab_size=2048,
            context_length=128,
            emb_dim=128,
            n_heads=4,
            n_layers=4,
            drop_rate=0.1,
            tie_weights=True,
        ),
        train=TrainConfig(
            learning_rate=2e-3,
            steps=2000,
            warmup_steps=100,
            schedule="cosine",
            min_learning_rate=1e-4,
            clip_norm=1.0,
        ),
        eval_every=50,
    ),
}
