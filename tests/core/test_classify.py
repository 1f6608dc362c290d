import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, lively, random_ids

from core.classes import number_of_classes
from core.classify import (
    READS,
    TRAINED,
    Classifier,
    choose_trained,
    class_logits,
    confusion_matrix,
    read_vector,
    score,
)
from core.config import TINY
from core.gpt import GPTModel
from core.labelled import Padded, labelled_batches
from core.trace import Trace
from core.training import TrainConfig, train
from core.weights import load_model, save_model


def padded(n: int = 12, T: int = 9, seed: int = 1) -> Padded:
    lengths = torch.arange(n) % T + 1
    ids = random_ids(TINY, T, n, seed).where(torch.arange(T) < lengths[:, None], 0)
    return Padded(ids, lengths)


def trained_names(classifier: Classifier) -> set[str]:
    return {name for name, weight in classifier.model.named_parameters() if weight.requires_grad}


@given(configs(), st.sampled_from(READS), st.integers(2, 10))
def test_any_model_can_sort_and_is_not_changed(config, read: str, classes: int) -> None:
    model = lively(config)
    before = {name: x.clone() for name, x in model.state_dict().items()}
    classifier = choose_trained(Classifier(model, classes, read=read), "head")
    ids = random_ids(config, config.context_length, 3)
    assert classifier(Padded(ids, torch.tensor([1, 2, 2]))).shape == (3, classes)
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())
    assert all(weight.requires_grad for weight in model.parameters())
    assert model.config is config
    theirs = {weight.data_ptr() for weight in model.parameters()}
    assert not theirs & {weight.data_ptr() for weight in classifier.parameters()}


def test_reading_the_last_token_is_the_books_last_row_of_logits() -> None:
    classifier, texts = Classifier(lively(), 2).eval(), padded()
    torch.testing.assert_close(classifier(texts), classifier.model(texts.ids)[:, -1])


def test_each_way_of_reading_by_its_definition() -> None:
    vectors, lengths = torch.randn(3, 4, 5), torch.tensor([1, 3, 4])
    rows = range(3)
    expected = {
        "first": [vectors[b, 0] for b in rows],
        "last": [vectors[b, 3] for b in rows],
        "last_real": [vectors[b, lengths[b] - 1] for b in rows],
        "mean": [vectors[b, : lengths[b]].mean(dim=0) for b in rows],
    }
    assert set(expected) == set(READS)
    for read, want in expected.items():
        torch.testing.assert_close(read_vector(vectors, lengths, read), torch.stack(want))


@pytest.mark.parametrize("read", READS)
def test_more_padding_changes_only_what_the_last_token_says(read: str) -> None:
    classifier, (ids, lengths) = Classifier(lively(), 3, read=read).eval(), padded()
    longer = Padded(torch.nn.functional.pad(ids, (0, 7)), lengths)
    difference = (classifier(longer) - classifier(Padded(ids, lengths))).abs().max().item()
    assert difference > 1e-3 if read == "last" else difference < 1e-5


def test_the_first_token_knows_nothing_of_the_text() -> None:
    classifier, texts = Classifier(lively(), 2, read="first").eval(), padded()
    other = random_ids(TINY, 9, 12, seed=7)
    other[:, 0] = texts.ids[:, 0]
    torch.testing.assert_close(classifier(texts), classifier(Padded(other, texts.lengths)))


def test_a_tap_sees_the_model_and_the_answer_and_changes_nothing() -> None:
    classifier, texts, trace = Classifier(lively(), 2).eval(), padded(), Trace()
    watched = classifier(texts, trace)
    torch.testing.assert_close(watched, classifier(texts))
    assert torch.equal(trace["logits"], watched)
    assert {"blocks.0.attn.weights", "final_norm"} <= set(trace)


@pytest.mark.parametrize("trained", TRAINED)
def test_training_moves_exactly_what_was_chosen(trained: str, tiny_model: GPTModel) -> None:
    classifier = choose_trained(Classifier(tiny_model, 2), trained)
    before = {name: x.clone() for name, x in classifier.model.state_dict().items()}
    batches = labelled_batches(padded(), torch.arange(12) % 2, 4)
    list(train(classifier, batches, TrainConfig(steps=2, learning_rate=1e-2)))
    moved = {name for name, x in classifier.model.state_dict().items() if not torch.equal(x, before[name])}
    assert moved == trained_names(classifier)
    head, block = {"out_head.weight", "out_head.bias"}, ("trf_blocks.1.", "final_norm.")
    last_block = head | {name for name in before if name.startswith(block)}
    assert moved == {"head": head, "last_block": last_block, "all": set(before)}[trained]


