"""The same GPT by everybody: Glassbox, the book's package, Hugging Face, nanoGPT, TransformerLens."""

import importlib.util
import os
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.config import GPTConfig

TINY_LETTERS = GPTConfig(
    vocab_size=65, context_length=64, emb_dim=128, n_heads=4, n_layers=4, drop_rate=0.0, tie_weights=True
)
STORYTELLER = GPTConfig(
    vocab_size=2048, context_length=256, emb_dim=192, n_heads=6, n_layers=6, drop_rate=0.0, tie_weights=True
)
GPT2 = GPTConfig(
    context_length=1024, emb_dim=768, n_heads=12, n_layers=12, drop_rate=0.0, qkv_bias=True, tie_weights=True
)


def exact_gelu(config: GPTConfig) -> GPTConfig:
    """The same with nanoGPT's activation, the exact GELU."""
    return replace(config, activation="gelu")


def some_ids(config: GPTConfig, *shape: int) -> Tensor:
    """Tokens, the same for every side."""
    return torch.randint(config.vocab_size, shape, generator=torch.Generator().manual_seed(1))


def book_model(config: GPTConfig) -> nn.Module:
    """The book's GPTModel of the same size."""
    from llms_from_scratch.ch04 import GPTModel

    names = ("vocab_size", "context_length", "emb_dim", "n_heads", "n_layers", "drop_rate", "qkv_bias")
    return GPTModel({name: getattr(config, name) for name in names})


def hugging_face_config(config: GPTConfig) -> object:
    """Hugging Face's words for the same size."""
    from transformers import GPT2Config

    return GPT2Config(
        vocab_size=config.vocab_size,
        n_positions=config.context_length,
        n_embd=config.emb_dim,
        n_head=config.n_heads,
        n_layer=config.n_layers,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=0,
        eos_token_id=None,
    )


def hugging_face_model(config: GPTConfig, *, eager: bool = False) -> nn.Module:
    """Hugging Face's GPT-2 of the same size; eager attention is the one that can show its maps."""
    from transformers import GPT2LMHeadModel

    facts = hugging_face_config(config)
    facts._attn_implementation = "eager" if eager else "sdpa"
    return GPT2LMHeadModel(facts).eval()


def nanogpt_model(config: GPTConfig) -> nn.Module:
    """nanoGPT's GPT, from the checkout given by `--nanogpt PATH`, without biases, as it trains."""
    spec = importlib.util.spec_from_file_location("nanogpt", f"{os.environ['GLASSBOX_NANOGPT']}/model.py")
    nanogpt = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(nanogpt)
    return nanogpt.GPT(
        nanogpt.GPTConfig(
            block_size=config.context_length,
            vocab_size=config.vocab_size,
            n_layer=config.n_layers,
            n_head=config.n_heads,
            n_embd=config.emb_dim,
            dropout=0.0,
            bias=False,
        )
    )


def lens_model(config: GPTConfig) -> nn.Module:
    """TransformerLens' HookedTransformer of the same size, in its own environment."""
    from transformer_lens import HookedTransformer, HookedTransformerConfig

    return HookedTransformer(
        HookedTransformerConfig(
            n_layers=config.n_layers,
            d_model=config.emb_dim,
            n_ctx=config.context_length,
            d_head=config.head_dim,
            n_heads=config.n_heads,
            d_vocab=config.vocab_size,
            act_fn="gelu_new",
            normalization_type="LN",
            device="cpu",
        )
    ).eval()
