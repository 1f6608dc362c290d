from core.tokenizer import load_tokenizer

tokenizer_encoding = "GPT-2"
tokenizer_special = False

special = tokenizer_special and tokenizer_encoding not in ("characters", "words")
pieces = load_tokenizer("gpt2").pieces(text, special)
try:
    own = len(tokenizer.encode(text, special))
except ValueError:  # some of the text is nothing that this tokenizer knows
    own = 0
numbers = {
    "characters": len(text),
    "bytes": len(text.encode()),
    "tokens": len(pieces),
    "own": own,
    "parts": sum("\ufffd" in piece.text for piece in pieces),
}
numbers
