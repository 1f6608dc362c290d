from core.library import languages
from core.tokenizer import char_tokenizer, load_tokenizer, word_tokenizer
from views.tokenizer.encodings import LARGE, encoded, in_words, tokens_per_character

TOKENIZERS = {
    "GPT-2": load_tokenizer("gpt2"),
    **{name: load_tokenizer(key) for name, key in LARGE.items()},
    "characters": char_tokenizer("abc"),
    "words": word_tokenizer("The old king"),
}
COSTS = tokens_per_character({name: encoded(one, "", special=False) for name, one in TOKENIZERS.items()})


def test_each_encoding_has_a_cost_for_each_language() -> None:
    assert list(COSTS) == ["GPT-2", "GPT-4", "GPT-4o", "words"]
    assert all(len(row) == len(languages()) for row in COSTS.values())
    sentence = languages()["German"]
    assert COSTS["GPT-2"][1] == len(load_tokenizer("gpt2").encode(sentence)) / len(sentence)
    assert COSTS["words"] == [None] * 7


def test_newer_vocabularies_are_cheaper_in_every_other_language() -> None:
    for older, old, new in zip(COSTS["GPT-2"], COSTS["GPT-4"], COSTS["GPT-4o"], strict=True):
        assert new <= old <= older
    assert COSTS["GPT-2"][4] > 1.5
    assert COSTS["GPT-4o"][4] < 0.4


def test_the_chart_is_told_in_words() -> None:
    alt, caption = in_words(COSTS)
    assert "GPT-2: English 0.23, Hindi 1.54" in alt
    assert "“words” refuses 7 of 7" in caption
