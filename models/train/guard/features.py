"""What is known of every token before training: its word vector, and how it is spread over the labels."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from prompts import Prompts
from sources import Example
from templates import HARMS
from vectors import SIZE, SPACE, Vectors

# Counts added to both sides, so that a rare token says little.
PRIOR = 4.0
# Logarithms of odds are cut here and halved, which brings them to the size of the word vectors' numbers.
LARGEST = 4.0


def word_vectors(vocabulary: dict[str, int], vectors: Vectors) -> np.ndarray:
    """The word vector of every token, f32 [entries, 50], zeros where it is no word."""
    result = np.zeros((len(vocabulary), SIZE), dtype=np.float32)
    for token, index in vocabulary.items():
        vector = vectors.of(token)
        if vector is not None:
            result[index] = vector
    return result


def odds(prompts: Prompts, examples: list[Example]) -> np.ndarray:
    """For every token and policy how much oftener it is in violating texts than in others, f32 [entries, 4].

    The logarithm of the ratio, as in naive Bayes, the same for a token in either case and with or without a
    space before it. It spares the network the first half hour: it need not find out word by word what matters.
    """
    forms: dict[str, int] = {}
    form = np.zeros(len(prompts.vocabulary), dtype=np.int64)
    for token, index in prompts.vocabulary.items():
        form[index] = forms.setdefault(token.removeprefix(SPACE).lower(), len(forms))
    counts = np.zeros((2, len(HARMS), len(forms)))
    totals = np.zeros((2, len(HARMS), 1))
    for example in examples:
        seen = np.unique(form[prompts.ids(example.response or example.text, False)])
        for column, harm in enumerate(HARMS):
            label = example.labels.get(harm, 0.5)
            if abs(label - 0.5) > 0.2:
                side = int(label > 0.5)
                counts[side, column, seen] += 1
                totals[side, column] += 1
    # The prior is spread as the tokens are, so that a token never seen says nothing.
    expected = totals / totals.sum(0)
    rates = (counts + 2 * PRIOR * expected) / totals
    ratio = np.log(rates[1] / rates[0])
    return (ratio.clip(-LARGEST, LARGEST) / 2).T[form].astype(np.float32)


def features_of(prompts: Prompts, vectors: Vectors, examples: list[Example]) -> Tensor:
    """Word vectors and odds side by side, f32 [entries, 54]."""
    return torch.from_numpy(np.concatenate([word_vectors(prompts.vocabulary, vectors), odds(prompts, examples)], 1))
