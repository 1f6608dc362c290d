"""What the Anatomy page says and compares: counts, shapes, shares, and the numbers of its sentences."""

from dataclasses import replace

from core.anatomy import memory_of, parts_of, stages_of, tables_share, times
from core.config import GPTConfig
from core.gpt import parameter_count
from views.here import Here
from views.phrases import count_of
from views.sizes import PRESETS, name_of
from views.text import percent

COMPARED = ("tiny", "classroom", "small", "medium", "large", "xl")


def triples(config: GPTConfig) -> list[tuple[str, str, int]]:
    """The parts as the picture takes them."""
    return [(part.name, part.where, part.count) for part in parts_of(config)]


def counts(config: GPTConfig) -> dict[str, int]:
    """The parts of a whole model, all blocks together."""
    return {part.name: part.count * times(part, config) for part in parts_of(config)}


def compared(config: GPTConfig, here: Here) -> tuple[dict[str, dict[str, int]], str]:
    """The model of the controls above those of known sizes; and its name."""
    name = name_of(config, here)
    models = {name: counts(config)}
    return models | {PRESETS[key][0]: counts(PRESETS[key][1]) for key in COMPARED}, name


def count_sentence(config: GPTConfig, here: Here) -> str:
    """What the picture says, for screen readers and the back row."""
    share, blocks = (
        tables_share(config),
        sum(counts(config).get(one, 0) for one in ("attention", "feed-forward")),
    )
    total = parameter_count(config)
    return (
        f"{name_of(config, here)}: {total:,} learned numbers, {percent(share)} of them in tables of tokens, "
        f"{percent(blocks / total)} in the attention and feed-forward of "
        f"{count_of(config.n_layers, 'block')}. The areas are the counts."
    )


def shape_table(config: GPTConfig, here: Here) -> str:
    """The shapes on the way of the prompt through the model of the controls, in markdown."""
    tokens = max(1, min(len(here.prompt.ids), config.context_length))
    lines = ["| tensor | shape | what it is |", "|:--|:--|:--|"]
    for stage in stages_of(config, 1, tokens):
        shape = ", ".join(f"{size:,}".replace(",", " ") for size in stage.shape)
        lines.append(f"| `{stage.name}` | ({shape}) | {stage.what} |")
    return "\n".join(lines)


def part_table(config: GPTConfig) -> str:
    """Each part with its formula and count, in markdown."""
    lines = ["| part | formula | numbers | times | together |", "|:--|:--|--:|--:|--:|"]
    for part in parts_of(config):
        often = times(part, config)
        lines.append(f"| {part.name} | {part.formula} | {part.count:,} | {often} | {part.count * often:,} |")
    lines.append(f"| **all** | | | | **{parameter_count(config):,}** |")
    return "\n".join(lines)


def memory_rows(config: GPTConfig, batch_size: int) -> list[tuple[str, int, str]]:
    """Memory as the picture takes it."""
    return [tuple(one) for one in memory_of(config, batch_size)]


def memory_sentence(config: GPTConfig, batch_size: int) -> str:
    """Weights, and training, in MiB."""
    rows = memory_of(config, batch_size)
    training = sum(one.bytes for one in rows[:4]) / 2**20
    return (
        f"{rows[0].bytes / 2**20:,.2f} MiB of weights, 4 bytes each; training on {batch_size} windows at a "
        f"time needs about {training:,.0f} MiB. The activations in it are an estimate: {rows[3].formula}."
    )


def numbers(config: GPTConfig, here: Here) -> dict[str, object]:
    """What the lesson's sentences are filled with."""
    whole, each = counts(config), {part.name: part.count for part in parts_of(config)}
    return {
        "model": name_of(config, here),
        "total": parameter_count(config),
        "mib": f"{memory_of(config, 1)[0].bytes / 2**20:,.2f}",
        "share": percent(tables_share(config)),
        "attention": each["attention"],
        "feed_forward": each["feed-forward"],
        "ratio": f"{each['feed-forward'] / each['attention']:.2g}",
        "layers": config.n_layers,
        "all_feed_forward": whole["feed-forward"],
        "heads": config.n_heads,
        "head_dim": config.head_dim,
        "tied_total": parameter_count(replace(config, tie_weights=True)),
        "untied_total": parameter_count(replace(config, tie_weights=False)),
        "saved": config.vocab_size * config.emb_dim,
        "tying": "saves" if config.tie_weights else "would save",
    }
