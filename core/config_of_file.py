"""The config of a model that others saved: what its files say of it, and what its tensors' shapes say.

Each field of a description is obeyed, known to change no logit, or refused by its name and value.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from core.assembly import Shape
from core.config import GPTConfig, check_whole_number
from core.json_object import read_json

Shapes = Mapping[str, Shape]
Facts = Mapping[str, object]

GPT2_HEADS = {768: 12, 1024: 16, 1280: 20, 1600: 25}  # GPT-2's four sizes
MOST_HEADS = 128
MOST_BYTES = 2**20  # of a config.json; one has about 1,000
DESCRIPTION = "the description of the model"
DAMAGED = f"{DESCRIPTION} is damaged"
OURS = frozenset(field.name for field in fields(GPTConfig))
FIELDS = {  # the names of GPT-2's config.json and of nanoGPT's model_args, and ours
    "vocab_size": "vocab_size",
    "n_positions": "context_length",
    "n_ctx": "context_length",
    "block_size": "context_length",
    "n_embd": "emb_dim",
    "n_layer": "n_layers",
    "n_head": "n_heads",
    "n_inner": "ffn_width",
    "resid_pdrop": "drop_rate",
    "dropout": "drop_rate",
    "activation_function": "activation",
    "layer_norm_epsilon": "norm_eps",
    "scale_attn_weights": "scale_scores",
}
READ_ELSEWHERE = {"model_type", "tie_word_embeddings", "bias"}  # "bias": the tensors show it
ACTIVATIONS = {  # some names are of one formula, rounded in other places
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_accurate": "gelu_tanh",
    "gelu": "gelu",
    "gelu_python": "gelu",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
}
USUAL = {  # computed otherwise if they are anything else
    "scale_attn_by_inverse_layer_idx": False,
    "add_cross_attention": False,
    "is_encoder_decoder": False,
    "pruned_heads": {},
}
HARMLESS = frozenset(  # no logit depends on them
    """_name_or_path name_or_path architectures transformers_version torch_dtype dtype
    _attn_implementation attn_implementation _attn_implementation_autoset reorder_and_upcast_attn
    embd_pdrop attn_pdrop initializer_range use_cache gradient_checkpointing chunk_size_feed_forward
    bos_token_id eos_token_id pad_token_id sep_token_id decoder_start_token_id is_decoder
    id2label label2id num_labels _num_labels problem_type finetuning_task task_specific_params prefix
    summary_type summary_use_proj summary_activation summary_proj_to_labels summary_first_dropout
    output_hidden_states output_attentions output_past return_dict return_dict_in_generate output_scores
    torchscript use_bfloat16 tf_legacy_loss tie_encoder_decoder remove_invalid_values tokenizer_class
    do_sample early_stopping num_beams num_beam_groups diversity_penalty temperature top_k top_p typical_p
    max_length min_length repetition_penalty length_penalty no_repeat_ngram_size bad_words_ids
    encoder_no_repeat_ngram_size num_return_sequences exponential_decay_length_penalty suppress_tokens
    begin_suppress_tokens forced_bos_token_id forced_eos_token_id""".split()  # noqa: SIM905
)
STATED = {"activation": "gelu_tanh", "norm_eps": 1e-5, "scale_scores": True, "ffn_width": None}  # GPT-2's


class HeadsUnknown(ValueError):
    """The file does not say how many heads share its width, and shapes do not show it."""

    def __init__(self, emb_dim: int) -> None:
        self.emb_dim = emb_dim
        self.divisors = tuple(n for n in range(1, MOST_HEADS + 1) if emb_dim % n == 0)
        super().__init__(
            f"the file does not say how many heads share its width of {emb_dim}: give a config with n_heads, "
            f"one of {', '.join(map(str, self.divisors))}"
        )


def our_config(text: str) -> GPTConfig:
    """The config that a checkpoint of ours carries. ValueError if it is damaged."""
    what = "the checkpoint's description of its model"
    facts = read_json(text, what)
    try:
        return GPTConfig(**facts)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} is damaged: {error}") from error


def read_description(path: Path) -> Facts:
    """What a config.json says, if there is one; its type is checked at once."""
    if not path.is_file():
        return {}
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name!r} has {path.stat().st_size:,} bytes: a config.json is far smaller")
    facts = read_json(path.read_bytes(), f"config.json of {path.parent.name!r}")
    refuse_other_types(facts)
    return facts


def refuse_other_types(facts: Facts) -> None:
    """Raise ValueError if config.json describes a Llama, a BERT or anything else but GPT-2."""
    if (kind := facts.get("model_type", "gpt2")) != "gpt2":
        raise ValueError(
            f"config.json describes a model of the type {kind!r}: Glassbox reads GPT-2's type only. If it "
            "belongs to another model, take it away from these weights"
        )


def fields_of(facts: Facts) -> dict[str, object]:
    """Fields of our config, by our names, that a description states. ValueError for one that we do not obey.

    The names are those of GPT-2's config.json, of nanoGPT's model_args, or the book's and ours.
    """
    if "emb_dim" in facts:
        refuse_unknown(facts, OURS)
        return {name: value for name, value in facts.items() if name in OURS and name != "tie_weights"}
    refuse_unknown(facts, FIELDS.keys() | READ_ELSEWHERE)
    said: dict[str, object] = dict(STATED) if "model_type" in facts else {}
    for name, ours in FIELDS.items():
        if facts.get(name) is None:
            continue
        value = CHECKS.get(name, lambda value, name: value)(facts[name], name)
        if ours == "context_length" and said.get(ours, value) != value:
            raise ValueError(f"{DAMAGED}: {name} is {value!r}, and n_positions {said[ours]!r}")
        said[ours] = value
    width = said.get("emb_dim")
    if isinstance(width, int) and said.get("ffn_width") == 4 * width:
        said["ffn_width"] = None
    return said


def refuse_unknown(facts: Facts, obeyed: frozenset[str] | set[str]) -> None:
    """Raise ValueError for the first field that is neither obeyed nor without effect."""
    for name, value in facts.items():
        usual = name in USUAL and value == USUAL[name] and type(value) is type(USUAL[name])
        if name in obeyed | HARMLESS or value is None or usual:
            continue
        wanted = f": GPT-2 and Glassbox compute with {USUAL[name]!r}" if name in USUAL else ""
        raise ValueError(f"{DESCRIPTION} says {name} = {str(value)[:60]!s}, which is not supported{wanted}")


def activation_of(value: object, name: str) -> str:
    """Our name of an activation. ValueError if we do not compute it."""
    if not isinstance(value, str):
        raise ValueError(f"{DAMAGED}: {name} is {value!r}, which is no name")
    if value not in ACTIVATIONS:
        raise ValueError(f"{name} is {value!r}: it is not one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[value]


def number(value: object, name: str) -> float:
    """A number of the description. ValueError if it is something else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{DAMAGED}: {name} is {value!r}, which is no number")
    return value


