"""From files that a person offers to a model that every page works on: read, hold against the file, keep."""

import os
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from core.classes import as_language_model
from core.foreign import KINDS, Arrival, HeadsUnknown, read_weights, weight_files
from core.gpt import GPTModel, parameter_count, with_switches
from core.tensor_files import is_safetensors
from core.tokenizer import CharTokenizer
from core.tokenizer_facts import tokenizer_from
from core.training import next_token_loss
from core.unpickle import INSTEAD
from core.weights import save_model
from runs.brought import CLASSES, MODEL, VOCABULARIES, VOCABULARY, About, Brought, write_json
from runs.budget import check_budget
from runs.home import Home
from runs.keeping import unfinished
from runs.offered import Offered, refuse_pickles_of_strangers
from runs.vocabularies import Vocabulary, fitting

PARITY_TOKENS = 16
MOST_OPERATIONS = 1e11  # for trying numbers of heads: about four seconds of one core
READ_ALOUD = (
    "Once upon a time there was a king who had a daughter, and she was so beautiful that the sun itself, "
    "which had seen so much, wondered whenever it shone in her face."
)


class HeadsAsked(HeadsUnknown):
    """The same question, with how well the model reads a sentence with each answer."""

    def __init__(self, emb_dim: int, losses: dict[int, float]) -> None:
        super().__init__(emb_dim)
        self.losses = losses  # nats a token by number of heads; {} where it was not tried


def bring(home: Home, offer: Callable[[Path], Offered], owner: str, n_heads: int | None = None) -> str:
    """Make a model of what `offer` finds, given a folder for its files; returns the model's id.

    ValueError, HeadsAsked among them, or StoreError says why not; then nothing is kept.
    """
    Brought(home).check_room_for_one(owner)
    with unfinished(home) as folder:
        (folder / "in").mkdir()
        (folder / "out").mkdir()
        offered = offer(folder / "in")
        refuse_pickles(offered.weights)
        arrival = read_with_heads(offered, n_heads)
        check_budget(arrival.config)
        ways, said = fitting(arrival.config.vocab_size, offered.beside)
        about = write_model(arrival, ways, tuple(said), folder / "out")
        return Brought(home).keep(folder / "out", owner, offered.name, about)


def refuse_pickles(weights: Path) -> None:
    """Raise ValueError on a server open to strangers if a file of weights is pickled."""
    for path in weight_files(weights) if weights.is_dir() else [weights]:
        if not (path.suffix == ".safetensors" or is_safetensors(path)):
            refuse_pickles_of_strangers(path, INSTEAD)


def read_with_heads(offered: Offered, n_heads: int | None) -> Arrival:
    """The weights as they came. HeadsAsked if nobody says how many heads there are."""
    try:
        return read_weights(offered.weights, n_heads=n_heads)
    except HeadsUnknown as error:
        raise HeadsAsked(error.emb_dim, losses_by_heads(offered, error.divisors)) from error


def losses_by_heads(offered: Offered, counts: tuple[int, ...]) -> dict[int, float]:
    """What a sentence costs the model with each number of heads, in nats a token; {} if that is too much."""
    arrival = read_weights(offered.weights, n_heads=counts[0])
    check_budget(arrival.config)
    ids = sentence_ids(
        fitting(arrival.config.vocab_size, offered.beside)[0][0], arrival.config.context_length
    )
    operations = 2 * parameter_count(arrival.config) * len(ids) * len(counts)
    if len(ids) < PARITY_TOKENS or arrival.classes or operations > MOST_OPERATIONS:
        return {}
    model = arrival.model()
    return {count: loss_with(model, count, ids) for count in counts}


def sentence_ids(vocabulary: Vocabulary, context_length: int) -> list[int]:
    """The sentence as the model reads it; [] if its vocabulary has no words."""
    tokenizer = tokenizer_from(vocabulary.facts)
    text = READ_ALOUD
    if isinstance(tokenizer, CharTokenizer):
        text = "".join(sign for sign in text if sign in tokenizer.ids)
    try:
        return tokenizer.encode(text)[: context_length + 1]
    except ValueError:
        return []


@torch.inference_mode()
def loss_with(model: GPTModel, n_heads: int, ids: list[int]) -> float:
    """The loss on a text with another number of heads; the weights are shared."""
    tokens = torch.tensor([ids])
    changed = with_switches(model, replace(model.config, n_heads=n_heads))
    return next_token_loss(changed(tokens[:, :-1]), tokens[:, 1:]).item()


def write_model(arrival: Arrival, ways: list[Vocabulary], said: tuple[str, ...], folder: Path) -> About:
    """Write our files; returns what is known. A model that sorts texts leaves two: body and classes."""
    model = arrival.model()
    save_model(as_language_model(model), folder / MODEL)
    if arrival.classes:
        layer = {name: x.detach().contiguous() for name, x in model.out_head.state_dict().items()}
        save_file(layer, folder / CLASSES)
    write_json(folder / VOCABULARY, ways[0].facts)
    write_json(folder / VOCABULARIES, [astuple(way) for way in ways])
    return about_of(arrival, model, ways[0], said)


def about_of(arrival: Arrival, model: GPTModel, vocabulary: Vocabulary, said: tuple[str, ...] = ()) -> About:
    """What is known of a model that has just arrived."""
    parity, without = parity_of(arrival, model)
    return About(
        kind=arrival.kind,
        kind_name=KINDS[arrival.kind],
        config=arrival.config,
        heads_from=arrival.heads_from,
        rows=arrival.rows,
        parity=parity,
        parity_tokens=len(parity_ids(arrival)),
        without_parity=without,
        classes=arrival.classes,
        vocabulary=vocabulary.label,
        tokens=vocabulary.tokens,
        said=said,
    )


def parity_ids(arrival: Arrival) -> torch.Tensor:
    """Random tokens, always the same: (T,)."""
    count = min(PARITY_TOKENS, arrival.config.context_length)
    return torch.randint(arrival.config.vocab_size, (count,), generator=torch.Generator().manual_seed(123))


def parity_of(arrival: Arrival, model: GPTModel) -> tuple[float | None, str]:
    """How far the model is from the file's own arithmetic, or why there is nothing to compare with."""
    try:
        return arrival.parity(model, parity_ids(arrival)), ""
    except ValueError as error:
        return None, str(error)


def read_otherwise(home: Home, model_id: str, owner: str, number: int) -> str:
    """The same weights with another of the vocabularies that fit; returns the id of that model."""
    brought = Brought(home)
    ways = [Vocabulary(*way) for way in brought.read(model_id, VOCABULARIES)]
    name = next((entry.name for entry in brought.entries(owner) if entry.model_id == model_id), "")
    with unfinished(home) as folder:
        for file in (MODEL, CLASSES, VOCABULARIES):
            if (brought.folder(model_id) / file).exists():
                os.link(brought.folder(model_id) / file, folder / file)
        write_json(folder / VOCABULARY, ways[number].facts)
        about = replace(brought.about(model_id), vocabulary=ways[number].label, tokens=ways[number].tokens)
        return brought.keep(folder, owner, name, about, replaces=model_id)
