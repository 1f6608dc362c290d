from core.library import languages
from core.tokenizer import load_tokenizer

tokenizer_cut_by = "GPT-2"
tokenizer_language = "Japanese"

costs = {name: len(load_tokenizer("gpt2").encode(text)) / len(text) for name, text in languages().items()}
dearest = max(costs, key=costs.get)
numbers = {"costs_most": dearest, "times": costs[dearest] / costs["English"]}
shipped = {"GPT-2": "gpt2", "GPT-4": "cl100k_base", "GPT-4o": "o200k_base"}
if tokenizer_cut_by in shipped:
    sentence = languages()[tokenizer_language].strip("\n")
    numbers |= {
        "characters": len(sentence),
        "bytes": len(sentence.encode()),
        "tokens": len(load_tokenizer(shipped[tokenizer_cut_by]).encode(sentence)),
    }
numbers