def test_the_choice_can_be_changed(tiny_model: GPTModel) -> None:
    classifier = Classifier(tiny_model, 2)
    fewer = trained_names(choose_trained(classifier, "head"))
    choose_trained(classifier, "all")
    assert trained_names(choose_trained(classifier, "head")) == fewer


@pytest.mark.parametrize("tied", [False, True])
def test_a_classifier_is_saved_and_loaded_as_a_model(tied: bool, tmp_path: Path) -> None:
    classifier = Classifier(lively(replace(TINY, tie_weights=tied)), 3).eval()
    again = load_model(save_model(classifier.model, tmp_path / "sorter.safetensors"))
    assert number_of_classes(again) == 3
    assert torch.equal(again(padded().ids), classifier.model(padded().ids))


def test_scores_are_those_of_one_text_at_a_time() -> None:
    classifier, texts, labels = Classifier(lively(), 3).eval(), padded(), torch.arange(12) % 3
    found = score(classifier, texts, labels, batch_size=5)
    probs = torch.cat([classifier(Padded(*(x[i : i + 1] for x in texts))) for i in range(12)]).softmax(-1)
    torch.testing.assert_close(found.logits.softmax(-1), probs.detach())
    right = probs[torch.arange(12), labels]
    assert found.loss == pytest.approx(-right.log().mean().item(), abs=1e-5)
    assert found.accuracy == pytest.approx((probs.argmax(-1) == labels).float().mean().item())
    table = confusion_matrix(labels, found.predicted, 3)
    assert table.trace() / 12 == pytest.approx(found.accuracy)
    assert table.sum(dim=1).tolist() == [4, 4, 4]
    assert table[0].tolist() == [int((found.predicted[labels == 0] == k).sum()) for k in range(3)]


def test_looking_keeps_the_mode_and_learns_nothing() -> None:
    classifier = Classifier(lively(replace(TINY, drop_rate=0.5)), 2).train()
    assert torch.equal(class_logits(classifier, padded()), class_logits(classifier, padded()))
    assert classifier.training


def test_an_untrained_head_merely_guesses(tiny_model: GPTModel) -> None:
    found = score(Classifier(tiny_model, 2), padded(), torch.arange(12) % 2)
    assert found.loss == pytest.approx(math.log(2), abs=0.1)


def test_same_seed_same_head(tiny_model: GPTModel) -> None:
    heads = [Classifier(tiny_model, 2, seed=seed).model.out_head.weight for seed in (1, 1, 2)]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


@pytest.mark.parametrize("read", ["last_real", "first"])
def test_what_the_end_of_a_text_says_is_learned_at_its_end_and_never_at_its_beginning(read: str) -> None:
    ids, lengths = padded(32)
    labels = ids[torch.arange(32), lengths - 1] % 2
    texts = Padded(torch.nn.functional.pad(ids, (1, 0), value=5), lengths + 1)  # all begin alike
    classifier = choose_trained(Classifier(lively(), 2, read=read), "all")
    batches = labelled_batches(texts, labels, 16)
    list(train(classifier, batches, TrainConfig(steps=60, learning_rate=1e-2)))
    found = score(classifier, texts, labels)
    if read == "first":
        assert len(found.predicted.unique()) == 1  # one answer for all texts
    else:
        assert found.accuracy == 1.0


def test_bad_choices_are_refused_in_a_sentence(tiny_model: GPTModel) -> None:
    for arguments, says in (((1,), "can be 2 to 10"), ((11,), "can be 2 to 10")):
        with pytest.raises(ValueError, match=says):
            Classifier(tiny_model, *arguments)
    with pytest.raises(ValueError, match="choose one of first, last"):
        Classifier(tiny_model, 2, read="middle")
    with pytest.raises(ValueError, match="choose one of head, last_block, all"):
        choose_trained(Classifier(tiny_model, 2), "nothing")
    with pytest.raises(ValueError, match="one label a text"):
        score(Classifier(tiny_model, 2), padded(), torch.zeros(3, dtype=torch.long))
