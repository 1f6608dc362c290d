from hypothesis import given
from hypothesis import strategies as st

from core.branches import beginnings, grown, token_count, tree_of

PATHS = st.lists(st.integers(0, 3), max_size=6).map(tuple)


def tree(walks, most=60):
    paths = ()
    for walk in walks:
        paths, _ = grown(paths, walk, most)
    return paths


@given(st.lists(PATHS, max_size=12))
def test_the_tree_holds_every_text_that_was_gone_and_no_other(walks) -> None:
    paths = tree(walks)
    assert beginnings(paths) == beginnings(walks)
    assert not any(a != b and b[: len(a)] == a for a in paths for b in paths)
    assert len(set(paths)) == len(paths)


@given(st.lists(PATHS, min_size=1, max_size=12), st.integers(6, 12))
def test_the_tree_stays_small_and_keeps_where_one_stands(walks, most: int) -> None:
    paths = tree(walks, most)
    assert token_count(paths) <= most
    assert walks[-1] in beginnings(paths)


def test_the_branch_gone_longest_ago_is_let_go_first() -> None:
    paths, gone = grown(((1, 1, 1), (2, 2), (3,)), (4, 4), 6)
    assert paths == ((2, 2), (3,), (4, 4))
    assert gone == 1
    paths, gone = grown(((1, 1, 1), (2, 2), (3,)), (1,), 6)  # going back there counts as going
    assert (paths, gone) == (((2, 2), (3,), (1, 1, 1)), 0)


@given(st.lists(PATHS, max_size=10))
def test_the_drawing_has_each_token_once_and_rows_do_not_cross(walks) -> None:
    paths = tree(walks)
    nodes = tree_of(paths, rank=lambda path: -path[-1])
    assert {node.path for node in nodes} == beginnings(paths)
    assert len(nodes) == token_count(paths) + 1
    for place, node in enumerate(nodes):
        if node.parent is None:
            assert place == 0
        else:
            assert node.parent < place
            assert nodes[node.parent].path == node.path[:-1]
            assert node.row >= nodes[node.parent].row
    taken = [(len(node.path), node.row) for node in nodes]
    assert len(set(taken)) == len(taken)
    assert {node.row for node in nodes} == set(range(max(1, len(paths))))


def test_of_two_tokens_the_one_of_higher_rank_is_on_top() -> None:
    chances = {(5,): 0.1, (7,): 0.6, (7, 1): 1.0}
    rows = {node.path: node.row for node in tree_of(((5,), (7, 1)), chances.get)}
    assert rows == {(): 0, (7,): 0, (7, 1): 0, (5,): 1}
