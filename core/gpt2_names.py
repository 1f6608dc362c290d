"""GPT-2's names and ours, in one table: how Hugging Face's, nanoGPT's and minGPT's become the book's."""

import re
from collections.abc import Collection

from core.assembly import TIED, ZEROS, Route
from core.config import GPTConfig

TABLES = {"wte.weight": "tok_emb.weight", "wpe.weight": "pos_emb.weight"}
HEAD_NAMES = {"lm_head.weight": "out_head.weight", "score.weight": "out_head.weight"}  # score: a classifier's
FINAL_NORM = {"ln_f.weight": "final_norm.scale", "ln_f.bias": "final_norm.shift"}
NORMS = {"ln_1.weight": "norm1.scale", "ln_1.bias": "norm1.shift"}
NORMS |= {"ln_2.weight": "norm2.scale", "ln_2.bias": "norm2.shift"}
LAYERS = {"attn.c_proj": "att.out_proj", "mlp.c_fc": "ff.layers.0", "mlp.c_proj": "ff.layers.2"}
QKV = ("att.W_query", "att.W_key", "att.W_value")  # GPT-2 keeps the three side by side as attn.c_attn
BIASES = ("norm1.shift", "norm2.shift", "att.out_proj.bias", "ff.layers.0.bias", "ff.layers.2.bias")
BIASES += tuple(f"{name}.bias" for name in QKV)
MINGPT = {"ln1": "norm1", "ln2": "norm2", "ln_f": "final_norm", "attn.query": "att.W_query"}  # of 2020
MINGPT |= {"attn.key": "att.W_key", "attn.value": "att.W_value", "attn.proj": "att.out_proj"}
MINGPT |= {"mlp.0": "ff.layers.0", "mlp.2": "ff.layers.2", "head": "out_head"}
PARTS = {"weight": "scale", "bias": "shift"}  # of a LayerNorm
MASKS = (".mask", ".attn.bias", ".attn.masked_bias")  # which token may see which: computed, not learned
LEFT_OUT = "left out: a mask, not a weight"


def count_layers(names: Collection[str], prefix: str) -> int:
    """How many blocks the names speak of."""
    numbers = [int(found[1]) for name in names if (found := re.match(rf"{prefix}\.(\d{{1,9}})\.", name))]
    return max(numbers, default=-1) + 1


def book_routes(names: Collection[str], config: GPTConfig) -> list[Route]:
    """The ways of tensors under the book's names, which are ours."""
    routes = [Route(name, "", note=LEFT_OUT) if name.endswith(MASKS) else Route(name, name) for name in names]
    return tied(routes, config)


def mingpt_routes(names: Collection[str], config: GPTConfig) -> list[Route]:
    """The ways of tensors under minGPT's names of 2020."""
    return tied([mingpt_way(name) for name in names], config)


def mingpt_way(name: str) -> Route:
    """The way of one tensor."""
    if name.endswith(MASKS):
        return Route(name, "", note=LEFT_OUT)
    if name == "pos_emb":
        return Route(name, "pos_emb.weight", batched=True)
    block = re.match(r"blocks\.(\d+)\.", name)
    prefix = f"trf_blocks.{block[1]}." if block else ""
    layer, _, kind = (name[block.end() :] if block else name).rpartition(".")
    ours = MINGPT.get(layer, layer)
    return Route(name, f"{prefix}{ours}.{PARTS.get(kind, kind) if 'norm' in ours else kind}")


def gpt2_routes(names: Collection[str], config: GPTConfig, *, turned: bool) -> list[Route]:
    """The ways of tensors under GPT-2's names; `turned` if layers are kept as (in, out)."""
    routes: list[Route] = []
    for name in names:
        block = re.match(r"h\.(\d+)\.", name)
        prefix = f"trf_blocks.{block[1]}." if block else ""
        ways = ways_of(name, name[block.end() :] if block else name, turned)
        routes += [way._replace(ours=way.ours and prefix + way.ours) for way in ways]
    return tied(routes + zeros_for_biases(routes, config), config)


def ways_of(name: str, rest: str, turned: bool) -> list[Route]:
    """The way of one tensor, or the three of Q, K and V; `rest` is the name within its block."""
    if name.endswith(MASKS):
        return [Route(name, "", note=LEFT_OUT)]
    known = TABLES | HEAD_NAMES | FINAL_NORM | NORMS
    if rest in known:
        return [Route(name, known[rest])]
    layer, _, kind = rest.rpartition(".")
    turned = turned and kind == "weight" and layer in (*LAYERS, "attn.c_attn")
    if layer == "attn.c_attn":
        return [Route(name, f"{ours}.{kind}", turned, third) for third, ours in enumerate(QKV)]
    return [Route(name, f"{LAYERS[layer]}.{kind}" if layer in LAYERS else rest, turned)]


def zeros_for_biases(routes: list[Route], config: GPTConfig) -> list[Route]:
    """Zeros for the biases that a nanoGPT with bias=False does not have: the same function."""
    wanted = {f"trf_blocks.{i}.{name}" for i in range(config.n_layers) for name in BIASES}
    wanted.add("final_norm.shift")
    if wanted & {route.ours for route in routes}:
        return []  # it has biases: one that lacks is an error, and will be listed
    return [Route("", name, note=ZEROS) for name in sorted(wanted)]


def tied(routes: list[Route], config: GPTConfig) -> list[Route]:
    """The same ways, but the output layer is the token table where the config says so."""
    if not config.tie_weights:
        return routes
    heads = [route for route in routes if route.ours == "out_head.weight"]
    others = [route for route in routes if route.ours != "out_head.weight"]
    return others + [head._replace(note=TIED) for head in heads or [Route("", "out_head.weight")]]
