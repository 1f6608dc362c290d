from core.instruct import encode_prompt
from core.templates import PARTS, Template

instructions_last = ["Say the opposite.", "hot"]
instructions_parts = ["Task: {instruction}", "\nInput: {input}", " {response}", "\nAnswer:"]

*parts, cue = instructions_parts
template = Template(cue=cue, **dict(zip(PARTS, parts, strict=True)))
prompt = encode_prompt(*instructions_last, template, tokenizer)
context = model.config.context_length
numbers = {"prompt": len(prompt), "context": context, "room": context - len(prompt)}
numbers
