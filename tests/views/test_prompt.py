from core.tokenizer import char_tokenizer, load_tokenizer, word_tokenizer
from views.prompt import clean_text, read_prompt


def test_a_character_that_the_model_does_not_know_is_left_out_and_said():
    prompt = read_prompt("hé llo", char_tokenizer("hello "), 64)
    assert prompt.text == "h llo"
    assert "left out" in prompt.notices[0]


def test_a_word_that_the_model_does_not_know_is_left_out_and_said():
    prompt = read_prompt("the green king", word_tokenizer("the king"), 64)
    assert [piece.text for piece in prompt.pieces] == ["the", "king"]
    assert prompt.notices


def test_a_word_that_is_read_as_unknown_is_said():
    prompt = read_prompt("the green king", word_tokenizer("the king", unknown=True), 64)
    assert len(prompt.pieces) == 3
    assert "does not know green" in prompt.notices[0]


def test_plain_text_is_not_touched():
    assert clean_text("Grüße, 日本 👩‍👩‍👧\n") == ("Grüße, 日本 👩‍👩‍👧\n", [])
    assert read_prompt("", load_tokenizer("gpt2"), 8).pieces == ()
