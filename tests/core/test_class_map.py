import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import assert_near, lively, random_ids

from core.class_map import answer_vectors, class_map, map_axes
from core.classify import READS, Classifier, class_logits
from core.config import TINY
from core.labelled import Padded


def random_rows(n: int, width: int, seed: int) -> torch.Tensor:
    return torch.randn(n, width, generator=torch.Generator().manual_seed(seed))


@given(st.sampled_from(READS), st.integers(2, 4))
def test_the_class_layer_says_of_these_vectors_what_the_classifier_says(read: str, classes: int) -> None:
    classifier = Classifier(lively(TINY), classes, read=read).eval()
    texts = Padded(random_ids(TINY, 6, 40), torch.arange(40) % 6 + 1)
    vectors = answer_vectors(classifier, texts, batch_size=7)
    with torch.no_grad():
        assert_near(classifier.model.out_head(vectors), class_logits(classifier, texts))


@given(st.integers(1, 40), st.integers(2, 12), st.integers(2, 5), st.integers(0, 99))
def test_axes_are_at_right_angles_and_one_long(n: int, width: int, classes: int, seed: int) -> None:
    axes = map_axes(random_rows(n, width, seed), random_rows(classes, width, seed + 1))
    assert_near(axes.directions.T @ axes.directions, torch.eye(2))


@given(st.integers(2, 40), st.integers(2, 12), st.integers(0, 99))
def test_of_two_classes_the_first_axis_is_the_difference_of_their_scores(
    n: int, width: int, seed: int
) -> None:
    """Up to one number for all texts: the layer's bias, and where the middle of the map is."""
    vectors, rows = random_rows(n, width, seed), random_rows(2, width, seed + 1)
    points = class_map(vectors, map_axes(vectors, rows))
    scores = vectors @ (rows[1] - rows[0]) / (rows[1] - rows[0]).norm()
    assert_near(points[:, 0] - points[:, 0].mean(), scores - scores.mean(), 1e-4)
    assert_near(points.mean(dim=0), torch.zeros(2), 1e-4)


@given(st.integers(3, 30), st.integers(3, 12), st.integers(0, 99))
def test_a_map_never_moves_points_apart(n: int, width: int, seed: int) -> None:
    vectors = random_rows(n, width, seed).double()
    points = class_map(vectors, map_axes(vectors, random_rows(2, width, seed + 1).double()))
    assert (torch.cdist(points, points) <= torch.cdist(vectors, vectors) + 1e-5).all()


def test_equal_class_rows_and_equal_vectors_still_have_a_map() -> None:
    axes = map_axes(torch.ones(5, 4), torch.ones(2, 4))
    assert class_map(torch.ones(5, 4), axes).abs().max() < 1e-5
    assert torch.isfinite(axes.directions).all()
