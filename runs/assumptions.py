"""What no file says of a model that is brought: asked for, tried on a short text, and called assumed."""

from collections.abc import Mapping
from dataclasses import replace

import torch

from core.config import GPTConfig
from core.foreign import UNSHOWN, Arrival, HeadsUnknown, read_weights
from core.gpt import GPTModel, parameter_count, with_switches
from core.tokenizer import CharTokenizer
from core.tokenizer_facts import tokenizer_from
from core.training import next_token_loss
from runs.brought import Fact
from runs.budget import check_budget
from runs.offered import Offered
from runs.vocabularies import Vocabulary, fitting

SHORTEST = 16  # tokens of a text that tells anything
MOST_OPERATIONS = 1e11  # for trying what a file does not say: about four seconds of one core
CHOICES = {
    "position": ("none", "rotary", "sinusoidal"),
    "activation": ("gelu_tanh", "gelu", "relu", "silu"),
    "norm_eps": (1e-5, 1e-6, 1e-12, 1e-3),
}
FAMILIAR_HEAD = 64  # width of a head in GPT-2, and in most models since
READ_ALOUD = (
    "Once upon a time there was a king who had a daughter, and she was so beautiful that the sun itself, "
    "which had seen so much, wondered whenever it shone in her face. One day she went into the forest, and "
    'there she met an old woman. "Good day," said the girl. "Where do you live?" The old woman said that she '
    "lived in a little house, and that she was very hungry. So the girl gave her some bread. Then the old "
    "woman was happy, and the girl went home to her father, and told him what she had seen."
)

Answers = Mapping[str, object]  # what a person says, by fields of core.foreign.UNSHOWN


class FactsAsked(ValueError):
    """No file says these: each with the loss of a short text for every choice."""

    def __init__(self, emb_dim: int, facts: tuple[Fact, ...]) -> None:
        self.emb_dim = emb_dim
        self.facts = facts
        super().__init__(
            f"no file says {', '.join(fact.field for fact in facts)}: choose, and bring it again"
        )


def read_or_ask(offered: Offered, answers: Answers, ask: bool) -> Arrival:
    """The weights as they came. FactsAsked for what nobody says."""
    try:
        arrival = read_weights(offered.weights, **answers)
    except HeadsUnknown as error:
        raise asked_for(offered, dict(answers) | {"n_heads": error.divisors[0]}, error.divisors) from error
    if ask and arrival.assumed:
        raise asked_for(offered, answers, ())
    return arrival


def asked_for(offered: Offered, answers: Answers, divisors: tuple[int, ...]) -> FactsAsked:
    """The question; `divisors` are the numbers of heads to choose from, () where the number is known."""
    arrival = read_weights(offered.weights, **answers)
    check_budget(arrival.config)
    vocabulary = fitting(arrival.config.vocab_size, offered.beside)[0][0]
    return FactsAsked(arrival.config.emb_dim, facts_of(arrival, vocabulary, divisors))


def facts_of(arrival: Arrival, vocabulary: Vocabulary, divisors: tuple[int, ...] = ()) -> tuple[Fact, ...]:
    """What no shape shows: who says it, and what a short text costs with each choice where no file does.

    Field after field is tried, with the best of those before it; a kind of positions with its best heads.
    """
    ids, config, model = sentence_ids(vocabulary, arrival.config.context_length), arrival.config, None
    found = []
    for name in (name for name in UNSHOWN if name in arrival.sources):
        source, choices = arrival.sources[name], choices_of(arrival, name, divisors)
        heads = (divisors or (config.n_heads,)) if name == "position" else (None,)
        losses: dict[object, float] = {}
        read = affordable(arrival, ids, len(choices) * len(heads)) if source != "the file" else []
        if read:
            model = model or arrival.model()
            losses = losses_of(model, config, name, choices, heads, read)
        value = getattr(config, name)
        if divisors and name == "n_heads":
            source, value = "nobody", best_of(losses) or familiar(config.emb_dim, choices)
        found.append(Fact(name, value, source, tuple(choices), losses))
        if divisors and name in ("position", "n_heads"):
            config = with_field(config, name, best_of(losses) or value) or config
    return tuple(found)


def losses_of(
    model: GPTModel, config: GPTConfig, name: str, choices: tuple, heads: tuple, ids: list[int]
) -> dict[object, float]:
    """The loss of a text for each choice of a field, with the best of `heads`; without the impossible."""
    found: dict[object, float] = {}
    for choice in choices:
        configs = [with_field(config, name, choice) if n is None else
                   with_field(replace(config, n_heads=n), name, choice) for n in heads]  # fmt: skip
        if possible := [one for one in configs if one is not None]:
            found[choice] = min(loss_with(model, one, ids) for one in possible)
    return found


def with_field(config: GPTConfig, name: str, value: object) -> GPTConfig | None:
    """The config with another value of one field; None if there is no such model."""
    try:
        return replace(config, **{name: value})
    except ValueError:
        return None


def best_of(losses: Mapping[object, float]) -> object:
    """The choice that costs least; None if none was tried."""
    return min(losses, key=losses.get) if losses else None


def familiar(emb_dim: int, divisors: tuple[int, ...]) -> int:
    """The number of heads that are nearest to GPT-2's in width."""
    return min(divisors, key=lambda count: abs(emb_dim / count - FAMILIAR_HEAD))


def choices_of(arrival: Arrival, name: str, divisors: tuple[int, ...]) -> tuple:
    """What a person may choose for a field, the present value among it."""
    present = getattr(arrival.config, name)
    usual = (
        (divisors or HeadsUnknown(arrival.config.emb_dim).divisors) if name == "n_heads" else CHOICES[name]
    )
    return usual if present in usual else (present, *usual)


def affordable(arrival: Arrival, ids: list[int], count: int) -> list[int]:
    """As much of a text as can be read with so many choices; [] if that is too little to tell anything."""
    most = int(MOST_OPERATIONS / (2 * parameter_count(arrival.config) * count))
    length = min(len(ids), most)
    return ids[:length] if length >= SHORTEST and not arrival.classes else []


def sentence_ids(vocabulary: Vocabulary, context_length: int) -> list[int]:
    """The text as the model reads it; [] if its vocabulary has no words."""
    tokenizer = tokenizer_from(vocabulary.facts)
    text = READ_ALOUD
    if isinstance(tokenizer, CharTokenizer):
        text = "".join(sign for sign in text if sign in tokenizer.ids)
    try:
        return tokenizer.encode(text)[: context_length + 1]
    except ValueError:
        return []


@torch.inference_mode()
def loss_with(model: GPTModel, config: GPTConfig, ids: list[int]) -> float:
    """The loss on a text under another config, in nats a token; the weights are shared."""
    tokens = torch.tensor([ids])
    changed = with_switches(model, config)
    return next_token_loss(changed(tokens[:, :-1]), tokens[:, 1:]).item()
