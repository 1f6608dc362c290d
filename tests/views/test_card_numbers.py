"""Each comparison gives its lesson where the page begins, with numbers that a few lines of torch give too."""

import math
import string
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.config import GPTConfig
from core.data import sliding_windows
from core.gpt import build_model, with_switches
from core.gradients import deep_network_gradients, multiply_weights
from core.instruct import collate, encode_item, end_token, fill_up, hide_prompts
from core.instructions import make_items, split_items
from core.library import read_text
from core.sampling import generate
from core.templates import PLAIN
from core.tokenizer import train_bpe
from core.trace import Trace, ablate_heads
from core.training import next_token_loss
from tests.views.card_models import COMPARED, storyteller
from views import cache as kept
from views.cache.long_context import FLOPS, MOST_WINDOWS, affordable, windows_of
from views.cards import attention, layer_norm
from views.cards.card import words_of
from views.here import Here
from views.text import percent


@cache
def here() -> Here:
    return storyteller()


def prompt_ids() -> torch.Tensor:
    return torch.tensor(here().prompt.ids)


@pytest.fixture(scope="module")
def seen() -> Trace:
    trace = Trace()
    with torch.inference_mode():
        model()(prompt_ids()[None], trace)
    return trace


def model():
    return kept.source(here().look)[0]


def logits(ids: torch.Tensor | None = None) -> torch.Tensor:
    with torch.inference_mode():
        return model()((prompt_ids() if ids is None else ids)[None])[0]


def chances(ids: torch.Tensor | None = None) -> torch.Tensor:
    return logits(ids)[-1].double().softmax(-1)


def moved(one: torch.Tensor, other: torch.Tensor) -> str:
    return percent(float((one - other).abs().sum() / 2))


def rms(x: torch.Tensor) -> float:
    return x.double().square().mean().sqrt().item()


def gibberish(seen):
    words = "".join(c if c.isalpha() else " " for c in read_text("grimm").lower()).split()
    text = f" {' '.join(words)} "
    ids = list(
        generate(model(), prompt_ids(), 80, temperature=1.0, generator=torch.Generator().manual_seed(123))
    )
    written = "".join(c if c.isalpha() else " " for c in here().tokenizer.decode(ids).lower()).split()
    real = [f" {a} {b} " in text for a, b in pairwise(written)]
    return {"last": percent(sum(real) / len(real)), "steps": 2500}


def pieces(seen):
    text = here().prompt.text
    counts = [
        len({piece.start for piece in train_bpe(read_text(corpus), 257 + 512).pieces(text)})
        for corpus in ("ugly-duckling", "hamlet")
    ]
    return {"one": counts[0], "other": counts[1]}


def space(seen):
    ids = torch.tensor(here().tokenizer.encode(here().prompt.text + " "))
    return {"moved": moved(chances(), chances(ids)), "more": len(ids)}


def stride(seen):
    _, targets = sliding_windows(torch.arange(len(prompt_ids())), 4, 4)
    _, wide = sliding_windows(torch.arange(len(prompt_ids())), 4, 6)
    assert len(targets.unique()) == targets.numel()  # none twice
    left_out = set(targets.flatten().tolist()) - set(wide.flatten().tolist())
    return {"asked": targets.numel(), "alone": len(targets), "gaps": len(left_out)}


def shift(seen):
    found = logits()[1:-1]
    places = torch.arange(1, len(prompt_ids()) - 1)
    asked = {"next": 1, "same": 0, "before": -1}
    return {name: F.cross_entropy(found, prompt_ids()[places + by]).item() for name, by in asked.items()}


def order(seen):
    other = prompt_ids().clone()
    other[-3], other[-2] = prompt_ids()[-2], prompt_ids()[-3]
    return {"moved": moved(chances(), chances(other))}


def minus_infinity(seen):
    weights = seen["blocks.0.attn.scaled"][0, 0].softmax(-1)
    return {"first": percent(weights[0, 0].item()), "mean": percent(weights.tril().sum(-1).mean().item())}


def scale(seen):
    largest = [seen[f"blocks.{i}.attn.weights"][0, :, 2:].max(-1).values.mean() for i in range(6)]
    return {"one": f"{torch.stack(largest).mean():.0%}", "width": 32}


