"""What padding does to an answer: the same text, filled up to one length after another."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.classify import Classifier, class_logits, read_vector
from core.labelled import pad


@torch.inference_mode()
def probs_by_length(classifier: Classifier, ids: Sequence[int], filler: int, longest: int) -> Tensor:
    """The probability of each class where the text is cut or filled up to 1, 2, ... tokens: (longest, K).

    In a causal model one pass gives all lengths at once: no vector knows what comes after it. Where the last
    token is read, each token of padding can change the answer; the last real one does not see the padding.
    """
    if not classifier.model.config.causal:
        each = [class_logits(classifier, pad([ids], filler, length)) for length in range(1, longest + 1)]
        return torch.cat(each).softmax(dim=-1)
    vectors = classifier.model.final_vectors(pad([ids], filler, longest).ids)  # (1, T, C)
    answers = [
        read_vector(vectors[:, :length], torch.tensor([min(length, len(ids))]), classifier.read)
        for length in range(1, longest + 1)
    ]
    return classifier.model.out_head(torch.cat(answers)).softmax(dim=-1)
