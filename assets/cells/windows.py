import torch

from core.data import target_counts, train_validation_split, window_starts
from core.library import read_text

windows_text = "the prompt"
windows_length = 4
windows_stride = 4
windows_share = 80

text_ids = ids if windows_text == "the prompt" else encode(read_text(windows_text)[:1000])
training, _ = train_validation_split(torch.tensor(text_ids[:80]), windows_share / 100)
starts = window_starts(len(training), windows_length, windows_stride)
counts = target_counts(len(training), windows_length, windows_stride)
numbers = {
    "tokens": len(training),
    "windows": len(starts),
    "examples": len(starts) * windows_length,
    "never": int((counts == 0).sum()),
    "often": int((counts > 1).sum()),
}
numbers
