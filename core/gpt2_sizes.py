"""GPT-2's four sizes, and where their weights are: on the Hugging Face hub, as safetensors, no pickle."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from core.config import GPT2_LARGE, GPT2_MEDIUM, GPT2_SMALL, GPT2_XL, GPTConfig

HUB = "https://huggingface.co"
WEIGHTS = "model.safetensors"
FILES = ("config.json", WEIGHTS)


@dataclass(frozen=True, slots=True)
class Size:
    """One of the four models that OpenAI has published (Radford et al. 2019)."""

    name: str  # also its repository's, and its folder's
    label: str
    config: GPTConfig
    file_bytes: int  # of the weights, each number in 4 bytes, and of 4 MiB of causal mask a layer

    def address(self, file: str, revision: str = "main") -> str:
        """Where a browser finds one of FILES."""
        return f"{hub()}/openai-community/{self.name}/resolve/{revision}/{file}"

    def by_hand(self, folder: Path) -> str:
        """What to fetch elsewhere, and where to put it."""
        config, weights = (self.address(file) for file in FILES)
        return (
            f"Elsewhere, open {config} and {weights}, and put both files into the folder {folder} "
            "on this server. Glassbox works without them"
        )


def as_published(config: GPTConfig) -> GPTConfig:
    """The book's config with what GPT-2's weights have beyond it: biases, and one table for both ends."""
    return replace(config, qkv_bias=True, tie_weights=True)


def hub() -> str:
    """The hub's address, or that of a mirror: $HF_ENDPOINT, as huggingface_hub reads it too."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


SIZES = {
    size.name: size
    for size in (
        Size("gpt2", "small, 124M", as_published(GPT2_SMALL), 548_105_171),
        Size("gpt2-medium", "medium, 355M", as_published(GPT2_MEDIUM), 1_519_984_962),
        Size("gpt2-large", "large, 774M", as_published(GPT2_LARGE), 3_247_159_078),
        Size("gpt2-xl", "XL, 1558M", as_published(GPT2_XL), 6_431_829_964),
    )
}