def flag(value: object, name: str) -> bool:
    """A yes or no of the description. ValueError if it is something else."""
    if not isinstance(value, bool):
        raise ValueError(f"{DAMAGED}: {name} is {value!r}, which is neither true nor false")
    return value


def whole(value: object, name: str) -> object:
    """A whole number of the description. ValueError if it is something else."""
    check_whole_number(name, value)
    return value


CHECKS = {
    "n_inner": whole,
    "activation_function": activation_of,
    "layer_norm_epsilon": number,
    "resid_pdrop": number,
    "dropout": number,
    "scale_attn_weights": flag,
}


def is_tied(facts: Facts, *, head: str, has_head: bool, is_same: bool) -> bool:
    """Whether the output layer is the token table. ValueError where the file contradicts its description."""
    said = facts.get("tie_word_embeddings", facts.get("tie_weights"))
    if said is not None:
        flag(said, "tie_word_embeddings")
    if said is False and not has_head:
        raise ValueError(f"{DESCRIPTION} says tie_word_embeddings = False, and the file has no {head}")
    if said is True and not is_same:
        raise ValueError(
            f"{DESCRIPTION} says tie_word_embeddings = True, and {head} in the file is not the token table"
        )
    return is_same


def table_shape(shapes: Shapes, name: str) -> Shape:
    """Rows and columns of an embedding table. ValueError if the file has no such table."""
    if len(shapes.get(name, ())) != 2:
        raise ValueError(
            f"these are no weights of a GPT that Glassbox knows: there is no table {name}, "
            f"and the first of its {len(shapes)} tensors is {next(iter(shapes), 'missing')}"
        )
    return shapes[name]
