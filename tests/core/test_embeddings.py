import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near, configs, lively, random_ids

from core.config import GPTConfig
from core.embeddings import (
    cosine_map,
    nearest,
    one_hot_product,
    position_table,
    principal_components,
    similarities,
    swapped,
)


def random_table(rows: int, width: int, seed: int) -> torch.Tensor:
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(seed))


@given(st.integers(1, 20), st.integers(1, 8), SEEDS)
def test_a_row_is_most_similar_to_itself(rows: int, width: int, seed: int) -> None:
    table = random_table(rows, width, seed)
    for by, best in (("cosine", 1.0), ("euclid", 0.0)):
        scores = similarities(table, table[0], by)
        assert scores[0].item() == pytest.approx(best, abs=1e-5)
        assert scores.max() <= best + 1e-5


@given(st.integers(1, 20), st.integers(1, 25), st.sampled_from(("cosine", "euclid")), SEEDS)
def test_the_nearest_come_first(rows: int, k: int, by: str, seed: int) -> None:
    table = random_table(rows, 4, seed)
    vector = random_table(1, 4, seed + 1)[0]
    found = nearest(table, vector, k, by=by)
    assert len(found) == min(k, rows)
    scores = similarities(table, vector, by)
    assert [score for _, score in found] == sorted(scores.tolist(), reverse=True)[:k]
    assert all(scores[row].item() == score for row, score in found)


def test_rows_left_out_are_not_found() -> None:
    table = random_table(6, 4, 1)
    found = nearest(table, table[2], 10, leave_out=(2, 4))
    assert sorted(row for row, _ in found) == [0, 1, 3, 5]


@given(st.integers(2, 20), st.integers(1, 8), SEEDS)
def test_components_are_those_of_the_singular_values(rows: int, width: int, seed: int) -> None:
    table = random_table(rows, width, seed)
    n = min(2, width)
    points, shares = principal_components(table, n)
    centred = table - table.mean(0)
    _, singular, directions = torch.linalg.svd(centred, full_matrices=False)
    assert points.shape == (rows, n)
    assert_near(points[:, 0].abs(), (centred @ directions[0]).abs(), 1e-3)
    expected = singular**2 / (singular**2).sum()
    k = min(n, len(singular))
    assert_near(shares[:k], expected[:k], 1e-4)
    assert shares.sum() <= 1 + 1e-5


@given(SEEDS)
def test_the_map_does_not_flip_over(seed: int) -> None:
    table = random_table(12, 5, seed)
    points, _ = principal_components(table, 2)
    again, _ = principal_components(table.flip(0), 2)
    assert_near(again.flip(0), points, 1e-3)


def test_equal_rows_have_one_place() -> None:
    points, shares = principal_components(torch.ones(4, 3), 2)
    assert not points.any()
    assert not shares.any()


def test_the_cosine_map_is_every_pair() -> None:
    table = random_table(5, 4, 3)
    cosines = cosine_map(table)
    assert_near(cosines, torch.stack([similarities(table, row) for row in table]))
    assert_near(cosines.diagonal(), torch.ones(5))


@given(st.integers(1, 20), SEEDS)
def test_an_embedding_is_one_hot_times_the_table(rows: int, seed: int) -> None:
    table = random_table(rows, 6, seed)
    for row in range(rows):
        assert torch.equal(one_hot_product(table, row), table[row])


@given(configs())
def test_positions_are_what_the_model_adds_to_the_tokens(config: GPTConfig) -> None:
    model = lively(config)
    positions = position_table(model)
    ids = random_ids(config, config.context_length)
    sums = model.embed(ids)[0]
    if positions is None:
        assert config.position in ("rotary", "none")
        assert torch.equal(sums, model.tok_emb(ids)[0])
    else:
        assert_near(sums, model.tok_emb(ids)[0] + positions)


def test_a_swap_is_undone_by_itself() -> None:
    assert swapped((5, 6, 7), 0, 2) == (7, 6, 5)
    assert swapped(swapped((5, 6, 7), 0, 2), 0, 2) == (5, 6, 7)
    assert swapped((5,), 0, 0) == (5,)
