import pytest

from core.word_table import load_word_table
from views.embeddings.sums import SUMS, words_of
from views.embeddings.words import ALL, ISOLATED, word_map

TABLE = load_word_table()


def test_the_whole_map_lights_up_the_nearest() -> None:
    found = word_map(TABLE, "king", search="", isolated=ALL, by="cosine")
    assert found.names == list(TABLE.words)
    assert found.points.shape == (5000, 3)
    assert found.names[found.chosen] == "king"
    assert [found.names[place] for place in found.marked["nearest"]] == [
        word for word, _ in TABLE.nearest("king", 12)
    ]
    assert 0 < found.shares[2] <= found.shares[1] <= found.shares[0] < 1


@pytest.mark.parametrize("isolated", ISOLATED[:-1])
@pytest.mark.parametrize("by", ["cosine", "euclid"])
def test_isolated_words_are_a_word_and_its_nearest(isolated: int, by: str) -> None:
    found = word_map(TABLE, "ship", search="", isolated=isolated, by=by)
    assert found.names == ["ship", *(word for word, _ in TABLE.nearest("ship", isolated, by=by))]
    assert found.points.shape == (isolated + 1, 3)
    assert found.chosen == 0
    assert f"{isolated + 1:,} words" in found.caption


def test_fewer_words_fit_the_map_better() -> None:
    shares = [sum(word_map(TABLE, "king", search="", isolated=n, by="cosine").shares) for n in (30, 1000)]
    assert shares[0] > shares[1]


def test_a_search_lights_up_what_contains_it() -> None:
    found = word_map(TABLE, "king", search="QUEEN", isolated=ALL, by="cosine")
    (label, places), *_ = found.marked.items()
    assert {found.names[place] for place in places} == {w for w in TABLE.words if "queen" in w.lower()}
    assert label == f"{len(places)} contain “QUEEN”"
    assert word_map(TABLE, "king", search="zzz", isolated=30, by="cosine").marked == {"0 contain “zzz”": []}


@pytest.mark.parametrize("written", SUMS)
def test_the_sums_offered_are_made_of_words_of_the_table(written: str) -> None:
    assert len(words_of(written)) == 3
    assert all(word in TABLE.rows for word in words_of(written))
