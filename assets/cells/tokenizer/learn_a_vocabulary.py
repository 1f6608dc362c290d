from core.bpe import merge_races
from core.library import library, read_text

tokenizer_corpus = next(iter(library()))
tokenizer_merges = 40

races = list(merge_races(read_text(tokenizer_corpus), tokenizer_merges, 1))
step = len(races) - 1  # fewer merges, if the text runs out of pairs
numbers = {
    "step": step,
    "size": 256 + step,
    "bytes": races[0].tokens,
    "tokens": races[step].tokens,
}
numbers
