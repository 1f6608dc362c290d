import numpy as np

from views.figures.embeddings import position_heatmap
from views.theme import LIGHT


def test_positions_are_sent_in_hundredths() -> None:
    cosines = np.array([[1.0, -0.256], [-0.256, 1.0]])
    figure = position_heatmap([0, 8], cosines, LIGHT)
    assert np.array_equal(figure.data[0].z, [[100, -26], [-26, 100]])
    assert list(figure.data[0].x) == [0, 8]
    assert figure.layout.xaxis.title.text == figure.layout.yaxis.title.text == "position"
    assert len(position_heatmap(list(range(128)), np.ones((128, 128)), LIGHT).to_json()) < 32_000
