"""Recipes that are known to work, and experiments: a few recipes that differ in one thing."""

import re
from dataclasses import dataclass, replace

from core.config import GPTConfig, check_choice
from core.library import read_text
from runs.instruct_presets import INSTRUCTIONS, INSTRUCTIONS_LORA
from runs.recipe import Recipe
from runs.text_presets import BUNDLED, DEFAULT

PRESETS = {
    "default": DEFAULT,
    "bundled": BUNDLED,
    "instructions": INSTRUCTIONS,
    "instructions_lora": INSTRUCTIONS_LORA,
}


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A question that is answered by training: predict first, then look at the curves and the samples."""

    title: str
    question: str  # to predict from, before anything is trained
    recipes: dict[str, Recipe]  # by label, in the order of drawing; same seed, one difference
    notice: str  # what to look at afterwards


def with_model(recipe: Recipe, **changes: object) -> Recipe:
    """The same recipe for another model."""
    return replace(recipe, model=replace(recipe.model, **changes))


def with_train(recipe: Recipe, **changes: object) -> Recipe:
    """The same recipe, learned in another way."""
    return replace(recipe, train=replace(recipe.train, **changes))


def first_page(key: str, length: int = 2000) -> str:
    """The beginning of a library text, up to the end of the paragraph in which `length` letters are full."""
    text = read_text(key)
    return text[: text.index("\n\n", length)]


LETTERS = with_model(  # a tale letter by letter: each experiment has to fit into seconds
    replace(DEFAULT, tokenizer="char", batch_size=16), context_length=32
)
LOOK_UP = Recipe(  # narrow, but many windows a step: an induction head needs steady gradients to be found
    corpus="repeats",
    tokenizer="char",
    model=GPTConfig(context_length=32, emb_dim=32, n_heads=2, n_layers=2, drop_rate=0.0, position="rotary"),
    train=replace(DEFAULT.train, min_learning_rate=1e-3),
    batch_size=96,
    eval_every=40,
)
DEEP = with_train(
    with_model(replace(LETTERS, batch_size=8, eval_every=60), n_layers=12, emb_dim=48),
    learning_rate=3e-3,
    steps=240,
)
STEADY = with_train(  # the same rate from the warm-up to the end, so that nothing but the rate is compared
    with_model(replace(LETTERS, eval_every=30), emb_dim=48),
    learning_rate=1e-2,
    min_learning_rate=0.0,
    schedule="constant",
    steps=300,
)
TALE = with_train(with_model(replace(LETTERS, tokenizer="bpe"), vocab_size=512), steps=300)

PRESETS |= {  # of each experiment the recipe that it is named after
    "mask_off": with_model(LETTERS, causal=False),
    "no_positions": with_model(LOOK_UP, position="none"),
    "no_residual": with_model(DEEP, residual=False),
    "learning_rates": STEADY,
    "overfit": replace(TALE, corpus=None, text=first_page("ugly-duckling")),
    "induction": LOOK_UP,
    "gelu_or_relu": with_model(LETTERS, activation="relu"),
}

EXPERIMENTS = {
    "mask_off": Experiment(
        title="Mask off",
        question="Two models learn the same tale, but one may look at the letters that it is to foretell: "
        "whose loss falls lower, and who writes the better English?",
        recipes={"with mask": LETTERS, "mask off": PRESETS["mask_off"]},
        notice="Without the mask the loss falls to almost nothing, because the answer stands in the input. "
        "Read both samples: a low loss is not enough.",
    ),
    "no_positions": Experiment(
        title="No positions",
        question="Random strings are written several times each: can a model look up what came next "
        "if it cannot tell which letter stood where?",
        recipes={"with positions": LOOK_UP, "no positions": PRESETS["no_positions"]},
        notice="The gap between the curves is what order is worth here, where everything depends on it. "
        "In English prose the same switch costs much less at this size: the mask alone betrays some order.",
    ),
    "no_residual": Experiment(
        title="No residual, 12 blocks",
        question="Twelve blocks, once with shortcuts around every layer and once without: do both learn?",
        recipes={"with residual": DEEP, "no residual": PRESETS["no_residual"]},
        notice="Without shortcuts the loss soon stays where counting the letters would bring it: "
        "the sample has the right letters in no order, and nothing of the text before it gets through.",
    ),
    "learning_rates": Experiment(
        title="Learning rate sweep",
        question="Four runs differ in nothing but the learning rate, each many times the one before: "
        "which ends lowest, and what does the last one do?",
        recipes={
            f"rate {rate:g}": with_train(STEADY, learning_rate=rate) for rate in (1e-4, 1e-3, 1e-2, 1.0)
        },
        notice="The lowest rate is still on its way when the steps are over. The highest throws the weights "
        "about, and its loss climbs above that of guessing.",
    ),
    "overfit": Experiment(
        title="Overfit a page",
        question="One model reads a whole tale, the other only its first page, both for the same number of "
        "steps: whose training loss falls lower, and who does better on the lines kept back?",
        recipes={"whole tale": TALE, "one page": PRESETS["overfit"]},
        notice="The page is learned by heart: the training loss is almost gone, the sample recites it, and "
        "validation turns up early. On the whole tale all of that is slower: more text is the cure.",
    ),
    "induction": Experiment(
        title="An induction head is born",
        question="Strings that nobody can guess, each written several times: do one layer of attention and "
        "two learn equally well to look up what came next last time?",
        recipes={"one layer": with_model(LOOK_UP, n_layers=1), "two layers": LOOK_UP},
        notice="With two layers the loss lies still and then drops, while a head of the first layer comes to "
        "look one token back and one of the second at what came next last time. One layer never gets there.",
    ),
    "gelu_or_relu": Experiment(
        title="GELU or ReLU",
        question="Two models differ in nothing but the bend of their feed-forward layers, GELU or ReLU: "
        "whose loss ends lower, and by how much?",
        recipes={"GELU": LETTERS, "ReLU": PRESETS["gelu_or_relu"]},
        notice="The two curves lie nearly over each other: they end some hundredths of a nat apart. At this "
        "size it hardly matters which bend it is; without any, the loss would end about a tenth of a nat "
        "higher. Then look at both in Activations: ReLU has left some neurons dead, GELU none.",
    ),
}


def plain(name: str) -> str:
    """A name as keys are written: small letters, and _ for spaces, hyphens and commas."""
    return re.sub(r"[\s,_-]+", "_", name.strip().lower())


def find_preset(name: str) -> Recipe:
    """A recipe by its key or its experiment's title, however written. ValueError, with the keys, if none."""
    titles = {plain(experiment.title): key for key, experiment in EXPERIMENTS.items()}
    key = titles.get(plain(name), plain(name))
    check_choice("preset", name if key not in PRESETS else key, tuple(PRESETS))
    return PRESETS[key]
