import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import assert_near, configs, lively

from core.classify import READS, Classifier, class_logits
from core.labelled import pad
from core.padding import probs_by_length


@given(configs(drop_rate=0.0), st.sampled_from(READS), st.integers(1, 14))
def test_each_length_is_what_the_classifier_says_of_the_text_so_filled_up(config, read: str, n: int) -> None:
    classifier = Classifier(lively(config), 3, read=read).eval()
    ids = [place % (config.vocab_size - 1) + 1 for place in range(n)]
    found = probs_by_length(classifier, ids, 0, config.context_length)
    assert found.shape == (config.context_length, 3)
    for length, probs in enumerate(found, start=1):
        assert_near(probs, class_logits(classifier, pad([ids], 0, length))[0].softmax(dim=-1))


@pytest.mark.parametrize("read", READS)
def test_only_who_reads_the_last_token_hears_the_padding(read: str) -> None:
    classifier = Classifier(lively(), 2, read=read).eval()
    found = probs_by_length(classifier, [3, 4, 5], 0, 10)
    same = torch.allclose(found[2:], found[2].expand(8, 2), atol=1e-6)
    assert same == (read != "last")
