"""Write assets/models/CARD.md from what `make model` and `bench.mixes` measured: `python -m bench.card`."""

from itertools import pairwise

from core.gpt import parameter_count
from core.library import read_text
from core.mix import NOVEL_SHARE, REPEATS_SHARE, STORIES
from core.roles import REPEAT, STANDS_OUT
from runs import second_phase, storyteller
from runs.card import FAR
from runs.recipe import Recipe
from runs.second_phase import LONGEST, SHORTEST, SNIPPET_SHARE

CARD = storyteller.models_folder() / "CARD.md"
BORN = 0.3  # an induction score that no model without such a head has
TRIED = """\
| repeated lines in the mix | stopped at step | best head on the token before | best induction head |
|---|---|---|---|
| 13 % of the text, all words alike | 650 | 0.29 | 0.08 |
| 19 %, of the 60 most frequent words | 630 | 0.35 | 0.10 (but 0.78 on those 60 words) |
| 37 %, word of rank r as often as 1 / r^1.4 | 690 | 0.35 | 0.09 (but 0.64 on the 60 most frequent) |
"""


def main() -> None:
    """Write the card beside the model."""
    CARD.write_text(card(), encoding="utf-8")


def card() -> str:
    """The whole card."""
    recipe, facts = Recipe.preset("bundled"), storyteller.facts("card")
    numbers = parameter_count(storyteller.open_step(None).config)
    return f"""# The Storyteller

A GPT of {numbers:,} numbers that tells very simple stories, made to be looked into. `make model` trains it
again from its recipe, bit for bit on the same kind of machine with one thread. It knows nothing of the world,
and it is no assistant. MIT licence, as is the text that we generated; the other texts are in the public
domain.

## What it is

{described(recipe)}

## What it read

{len(read_text("storyteller-mix")):,} characters in random order, the last tenth kept to be tested on:

- {STORIES:,} generated stories (`core/stories.py`), about half of it;
- the tales of Grimm and two of Andersen, and the beginning of *Pride and Prejudice* ({NOVEL_SHARE:.0%} of the
  stories' length);
- lines of random words that come several times ({REPEATS_SHARE:.0%} of that length). They mean nothing: they
  are there to make induction heads (Olsson et al. 2022).

It is the library's text *What the Storyteller read* (`core/mix.py`).

In the second phase {SNIPPET_SHARE:.0%} of the rows are random tokens of its vocabulary instead: snippets of
{SHORTEST} to {LONGEST}, each written twice (`core/snippets.py`). Heads are measured on such texts too.

## How it learned

Losses in nats a token; bits a character on held-out text; scores of the best head on random tokens that come
again after {REPEAT} tokens, and after {FAR} (`core/roles.py`).

{curve_table(facts["measures"])}

{exactness(facts["measures"])}

## Its induction head

{induction(facts["induction"])}

Counting pairs of tokens costs {facts["pairs"]["held_out_loss"]:.3f} nats a token and
{facts["pairs"]["bits_per_character"]:.3f} bits a character on the same held-out text.

## What the mix is worth

Bits a character on the old tales that neither model learned from (`python -m bench.mixes`):

{mixes_table()}

## Mixes that were tried

{TRIED}
These are scores on 8 texts. The mix of the first phase has both kinds of lines, half of few words and half of
all words alike: {birth(facts["measures"])}

## What it writes

At temperature 0.8, after the prompts "Once upon a time" and the app's own:

{chr(10).join(quoted(sample) for sample in facts["samples"])}

## What ships

The last step in half precision; steps {", ".join(map(str, storyteller.early_files()))} with 8 bits a
weight, one scale a row, and labelled so in the app; step 0 is made from the seed.
"""


def described(recipe: Recipe) -> str:
    """Shape and training, in a few lines."""
    model, first, second = recipe.model, recipe.train, second_phase.TRAIN
    return (
        f"{model.n_layers} layers, {model.n_heads} heads, width {model.emb_dim}, "
        f"context {model.context_length}, {model.position} positions, tied tables, "
        f"byte-pair vocabulary of {model.vocab_size:,}.\n"
        f"{first.steps:,} steps of {recipe.batch_size} windows; AdamW, rate {first.learning_rate:g} to "
        f"{first.min_learning_rate:g} on a cosine after {first.warmup_steps} steps of warm-up, betas "
        f"{first.betas}, decay {first.weight_decay}, gradients clipped at {first.clip_norm}, "
        f"seed {recipe.seed}.\n"
        f"Then a second phase of {second.steps} steps from these weights in half precision, with a fresh "
        f"optimizer, rate\n{second.learning_rate:g} to {second.min_learning_rate:g}, and "
        f"{second.warmup_steps} steps of warm-up (`runs/second_phase.py`)."
    )


def curve_table(measures: list[dict]) -> str:
    """The evaluations, every second one."""
    rows = [
        "| step | train | validation | bits a character | token before "
        f"| induction, {REPEAT} | induction, {FAR} |",
        "|---|---|---|---|---|---|---|",
    ]
    losses = {event.step: event for event in storyteller.evaluations()}
    for row in [*measures[:-1:2], measures[-1]]:
        event, far = losses[row["step"]], row.get("induction_far")
        rows.append(
            f"| {row['step']:,} | {event.train_loss:.3f} | {event.val_loss:.3f} | "
            f"{row['bits_per_character']:.3f} | {row['previous_token']:.2f} | {row['induction']:.2f} | "
            f"{'' if far is None else f'{far:.2f}'} |"
        )
    return "\n".join(rows)


def exactness(measures: list[dict]) -> str:
    """How exactly the scores are known."""
    errors = [row["error"] for row in measures if row.get("error") is not None]
    told = f"Their standard error is at most {max(errors):.2f}"
    rough = len(errors) < len(measures)
    return told + (f"; without a score at {FAR} tokens it is about 0.04 (8 texts)." if rough else ".")


def induction(facts: list[dict]) -> str:
    """The best head at each length of repeat, by the measure and the threshold of the Attention page."""
    told = [
        f"layer {one['layer']}, head {one['head']} scores {one['score']:.2f} ± {one['error']:.3f} at "
        f"{one['repeat']} tokens, {one['beyond_chance']:.2f} beyond chance"
        for one in facts
    ]
    texts, scores = min(one["texts"] for one in facts), ";\n".join(told)
    enough = all(one["beyond_chance"] >= STANDS_OUT for one in facts)
    same = len({(one["layer"], one["head"]) for one in facts}) == 1
    verdict = "one induction head at both lengths" if enough and same else "no induction head at both lengths"
    return (
        f"Measured on {texts} texts or more: {scores}.\n"
        f"The threshold is {STANDS_OUT:.2f} beyond chance, so it has {verdict}."
    )


def birth(measures: list[dict]) -> str:
    """Between which two evaluations the induction score rose, in a sentence."""
    before, after = next(pair for pair in pairwise(measures) if pair[1]["induction"] > BORN)
    return (
        f"its best induction score was {before['induction']:.2f} at step\n{before['step']:,} "
        f"and {after['induction']:.2f} at step {after['step']:,}."
    )


def mixes_table() -> str:
    """The comparison of `bench.mixes`."""
    rows = [f"| {name} | {bits:.3f} |" for name, bits in storyteller.facts("mixes").items()]
    return "\n".join(["| | bits a character |", "|---|---|", *rows])


def quoted(sample: str) -> str:
    """A sample as a quotation."""
    return "".join(f"> {line}\n" for line in sample.splitlines())


if __name__ == "__main__":
    main()
