"""Items to learn from and to judge by, and what a model answers: once for all who ask the same."""

from core.answers import Answer, answer, response_surprise
from core.instruct import encode_item, encode_prompt, end_token
from core.instructions import Item, make_items, split_items
from core.templates import Template
from views.cache.models import model_of, source
from views.cache.shared import shared
from views.look import Look, tap_of

Items = tuple[list[Item], list[Item], list[Item]]
MOST_ROWS = 2048  # answers of a few words each


@shared(max_entries=8)
def items_of(each: int) -> Items:
    """To learn from, to watch, and to judge by."""
    return split_items(make_items(each))


@shared(max_entries=MOST_ROWS)
def answered(look: Look, template: Template, instruction: str, given: str, most: int) -> Answer:
    """What a model answers, with at most so many tokens. ValueError if it cannot read the prompt."""
    model, tokenizer = model_of(look), source(look)[1]
    prompt = encode_prompt(instruction, given, template, tokenizer, model.config.context_length)
    return answer(model, prompt, tokenizer, end_token(tokenizer), most, tap=tap_of(model, look))


@shared(max_entries=MOST_ROWS)
def surprise_at(look: Look, template: Template, item: Item) -> float:
    """How unlikely a model finds the right answer and its end, in nats a token; as it was trained."""
    model, tokenizer = model_of(look), source(look)[1]
    example = encode_item(item, template, tokenizer, model.config.context_length)
    return response_surprise(model, example, end_token(tokenizer))
