from core.instruct import encode_item, end_token
from core.instructions import make_items, split_items
from core.templates import PARTS, Template
from core.token_roles import learned_count, role_counts, role_rows

instructions_family = "opposite"
instructions_item = 0
instructions_parts = ["Task: {instruction}", "\nInput: {input}", " {response}", "\nAnswer:"]
instructions_hidden = [True, False]

learn, watch, judge = split_items(make_items())
first = learn.index([item for item in learn if item.family == instructions_family][instructions_item])
items = [learn[(first + step) % len(learn)] for step in range(8)]
*parts, cue = instructions_parts
template = Template(cue=cue, **dict(zip(PARTS, parts, strict=True)))
examples = [encode_item(item, template, tokenizer, model.config.context_length) for item in items]
prompt, end = instructions_hidden  # whether they are no targets
rows = role_rows(examples, end_token(tokenizer), mask_prompt=prompt, end_in_targets=not end)
counts = role_counts(rows)
numbers = {"rows": len(rows), "targets": sum(counts.values()), "learned": learned_count(rows)}
numbers |= counts
numbers
