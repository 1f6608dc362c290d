"""What is compared with whom, in how many turns, and the ratio that was promised; above 1 we are faster."""

from dataclasses import dataclass

from bench.jobs import training


@dataclass(frozen=True)
class Match:
    """One job, with all who do it, by a number of threads."""

    job: str
    ours: str  # the side of ours that is compared
    goals: dict[str, float]  # peer -> the ratio to reach; 0 where none was promised
    threads: int | str = 1
    rounds: int = 7


SMALL, WIDE, WIDER, LARGE = training.READY
EXACT = "Glassbox, exact GELU"
WRITING = {  # beside Hugging Face in float32
    "Glassbox": 1.65,
    "Glassbox, float16": 2.4,
    "Glassbox, bfloat16": 2.4,
    "Glassbox, int8": 3.2,
}
MATCHES = [
    *(Match(SMALL, EXACT, {"nanoGPT": 1.20}, threads) for threads in (1, 2)),
    *(Match(SMALL, "Glassbox", {"Hugging Face": 1.30, "the book": 1.55}, threads) for threads in (1, 2)),
    *(Match(job, EXACT, {"nanoGPT": 1.12}, rounds=5) for job in (WIDE, WIDER)),
    *(Match(job, "Glassbox", {"Hugging Face": 0, "the book": 1.4}, rounds=5) for job in (WIDE, WIDER)),
    Match(LARGE, EXACT, {"nanoGPT": 1.5}, rounds=3),
    Match(LARGE, "Glassbox", {"Hugging Face": 0, "the book": 1.7}, rounds=3),
    *(
        Match(f"all maps 6x6x192, T {length}", "Glassbox", {"Hugging Face": goal, "TransformerLens": 2.3})
        for length, goal in ((16, 1.7), (64, 1.7), (256, 1.3))
    ),
    *(
        Match(
            f"all maps 124M, next token, T {length}",
            "Glassbox",
            {"Hugging Face": goal, "Hugging Face, last row": 0},
            rounds=5,
        )
        for length, goal in ((16, 2.1), (64, 1.8), (256, 1.5))
    ),
    Match("tap at rest 6x6x192, T 64", "Glassbox", {"without a tap": 0.97}, rounds=15),
    Match("write 100 tokens 6x6x192", "Glassbox", {"Hugging Face": 2.5, "nanoGPT": 4.0}),
    *(
        Match("write 30 tokens 124M", ours, {"Hugging Face": goal}, threads, 3)
        for threads in (1, 2)
        for ours, goal in WRITING.items()
    ),
    Match("load 124M", "Glassbox", {"Hugging Face": 0}, rounds=5),
    Match("learn 2,000 byte pairs of 1 MB", "Glassbox", {"tokenizers (Rust)": 0.4}, rounds=3),
    Match("two runs at once 6x6x192, T 128, B 16", "Glassbox", {"two threads each": 1.6}, "own", 5),
    Match("tokenize 1 MB", "Glassbox", {"tiktoken": 0.95}),
    Match("pieces of 2,000 characters", "Glassbox", {}),
    Match("gradients through 100 layers, both ways", "Glassbox", {}),
    Match(
        "2-D map of 50,257 x 768",
        "Glassbox",
        {"sklearn, covariance": 0.77, "sklearn, randomized": 0.77},
        2,
        3,
    ),
]
