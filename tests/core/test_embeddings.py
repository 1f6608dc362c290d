import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import SEEDS, assert_near, configs, lively, random_ids

from core.config import GPTConfig
from core.embeddings import (
    arrow,
    cosine_map,
    dot_product,
    nearest,
    one_hot_product,
    plane_through,
    position_table,
    principal_components,
    principal_directions,
    scores_by_distance,
    similarities,
    swapped,
    turned_cosines,
    variance_shares,
)
from core.positions import rotate


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


@given(SEEDS)
def test_no_other_direction_keeps_more_than_the_first(seed: int) -> None:
    table = random_table(30, 6, seed)
    directions = principal_directions(table, 3)
    assert_near(directions.T @ directions, torch.eye(3))
    shares = variance_shares(table, directions)
    assert shares[0] >= shares[1] >= shares[2]
    other = torch.nn.functional.normalize(random_table(6, 20, seed + 1), dim=0)
    assert variance_shares(table, other).max() <= shares[0] + 1e-6
    whole = variance_shares(table, torch.eye(6))
    assert whole.sum().item() == pytest.approx(1.0, abs=1e-5)


@given(st.integers(1, 6), SEEDS)
def test_the_mean_score_by_distance_is_that_of_all_pairs_turned(half: int, seed: int) -> None:
    queries, keys = random_table(5, 2 * half, seed), random_table(4, 2 * half, seed + 1)
    distances = torch.arange(7)
    found = scores_by_distance(queries, keys, distances)
    for distance in distances.tolist():
        turned = [
            rotate(x[None, None], torch.full((len(x),), place))[0, 0]
            for x, place in ((queries, 3 + distance), (keys, 3))
        ]
        assert found[distance].item() == pytest.approx((turned[0] @ turned[1].T).mean().item(), abs=1e-4)


def test_how_alike_a_turned_vector_is_depends_on_the_distance_alone() -> None:
    cosines = turned_cosines(torch.arange(0, 60, 3), 32)
    assert_near(cosines.diagonal(), torch.ones(20))
    assert_near(cosines[1:, 1:], cosines[:-1, :-1])
    speeds = 10000.0 ** (-torch.arange(16) / 16)
    assert_near(cosines[0], (3.0 * torch.arange(20)[:, None] * speeds).cos().mean(1))


@given(st.floats(-360, 360), st.floats(-360, 360), st.floats(0, 5), st.floats(0, 5))
def test_the_dot_product_is_lengths_times_the_cosine_of_the_angle(
    a: float, b: float, m: float, n: float
) -> None:
    expected = m * n * torch.tensor(a - b, dtype=torch.float64).deg2rad().cos().item()
    assert dot_product(arrow(a, m), arrow(b, n)) == pytest.approx(expected, abs=1e-9)


def test_arrows_at_a_right_angle_have_nothing_in_common() -> None:
    assert dot_product(arrow(30, 2), arrow(120, 3)) == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValueError, match="zip"):
        dot_product((1, 2), (1, 2, 3))


@given(st.integers(2, 8), SEEDS)
def test_three_vectors_lie_on_their_sheet_without_distortion(width: int, seed: int) -> None:
    corner, one, other = random_table(3, width, seed)
    plane = plane_through(corner, one, other)
    flat = (torch.stack([corner, one, other]) - corner) @ plane
    assert_near(flat[1], torch.tensor([(one - corner).norm(), 0.0]), 1e-4)
    assert_near(flat[2].norm(), (other - corner).norm(), 1e-4)
    assert not plane_through(corner, corner, corner).any()
    assert not plane_through(corner, one, corner)[:, 1].any()
