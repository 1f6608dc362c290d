from core.instruct import encode_prompt
from core.templates import PLAIN

instructions_last = ["Say the opposite.", "hot"]

prompt = encode_prompt(*instructions_last, PLAIN, tokenizer)
numbers = {
    "prompt": len(prompt),
    "context": model.config.context_length,
    "room": model.config.context_length - len(prompt),
}
numbers
