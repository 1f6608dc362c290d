"""The layouts in which GPTs of GPT-2's kind are kept: how each is recognised, and what its shapes say."""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from core.assembly import Shape
from core.config_of_file import table_shape
from core.gpt2_names import count_layers

Shapes = Mapping[str, Shape]


class Layout(NamedTuple):
    """Where a layout keeps what the sizes are read from."""

    kind: str
    table: str
    positions: str
    blocks: str  # how the names of a block's tensors begin
    expand: str  # the first feed-forward matrix of block 0
    heads: tuple[str, ...]  # names of the output layer, a classifier's first
    activation: str  # that its own program computes, where no file says which


GPT2 = Layout("gpt2", "wte.weight", "wpe.weight", "h", "mlp.c_fc.weight", ("score", "lm_head"), "gelu_tanh")
NANOGPT = GPT2._replace(kind="nanogpt", activation="gelu")
BOOK = Layout(
    "book", "tok_emb.weight", "pos_emb.weight", "trf_blocks", "ff.layers.0.weight", ("out_head",), "gelu_tanh"
)
MINGPT = Layout("mingpt", "tok_emb.weight", "pos_emb", "blocks", "mlp.0.weight", ("head",), "gelu")  # of 2020
STRANGERS = {  # a name that only this layout has, and whose it is
    r"model\.embed_tokens\.weight": "the Llama family (Llama, Mistral, Qwen, Gemma, SmolLM)",
    r"gpt_neox\.": "GPT-NeoX (Pythia)",
    r"h\.\d+\.attn\.attention\.[qkv]_proj\.": "GPT-Neo (TinyStories)",
    r"h\.\d+\.attn\.q_proj\.": "GPT-J",
    r"h\.\d+\.attn\.c_q\.": "nanochat",
    r"h\.\d+\.(norm_1|attn\.qkv)\.": "litgpt",
    r"h\.\d+\.self_attention\.query_key_value\.": "BLOOM or Falcon",
    r"blocks\.\d+\.attn\.W_Q": "TransformerLens",
    r"(model\.)?decoder\.embed_tokens\.": "OPT or another model of fairseq's kind",
    r"(bert\.|roberta\.|distilbert\.)?embeddings\.word_embeddings\.": "BERT, which reads both directions",
    r"shared\.weight|encoder\.block\.": "T5, an encoder with a decoder",
    r"token_embd\.weight|blk\.\d+\.": "GGUF (llama.cpp)",
    r"(base_model\.)?.*lora_[AB]\.": "an adapter (LoRA), which changes a base model: merge the two first "
    "(merge_and_unload), or bring the base model",
    r"model/wte|model/h0/": "OpenAI's TensorFlow checkpoint",
}


def layout_of(shapes: Shapes, *, says_nanogpt: bool) -> Layout:
    """The layout that tensors are kept in. ValueError names a foreign one, if it is known."""
    refuse_strangers(shapes)
    if GPT2.table in shapes:
        return nanogpts(shapes) if says_nanogpt or keeps_out_in(shapes) else GPT2
    return MINGPT if MINGPT.positions in shapes or "blocks.0.attn.key.weight" in shapes else BOOK


def refuse_strangers(names: Collection[str]) -> None:
    """Raise ValueError for a layout that is known and not read."""
    for pattern, whose in STRANGERS.items():
        found = next((name for name in names if re.match(pattern, name)), None)
        if found is not None:
            raise ValueError(
                f"these weights are not of GPT-2's kind: {found} is a name of {whose}. Glassbox reads the "
                "names of GPT-2, nanoGPT, minGPT and the book"
            )


def nanogpts(shapes: Shapes) -> Layout:
    """nanoGPT's layout; programs that keep their masks (minGPT, older nanoGPT) use the tanh formula."""
    keeps_masks = any(name.endswith(".attn.bias") and len(shapes[name]) == 4 for name in shapes)
    return NANOGPT._replace(activation="gelu_tanh") if keeps_masks else NANOGPT


def keeps_out_in(shapes: Shapes) -> bool:
    """Whether layers are kept as (out, in), as in nanoGPT; Hugging Face keeps GPT-2's as (in, out).

    Q, K and V side by side are three times as wide as high: this tells also for a feed-forward of any width.
    """
    rows, columns = (*shapes.get("h.0.attn.c_attn.weight", ()), 0, 0)[:2]
    return rows > columns


def head_of(layout: Layout, names: Collection[str]) -> str:
    """The name of the output layer's weights: the one in the file, else the usual one."""
    usual = layout.heads[-1]
    return next((f"{head}.weight" for head in layout.heads if f"{head}.weight" in names), f"{usual}.weight")


def fields_of_shapes(layout: Layout, shapes: Shapes) -> dict[str, object]:
    """The fields of our config that shapes show."""
    vocab_size, emb_dim = table_shape(shapes, layout.table)
    positions = shapes.get(layout.positions, ())
    if layout.positions in shapes and len(positions) < 2:
        table_shape(shapes, layout.positions)  # refuses it
    has_positions = bool(positions) or layout.kind != "book"
    expand = shapes.get(f"{layout.blocks}.0.{layout.expand}", ())
    width = (*expand, 0, 0)[1 if layout.kind == "gpt2" else 0]
    return {
        "vocab_size": vocab_size,
        "context_length": positions[-2] if len(positions) > 1 else 1024,
        "emb_dim": emb_dim,
        "n_layers": count_layers(shapes, layout.blocks),
        "drop_rate": 0.0,
        "qkv_bias": layout.kind != "book" or "trf_blocks.0.att.W_query.bias" in shapes,
        "position": "learned" if has_positions else "none",
        "ffn_width": None if width in (0, 4 * emb_dim) else width,
    }
