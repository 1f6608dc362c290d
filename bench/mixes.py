"""What the Storyteller owes to its mix: `python -m bench.mixes` trains the same model on old tales alone.

Both are measured on the tales that neither learned from, beside a model that counts pairs of tokens. Takes a
quarter of an hour on one core; `python -m bench.card` puts the result into assets/models/CARD.md.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import replace

import torch

from core.baselines import bigram_loss
from core.data import sliding_windows, train_validation_split
from core.gpt import GPTModel
from core.library import read_text
from core.mix import passages
from core.tokenizer import Tokenizer
from core.training import evaluate
from runs import storyteller
from runs.prepare import prepared
from runs.process import settle_down
from runs.recipe import Recipe
from runs.training import Training

RESULT = storyteller.models_folder() / f"{storyteller.BUNDLED}.mixes.json"
STEPS = 400  # fourteen times through the tales; the best step counts
TALES = ("grimm", "ugly-duckling", "match-seller")


def main() -> None:
    """Train, measure every fifty steps, print the comparison."""
    settle_down(1)
    learned, kept = tales_apart()
    print(f"tales: {len(learned):,} characters to learn from, {len(kept):,} kept")
    alone = best_on_tales(Training.begin(prepared(grimm_alone(learned, kept), most_flops=math.inf)), kept)
    model, tokenizer = storyteller.open_step(None), storyteller.tokenizer()
    found = {
        "the Storyteller": bits(model, tokenizer, kept),
        "the same model on the tales alone, at its best step": alone,
        "counting pairs of tokens in the tales": pair_bits(tokenizer, learned, kept),
    }
    print(json.dumps(found, indent=1))
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def tales_apart() -> tuple[str, str]:
    """The passages of tales in the mix that the Storyteller learned from, and those it did not."""
    mix = read_text("storyteller-mix")
    cut = len(train_validation_split(mix)[0])
    both: tuple[list[str], list[str]] = ([], [])
    for key in TALES:
        for passage in passages(read_text(key)):
            both[mix.index(passage) > cut].append(passage)
    return "\n\n".join(both[0]), "\n\n".join(both[1])


def grimm_alone(learned: str, kept: str) -> Recipe:
    """The Storyteller's recipe on tales alone; those at the end are the kept ones, and a few more."""
    plain = Recipe.preset("bundled")
    train = replace(plain.train, steps=STEPS)
    return replace(
        plain, corpus=None, text=f"{learned[: 9 * len(kept)]}\n\n{kept}", train=train, eval_every=50
    )


def best_on_tales(training: Training, kept: str) -> float:
    """Train to the end; the least bits a character that any evaluation found."""
    return min(measured(training, kept))


def measured(training: Training, kept: str) -> Iterator[float]:
    """Bits a character on the kept tales, every so many steps."""
    for _ in training.events():
        if training.evaluation_due():
            now = bits(training.model, training.prepared.tokenizer, kept)
            print(f"  step {training.step}: {now:.3f} bits a character", flush=True)
            yield now


def bits(model: GPTModel, tokenizer: Tokenizer, text: str) -> float:
    """What the text costs the model, in bits a character."""
    ids = torch.tensor(tokenizer.encode(text))
    length = model.config.context_length
    inputs, targets = sliding_windows(ids, length, length)
    loss = evaluate(model, zip(inputs.split(32), targets.split(32), strict=True))
    return loss / math.log(2) * len(ids) / len(text)


def pair_bits(tokenizer: Tokenizer, learned: str, kept: str) -> float:
    """The same for counting pairs."""
    ids, others = (torch.tensor(tokenizer.encode(text)) for text in (learned, kept))
    return bigram_loss(ids, others, tokenizer.vocab_size) / math.log(2) * len(others) / len(kept)


if __name__ == "__main__":
    main()
