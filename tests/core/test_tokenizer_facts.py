import json

import pytest

from core.numbers import NumberTokenizer
from core.tokenizer import Tokenizer, char_tokenizer, load_tokenizer, train_bpe, word_tokenizer
from core.tokenizer_facts import tokenizer_facts, tokenizer_from

TEXT = "she sells sea shells; she does\n\x00 é 🙂"
TOKENIZERS = {
    "gpt2": load_tokenizer("gpt2"),
    "trained": train_bpe(TEXT, 300),
    "no merges": train_bpe("", 300),
    "characters": char_tokenizer(TEXT),
    "words": word_tokenizer(TEXT),
    "words, unknown": word_tokenizer(TEXT, unknown=True),
}


@pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
def test_a_tokenizer_comes_back_from_its_facts(tokenizer: Tokenizer) -> None:
    again = tokenizer_from(json.loads(json.dumps(tokenizer_facts(tokenizer))))
    assert type(again) is type(tokenizer)
    assert (again.name, again.vocab_size) == (tokenizer.name, tokenizer.vocab_size)
    assert again.encode(TEXT) == tokenizer.encode(TEXT)
    assert again.pieces(TEXT) == tokenizer.pieces(TEXT)
    assert again.decode(range(again.vocab_size)) == tokenizer.decode(range(tokenizer.vocab_size))


def test_a_vocabulary_of_numbers_comes_back_from_its_facts() -> None:
    again = tokenizer_from(json.loads(json.dumps(tokenizer_facts(NumberTokenizer(300)))))
    assert isinstance(again, NumberTokenizer)
    assert again.vocab_size == 300