def three_matrices(seen):
    shares = []
    for scores in seen["blocks.0.attn.scores"][0]:
        turned = sum(
            (scores[i, j] - scores[j, i]) ** 2 / 4
            for i in range(len(prompt_ids()))
            for j in range(len(prompt_ids()))
        )
        shares.append(float(turned / scores.square().sum()))
    return {"own": percent(float(np.mean(shares)))}


def split(seen):
    weight, x = model().trf_blocks[0].att.W_query.weight, seen["blocks.0.norm1"][0]
    own = (x @ weight[:32].T) - (x @ weight.T)[:, :32]
    assert own.abs().max() < 1e-5
    gaps = [
        ((x @ weight.T)[:, s] - x[:, s] @ weight[s, s].T).abs().max()
        for s in (slice(32 * head, 32 * head + 32) for head in range(6))
    ]
    return {"sliced": float(max(gaps)), "count": weight.numel()}


def dropout(seen):
    row = seen["blocks.0.attn.weights"][0, 0, here().token]
    torch.manual_seed(123)
    sums = F.dropout(row.expand(attention.DRAWS, -1), 0.5).sum(-1)
    return {"scaled": percent(sums.mean().item()), "plain": percent(sums.mean().item() / 2)}


def past(seen):
    longer = with_switches(model(), replace(model().config, context_length=256))
    count, _ = affordable(longer.config, 256, FLOPS)
    windows, _ = windows_of(here().look, here().tokenizer, 256, min(count, MOST_WINDOWS))
    with torch.inference_mode():
        losses = [F.cross_entropy(longer(ids[None, :-1])[0], ids[1:], reduction="none") for ids in windows]
    return {"after": torch.stack(losses).mean(0)[128:].mean().item(), "trained": 128}


def loud(seen):
    x = seen["blocks.0.resid_in"][0, here().token]
    outs = [F.layer_norm(x * times, x.shape) for times in (1, 100)]
    return {"quiet": rms(x), "gap": (outs[0] - outs[1]).abs().max().item()}


def biased(seen):
    smaller, norms = (191 / 192) ** 0.5, dict(model().named_modules())

    def tap(name, x):  # eps left aside
        path = name.replace("blocks", "trf_blocks")
        if not name.endswith(("norm1", "norm2", "final_norm")):
            return x
        return norms[path].shift + smaller * (x - norms[path].shift)

    with torch.inference_mode():
        other = model()(prompt_ids()[None], tap)[0, -1].double().softmax(-1)
    assert float((chances() - other).abs().sum() / 2) < 0.01  # next to nothing, as the card has it
    return {"factor": "0.26%", "moved": moved(chances(), other)}


def before_or_after(seen):
    _, rows = prompt_ids().unique(return_inverse=True)
    config = GPTConfig(
        vocab_size=len(rows), context_length=32, emb_dim=64, n_layers=12, drop_rate=0.0,
        tie_weights=True,
    )  # fmt: skip
    deep, trace = build_model(config), Trace()
    multiply_weights(deep.trf_blocks, layer_norm.GAIN)
    with torch.inference_mode():
        deep.final_vectors(rows[None], trace)
    return {"pre_first": rms(trace["blocks.0.resid_out"]), "pre_last": rms(trace["blocks.11.resid_out"])}


def dead_slopes(seen):
    hidden = torch.stack([seen[f"blocks.{i}.ffn.hidden"] for i in range(6)])
    return {"relu": percent((hidden < 0).float().mean().item()), "count": hidden[0].numel()}


def shortcuts(seen):
    sides = [deep_network_gradients([64] * 13, shortcut) for shortcut in (True, False)]
    return {"one": sides[0][0] / sides[0][-1], "other": sides[1][0] / sides[1][-1]}


def missed(seen):
    token, before = int(chances().argmax()), chances().max()
    after = {}
    for pair in [(layer, head) for layer in range(6) for head in range(6)]:
        with torch.inference_mode():
            after[pair] = model()(prompt_ids()[None], ablate_heads([pair]))[0, -1].softmax(-1)[token]
    most = max(after, key=lambda pair: abs(float(after[pair] - before)))
    changes = sorted(abs(float(one - before)) for one in after.values())
    return {
        "most": f"{most[0]}.{most[1]}",
        "without": percent(float(after[most])),
        "middle": f"{100 * np.median(changes):.1f}",
        "quiet": sum(change < 0.01 for change in changes),
    }


