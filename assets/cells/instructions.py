from core.instruct import encode_item, end_token
from core.instructions import make_items, split_items
from core.templates import ALPACA, PLAIN, Template
from core.token_roles import learned_count, role_counts, role_rows

instructions_family = "opposite"
instructions_item = 0
instructions_template = "plain"
instructions_prompt_too = False
instructions_end = True
instructions_own_instruction = "Task: {instruction}"
instructions_own_input = "\nInput: {input}"
instructions_own_cue = "\nAnswer:"
instructions_own_response = " {response}"

own = Template(
    instruction=instructions_own_instruction,
    input=instructions_own_input,
    cue=instructions_own_cue,
    response=instructions_own_response,
)
template = {"plain": PLAIN, "alpaca": ALPACA, "own": own}[instructions_template]
learn, watch, judge = split_items(make_items())
first = learn.index([item for item in learn if item.family == instructions_family][instructions_item])
items = [learn[(first + step) % len(learn)] for step in range(8)]
rows = role_rows(
    [encode_item(item, template, tokenizer, model.config.context_length) for item in items],
    end_token(tokenizer),
    mask_prompt=not instructions_prompt_too,
    end_in_targets=instructions_end,
)
counts = role_counts(rows)
numbers = {
    "rows": len(rows),
    "targets": sum(counts.values()),
    "learned": learned_count(rows),
    "prompt": counts["prompt"],
    "answer": counts["answer"],
    "ends": counts["end"],
    "filling": counts["filling"],
}
numbers
