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
    padded = pad([ids], filler, longest).to(classifier.model.device)
    vectors = classifier.model.final_vectors(padded.ids)  # (1, T, C)
    lengths = torch.arange(1, longest + 1, device=vectors.device)
    real = lengths.clamp(max=len(ids))
    answers = [
        read_vector(vectors[:, :length], real[length - 1 : length], classifier.read)
        for length in range(1, longest + 1)
    ]
    return classifier.model.out_head(torch.cat(answers)).softmax(dim=-1)
