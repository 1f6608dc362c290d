import pytest

from views import following


@pytest.fixture
def memory(monkeypatch):
    """What a tab remembers, the model it looks at, and a clock."""
    kept = {"model": "old", "now": 100.0}
    monkeypatch.setattr(following.state, "note", kept.__setitem__)
    monkeypatch.setattr(following.state, "noted", kept.get)
    monkeypatch.setattr(following.state, "pick_model", lambda key: kept.__setitem__("model", key))
    monkeypatch.setattr(following.time, "monotonic", lambda: kept["now"])
    return kept


def test_a_run_is_followed_until_it_has_been_drawn_twice(memory):
    following.follow("new")
    assert memory["model"] == "new"
    following.arrived("old")
    following.arrived("new")
    assert following.wanted().run_id == "new"
    following.arrived("new")
    assert following.wanted() is None


def test_what_is_long_ago_is_forgotten(memory):
    following.follow("new")
    memory["now"] += following.PATIENCE
    assert following.wanted() is None


def test_the_page_goes_again_only_after_it_was_drawn(memory, monkeypatch):
    again = []
    monkeypatch.setattr(following.st, "rerun", lambda: again.append(memory["model"]))
    following.go_again("new", drawn=100.0)
    assert not again
    memory["now"] += following.TICK
    following.go_again("new", drawn=100.0)
    assert again == ["new"]
