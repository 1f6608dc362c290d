"""Training and writing beside the book's own package and Hugging Face: same work, same threads, in turns.

The peers are those of requirements-dev.txt. A ratio above 1 means that Glassbox is faster.
"""

import statistics
import time
from collections.abc import Callable

import torch
from llms_from_scratch.ch04 import GPTModel as BookModel
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel

from core.config import GPTConfig
from core.gpt import GPTModel, build_model
from core.sampling import generate
from core.training import TrainConfig, next_token_loss, train

ROUNDS, STEPS, NEW_TOKENS = 5, 12, 100
SMALL = GPTConfig(vocab_size=65, context_length=64, emb_dim=128, n_heads=4, n_layers=4, drop_rate=0.0)
STORYTELLER = GPTConfig(
    vocab_size=2048, context_length=256, emb_dim=192, n_heads=6, n_layers=6, drop_rate=0.0, tie_weights=True
)


def book_model(config: GPTConfig) -> nn.Module:
    """The book's GPTModel of the same size."""
    names = ("vocab_size", "context_length", "emb_dim", "n_heads", "n_layers", "drop_rate", "qkv_bias")
    return BookModel({name: getattr(config, name) for name in names})


def hugging_face_model(config: GPTConfig) -> GPT2LMHeadModel:
    """Hugging Face's GPT-2 of the same size."""
    return GPT2LMHeadModel(
        GPT2Config(
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
    )


def plain_steps(model: nn.Module, batch: tuple[Tensor, Tensor], logits: Callable) -> Callable[[], None]:
    """The loop that a notebook would run: AdamW as PyTorch makes it by default."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-4, weight_decay=0.1)

    def run() -> None:
        for _ in range(STEPS):
            optimizer.zero_grad()
            next_token_loss(logits(model(batch[0])), batch[1]).backward()
            optimizer.step()

    return run


def training_jobs(config: GPTConfig, batch_size: int) -> dict[str, Callable[[], None]]:
    """STEPS optimizer steps on the same batch, by each."""
    ids = torch.randint(config.vocab_size, (batch_size, config.context_length + 1))
    batch = ids[:, :-1].contiguous(), ids[:, 1:].contiguous()
    ours = build_model(config)
    return {
        "Glassbox": lambda: list(train(ours, [batch] * STEPS, TrainConfig(steps=STEPS))) and None,
        "the book": plain_steps(book_model(config), batch, lambda out: out),
        "Hugging Face": plain_steps(hugging_face_model(config).train(), batch, lambda out: out.logits),
    }


def writing_jobs(config: GPTConfig) -> dict[str, Callable[[], None]]:
    """NEW_TOKENS tokens after a short prompt, the best each time, with a cache."""
    ours: GPTModel = build_model(config)
    theirs, prompt = hugging_face_model(config).eval(), torch.arange(8)[None]
    options = {"max_new_tokens": NEW_TOKENS, "do_sample": False, "pad_token_id": 0}
    options["attention_mask"] = torch.ones_like(prompt)
    return {
        "Glassbox": lambda: list(generate(ours, prompt[0], NEW_TOKENS)) and None,
        "Hugging Face": lambda: theirs.generate(prompt, **options) is None,
    }


def in_turns(jobs: dict[str, Callable[[], None]]) -> dict[str, list[float]]:
    """Seconds of each job, A B C A B C ..., after one round to warm up."""
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS + 1):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            found[name].append(time.perf_counter() - start)
    return {name: seconds[1:] for name, seconds in found.items()}


def report(what: str, jobs: dict[str, Callable[[], None]], count: int) -> None:
    """Tokens a second by each, and the ratio to Glassbox with its spread."""
    found = in_turns(jobs)
    for name, seconds in found.items():
        ratios = [theirs / ours for theirs, ours in zip(seconds, found["Glassbox"], strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        print(f"| {what} | {name} | {count / statistics.median(seconds):,.0f} | {spread} |", flush=True)


def main() -> None:
    """Print the table, for one thread."""
    torch.set_num_threads(1)
    print("| job, 1 thread | who | tokens/s | time / Glassbox's (spread) |\n|---|---|---|---|")
    report("train 4x4x128, T 64, B 12", training_jobs(SMALL, 12), STEPS * 12 * SMALL.context_length)
    report("write 100 tokens, 6x6x192", writing_jobs(STORYTELLER), NEW_TOKENS)


if __name__ == "__main__":
    main()
