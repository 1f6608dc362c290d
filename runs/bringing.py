"""From files that a person offers to a model that every page works on: read, hold against the file, keep."""

import os
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from core.classes import as_language_model
from core.foreign import KINDS, Arrival
from core.gpt import GPTModel
from core.tensor_files import is_safetensors
from core.unpickle import INSTEAD
from core.weight_files import weight_files
from core.weights import save_model
from runs.assumptions import facts_of, read_or_ask
from runs.brought import CLASSES, MODEL, VOCABULARIES, VOCABULARY, About, Brought, Fact, write_json
from runs.budget import check_budget
from runs.home import Home
from runs.keeping import unfinished
from runs.offered import Offered, refuse_pickles_of_strangers
from runs.vocabularies import Vocabulary, fitting

PARITY_TOKENS = 16


def bring(
    home: Home, offer: Callable[[Path], Offered], owner: str, *, ask: bool = False, **answers: object
) -> str:
    """Make a model of what `offer` finds, given a folder for its files; returns the model's id.

    `answers` are a person's, by field (n_heads, activation, norm_eps). With `ask`, FactsAsked asks for all
    that no file says; without, only for a number of heads, and the rest is assumed and called so. That and
    every other ValueError or StoreError says why nothing was brought; then nothing is kept.
    """
    Brought(home).check_room_for_one(owner)
    with unfinished(home) as folder:
        (folder / "in").mkdir()
        (folder / "out").mkdir()
        offered = offer(folder / "in")
        refuse_pickles(offered.weights)
        arrival = read_or_ask(offered, answers, ask)
        check_budget(arrival.config)
        ways, said = fitting(arrival.config.vocab_size, offered.beside)
        facts = facts_of(arrival, ways[0])
        told = (*offered.unused, *arrival.unused, *said)
        about = write_model(arrival, ways, told, facts, folder / "out")
        return Brought(home).keep(folder / "out", owner, offered.name, about)


def refuse_pickles(weights: Path) -> None:
    """Raise ValueError on a server open to strangers if a file of weights is pickled."""
    for path in weight_files(weights).files if weights.is_dir() else [weights]:
        if not (path.suffix == ".safetensors" or is_safetensors(path)):
            refuse_pickles_of_strangers(path, INSTEAD)


def write_model(
    arrival: Arrival, ways: list[Vocabulary], said: tuple[str, ...], facts: tuple[Fact, ...], folder: Path
) -> About:
    """Write our files; returns what is known. A model that sorts texts leaves two: body and classes."""
    model = arrival.model()
    save_model(as_language_model(model), folder / MODEL)
    if arrival.classes:
        layer = {name: x.detach().contiguous() for name, x in model.out_head.state_dict().items()}
        save_file(layer, folder / CLASSES)
    write_json(folder / VOCABULARY, ways[0].facts)
    write_json(folder / VOCABULARIES, [astuple(way) for way in ways])
    return replace(about_of(arrival, model, ways[0]), said=said, facts=facts)


def about_of(arrival: Arrival, model: GPTModel, vocabulary: Vocabulary) -> About:
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
