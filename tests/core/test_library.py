import pytest

from core.library import ALPHABET, TEXTS, languages, library, read_text, repeated_letters
from core.tokenizer import load_tokenizer

LONGEST = 5 * 2**20  # bytes, the most that a recipe takes (runs.recipe.LONGEST_TEXT)


def test_every_text_of_the_library_can_be_read() -> None:
    assert library()
    for key, text in library().items():
        assert text.key == key
        assert text.title
        assert text.licence
        assert len(read_text(key)) > 1000


def test_each_says_its_length_in_tokens_and_fits_a_recipe() -> None:
    for key, text in library().items():
        whole = read_text(key)
        assert text.tokens == len(load_tokenizer("gpt2").encode(whole)), key
        assert len(whole.encode()) <= LONGEST
        assert text.label == f"{text.title} · {text.tokens:,} tokens"
        assert all(fact in text.about for fact in (text.author, str(text.year), text.licence))


def test_texts_are_clean() -> None:
    for key in library():
        whole = read_text(key)
        assert "\ufffd" not in whole
        assert "\r" not in whole
        assert "\t" not in whole
        assert "gutenberg" not in whole.lower()
        assert whole.isprintable() or not {c for c in whole if not c.isprintable()} - {"\n"}


def test_the_library_knows_its_authors() -> None:
    beginnings = {
        "pride-and-prejudice": "It is a truth universally acknowledged, that a single man in possession",
        "moby-dick": "Call me Ishmael. Some years ago—never mind how long precisely—having little or no",
        "hamlet": "To be, or not to be: that is the question:\nWhether 'tis nobler in the mind",
        "state-of-the-union": "1963. John F Kennedy\n\n",
    }
    for key, words in beginnings.items():
        assert words in read_text(key)
    assert {"Jane Austen", "Herman Melville", "William Shakespeare"} <= {t.author for t in library().values()}


def test_only_a_few_texts_stay_in_memory() -> None:
    for key in library():
        read_text(key)
    assert read_text.cache_info().currsize <= 6


def test_one_sentence_stands_in_six_languages_and_code() -> None:
    assert len(languages()) == 7
    assert len(set(languages().values())) == 7
    compile(languages()["Python code"], "sample", "exec")


def test_a_text_that_is_not_there_is_refused_with_the_keys() -> None:
    for key in ("nothing", "../../../etc/passwd", ""):
        with pytest.raises(ValueError, match=next(iter(library()))):
            read_text(key)


def test_a_text_is_a_file_or_made_by_a_function() -> None:
    made = [text.key for text in library().values() if not (TEXTS / text.file).is_file()]
    assert made == ["repeats", "storyteller-mix"]
    assert list(library())[-2:] == made  # after everything that people have written


def test_each_line_of_the_made_text_is_one_random_string_several_times() -> None:
    lines = read_text("repeats").splitlines()
    strings = []
    for line in lines:
        period = (line + line).index(line, 1)  # the shortest step at which the line comes again
        assert len(set(line[:period])) == period  # no letter twice: one place to look it up
        assert 3 <= period <= 16
        assert 3 <= len(line) // period <= 6
        strings.append(line[:period])
    assert set("".join(strings)) == set(ALPHABET)
    assert len({len(string) for string in strings}) == 14  # no fixed step back finds the answer
    assert len(set(strings)) > 0.9 * len(strings)  # and hardly one could be learned by heart


def test_the_made_text_is_always_the_same_and_of_the_length_asked_for() -> None:
    assert read_text("repeats") == repeated_letters()
    assert 100_000 <= len(repeated_letters()) < 100_100
    assert repeated_letters().startswith(repeated_letters(1000))
    assert repeated_letters(seed=1) != repeated_letters(seed=2)
