from core.answers import answer, is_exact
from core.instruct import encode_prompt, end_token
from core.instructions import FAMILIES, make_items, split_items
from core.templates import PARTS, Template

instructions_held_out = 0
instructions_parts = ["Task: {instruction}", "\nInput: {input}", " {response}", "\nAnswer:"]

*parts, cue = instructions_parts
template = Template(cue=cue, **dict(zip(PARTS, parts, strict=True)))
learn, watch, judge = split_items(make_items())
items = [[item for item in judge if item.family == name][instructions_held_out] for name in FAMILIES]
prompts = [encode_prompt(item.instruction, item.input, template, tokenizer) for item in items]
most = max(len(tokenizer.encode(template.answer(item.response))) for item in items) + 2
answers = [answer(model, prompt, tokenizer, end_token(tokenizer), most, tap=tap) for prompt in prompts]
numbers = {
    "asked": len(items),
    "after": sum(map(is_exact, items, answers)),
    "after_stopped": sum(one.stopped for one in answers),
}
numbers