def ten(seen):
    untrained = build_model(model().config)
    with torch.inference_mode():
        first = F.cross_entropy(untrained(prompt_ids()[None, :-1])[0], prompt_ids()[1:]).item()
    now = F.cross_entropy(logits(prompt_ids()[:-1]), prompt_ids()[1:]).item()
    return {"even": f"{math.log(2048):.2f}", "first": f"{first:.2f}", "now": f"{now:.2f}"}


def two_counts(seen):
    return {"untied": 163_009_536, "tied": 124_412_160}  # book 4.6


def tie(seen):
    return {"small": percent(38_597_376 / 163_009_536)}


def reorders(seen):
    scores = logits()[-1].double()
    return {"cold": percent((scores / 0.5).softmax(-1).max()), "hot": percent((scores / 2).softmax(-1).max())}


def tail(seen):
    ordered = chances().sort(descending=True).values
    return {
        "own": percent(float(ordered[10:].sum())),
        "first_cut": percent(float(ordered[0] / ordered[:10].sum())),
    }


def zero(seen):
    ids = prompt_ids()
    for _ in range(12):
        ids = torch.cat([ids, logits(ids)[-1].argmax()[None]])
    return {
        "text": " ".join(here().tokenizer.decode(ids[len(prompt_ids()) :].tolist()).split()),
        "cold": 1,
        "warm": 3,
    }


def transpose(seen):
    tokens, width = len(prompt_ids()), 32
    rows = torch.arange(tokens * width).view(tokens, width) // 192  # of head 0
    right = F.cross_entropy(logits(prompt_ids()[:-1]), prompt_ids()[1:]).item()
    return {"first": rows[0].double().mean().item(), "last": rows[-1].double().mean().item(), "right": right}


def ignored(seen):
    learn, tokenizer = split_items(make_items())[0], here().tokenizer
    examples = sorted((encode_item(item, PLAIN, tokenizer) for item in learn), key=lambda one: len(one.ids))
    examples = [*examples[:3], examples[-1]]
    ids, prompts = [one.ids for one in examples], [one.prompt_length for one in examples]
    inputs, targets = collate(ids, end_token(tokenizer), prompt_lengths=prompts)
    everything = hide_prompts(fill_up(ids, end_token(tokenizer))[:, 1:], prompts)
    with torch.inference_mode():
        losses = [next_token_loss(model()(inputs), one).item() for one in (everything, targets)]
    added = int((everything != targets).sum())
    return {
        "with": f"{losses[0]:.2f}",
        "without": f"{losses[1]:.2f}",
        "share": percent(added / int((everything != -100).sum())),
        "two": "1.1269",
        "three": "0.7936",
        "hidden": "1.1269",
    }


DIRECT = {name: function for name, function in globals().items() if name in {card.key for card in COMPARED}}


@pytest.fixture(scope="module")
def outcomes() -> dict:
    return {card.key: card.compare(here()) for card in COMPARED}


@pytest.mark.parametrize("card", COMPARED, ids=lambda card: card.key)
def test_where_the_page_begins_the_lesson_holds(card, outcomes):
    outcome = outcomes[card.key]
    assert outcome.held == card.lesson
    assert outcome.seen
    assert len(outcome.figure.to_json()) < 20_000
    words = words_of(card.key)
    for text in (words.explanation, words.otherwise):
        assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= outcome.numbers.keys()


@pytest.mark.parametrize("card", COMPARED, ids=lambda card: card.key)
def test_its_numbers_are_those_of_a_direct_computation(card, outcomes, seen):
    expected, numbers = DIRECT[card.key](seen), outcomes[card.key].numbers
    assert expected
    for name, value in expected.items():
        if isinstance(value, float):
            assert numbers[name] == pytest.approx(value, rel=1e-3, abs=1e-6), name
        else:
            assert numbers[name] == value, name
