"""A run as one Python file without Glassbox: the same model, the same losses, to be read and changed.

The file is made from a template that holds every switch. A line of it that ends in `#? words` is kept only if
the words hold for the recipe (`a b`: both, `a|b`: one of them, `!a`: not); a line that is nothing but
`#? words` does the same for all lines up to `#?`.
"""

import base64
import json
import zlib
from dataclasses import asdict
from string import Template

import torch

from core.config import GPTConfig
from core.library import library
from core.tokenizer import ASSETS, BytePairTokenizer, Tokenizer, WordTokenizer
from core.training import TrainConfig
from runs.prepare import Prepared
from runs.recipe import Recipe
from runs.task import first_words

TEMPLATE = ASSETS / "script" / "train.py.txt"
MARK = "#?"
ACTIVATIONS = {
    "gelu": "nn.GELU()",
    "gelu_tanh": 'nn.GELU(approximate="tanh")',
    "relu": "nn.ReLU()",
    "silu": "nn.SiLU()",
}
POSITIONS = {
    "learned": " + self.pos_emb(torch.arange(ids.shape[1]))  # what, and where: (B, T, C)",
    "sinusoidal": " + 0.02 * position_waves(ids.shape[1])  # what, and where: (B, T, C)",
}
USUAL_ADAMW = {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": None}  # PyTorch's, not worth a word
TOKENS = {"char": "a character", "word": "a word or mark", "bytes": "a few bytes"}


def standalone_script(prepared: Prepared) -> str:
    """A Python file that trains the run's model again, without Glassbox, and prints each loss.

    ValueError for a fine-tuning: the file would need the model that it goes on from.
    """
    if prepared.recipe.tuning:
        raise ValueError("a fine-tuning has no script of its own: it needs the model that it goes on from")
    facts = facts_of(prepared)
    lines = kept_lines(TEMPLATE.read_text(encoding="utf-8").splitlines(), facts)
    values = model_values(prepared.model) | train_values(prepared.recipe, facts) | text_values(prepared)
    return Template("\n".join(lines) + "\n").substitute(values)


def facts_of(prepared: Prepared) -> set[str]:
    """What holds for this recipe, in the words that the template asks for."""
    recipe, model, train = prepared.recipe, prepared.model, prepared.recipe.train
    switches = {
        "dropout": model.drop_rate > 0,
        "causal": model.causal,
        "unscaled": not model.scale_scores,
        "unnormed": model.norm == "none",
        "tied": model.tie_weights,
        "clip": train.clip_norm is not None,
        "warmup": train.warmup_steps > 0,
        "cosine": train.schedule == "cosine",
        "changes": bool(recipe.rate_changes),
        "ascii": kind_of(prepared.tokenizer) != "bytes" and recipe.corpus_text.isascii(),
    }
    facts = {name for name, holds in switches.items() if holds}
    facts |= {model.position, model.norm, kind_of(prepared.tokenizer)}
    return facts | ({"scheduled"} if facts & {"warmup", "cosine", "changes"} else set())


def kind_of(tokenizer: Tokenizer) -> str:
    """What a token is: a character, a word or some bytes."""
    return "bytes" if isinstance(tokenizer, BytePairTokenizer) else tokenizer.name


def kept_lines(lines: list[str], facts: set[str]) -> list[str]:
    """The lines whose condition holds, without the conditions."""
    kept, block_holds = [], True
    for line in lines:
        code, _, condition = line.partition(MARK)
        if not code.strip() and MARK in line:
            block_holds = holds(condition, facts)
        elif block_holds and holds(condition, facts):
            kept.append(code.rstrip())
    return kept


def holds(condition: str, facts: set[str]) -> bool:
    """Whether every word of a condition is true of the recipe; no words always are."""
    return all(
        any((name.removeprefix("!") in facts) != name.startswith("!") for name in word.split("|"))
        for word in condition.split()
    )


def model_values(model: GPTConfig) -> dict[str, object]:
    """What the template says about the architecture."""
    return asdict(model) | {
        "norm_eps": "" if model.norm_eps == GPTConfig().norm_eps else f", eps={model.norm_eps}",
        "hidden": "4 * EMB_DIM" if model.ffn_width is None else model.ffn_width,
        "qkv_bias": "" if model.qkv_bias else ", bias=False",
        "scores": "Q @ K.T / sqrt(D)" if model.scale_scores else "Q @ K.T",
        "asked": "earlier" if model.causal else "all",
        "attention_options": attention_options(model),
        "activation": ACTIVATIONS[model.activation],
        "attend": sublayer("self.att", "norm1", model),
        "digest": sublayer("self.ff", "norm2", model),
        "positions": POSITIONS.get(model.position, "  # (B, T, C): what each token is"),
        "logits": output(model),
    }


def attention_options(model: GPTConfig) -> str:
    """The arguments of the fused attention that are not its usual ones."""
    options = [", is_causal=True"] * model.causal
    options += [", dropout_p=DROP_RATE if self.training else 0.0"] * (model.drop_rate > 0)
    return "".join(options + [", scale=1.0"] * (not model.scale_scores))


def output(model: GPTConfig) -> str:
    """From the embedded tokens to the logits as an expression."""
    x = "self.drop_emb(x)" if model.drop_rate > 0 else "x"
    x = f"self.trf_blocks({x})"
    x = f"self.final_norm({x})" if model.norm == "pre" else x
    return f"self.out_head({x})  # (B, T, V)"


def sublayer(layer: str, norm: str, model: GPTConfig) -> str:
    """One half of a block as an expression: the layer, its norm, its dropout, and the way around it."""
    read = f"self.{norm}(x)" if model.norm == "pre" else "x"
    out = f"{layer}({read})"
    if model.drop_rate > 0:
        out = f"self.drop({out})"
    if model.residual:
        out = f"x + {out}"
    return f"self.{norm}({out})" if model.norm == "post" else out


def train_values(recipe: Recipe, facts: set[str]) -> dict[str, object]:
    """What the template says about AdamW, the learning rate and the batches."""
    config = recipe.train
    changes = {step: recipe.train_at(step)[0] for step in (0, *(step for step, _ in recipe.rate_changes))}
    own = [name for name, usual in USUAL_ADAMW.items() if getattr(config, name) != usual]
    return (
        asdict(config)
        | {"seed": recipe.seed, "batch_size": recipe.batch_size, "eval_every": recipe.eval_every}
        | {"adamw": ", ".join(f"{name}={getattr(config, name)}" for name in own)}
        | {"learning_rates": {step: rates(config) for step, config in changes.items()}}
        | words_of_schedule(facts)
    )


def rates(config: TrainConfig) -> float | tuple[float, float]:
    """The rate, or, for a cosine, where it begins and ends."""
    if config.schedule == "constant":
        return config.learning_rate
    return config.learning_rate, config.min_learning_rate


def words_of_schedule(facts: set[str]) -> dict[str, str]:
    """How the file speaks of its rates: by its constants, or as looked up where they were changed."""
    changed, cosine, warmup = (fact in facts for fact in ("changes", "cosine", "warmup"))
    parts = ["a straight warm-up"] * warmup + ["half a cosine down" if cosine else "constant"]
    return {
        "highest": "highest" if changed else "LEARNING_RATE",
        "lowest": "lowest" if changed else "MIN_LEARNING_RATE",
        "rate_in_force": "highest, lowest" if cosine else "highest",
        "progress": "(step - WARMUP_STEPS) / (STEPS - WARMUP_STEPS)" if warmup else "step / STEPS",
        "schedule_doc": f"The rate of step 0, 1, ...: {', then '.join(parts)}.",
        "rates_comment": "the highest rate, and where the cosine ends" if cosine else "the rate",
        "rate_comment": "  # the highest" if warmup else "",
    }


def text_values(prepared: Prepared) -> dict[str, object]:
    """The text, packed into letters and marks that a Python string can hold, and what is said of it."""
    recipe, tokenizer = prepared.recipe, prepared.tokenizer
    kind = kind_of(tokenizer)
    content = recipe.corpus_text if kind == "char" else json.dumps(vocabulary_and_ids(prepared))
    titles = [library()[key].title for key in recipe.corpus.split("+")] if recipe.corpus else []
    return {
        "title": ", ".join(titles) or f"a text of {len(recipe.corpus_text):,} characters",
        "token": TOKENS[kind],
        "prompt": first_words(recipe.corpus_text, tokenizer),
        "torch": torch.__version__.split("+")[0],
        "packed": base64.b85encode(zlib.compress(content.encode(), 9)).decode(),
    }


def vocabulary_and_ids(prepared: Prepared) -> tuple[list[str], list[int]]:
    """Every token as text (a byte as the character of that number), and the text as token ids."""
    tokenizer = prepared.tokenizer
    ids = [*prepared.train_ids.tolist(), *prepared.validation_ids.tolist()]
    if isinstance(tokenizer, WordTokenizer):
        return tokenizer.words, ids
    pieces = (tokenizer.encoding.decode_single_token_bytes(i) for i in range(tokenizer.vocab_size))
    return [piece.decode("latin-1") for piece in pieces], ids
