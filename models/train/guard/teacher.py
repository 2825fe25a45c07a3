"""What counting words says of a text: logistic regression on n-grams, one for each policy.

Alone it generalises better than a small network that is trained on the same labels for an hour (`baseline.py`), so
the network learns from its opinion too (distillation, Hinton et al. 2015, arXiv 1503.02531): on texts whose
label is known it softens the label, and where a source does not tell it stands in for it. The texts are divided
into parts, and none is judged by a teacher that has been taught its label.
"""

from __future__ import annotations

import hashlib

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from sources import Example, normalised
from templates import HARMS
from toxicity import Toxicity

PARTS = 3
STRENGTH = 4.0


def part_of(example: Example) -> int:
    """Which part a text belongs to: by its words, so that copies stay together."""
    return hashlib.sha256(normalised(example.response or example.text).encode()).digest()[1] % PARTS


class Ngrams:
    """A text as the tf-idf of its words, pairs of words, and letters in threes to fives, and how toxic it looks."""

    def __init__(self, texts: list[str], toxicity: Toxicity | None = None) -> None:
        self.toxicity = toxicity
        self.features = [
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=np.float32),
            TfidfVectorizer(
                analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True, max_features=60_000, dtype=np.float32
            ),
        ]
        for feature in self.features:
            feature.fit(texts)

    def of(self, texts: list[str]) -> csr_matrix:
        """One row for each text."""
        columns = [feature.transform(texts) for feature in self.features]
        if self.toxicity is not None:
            columns.append(csr_matrix(self.toxicity.of(texts)))
        return hstack(columns).tocsr()


def regressions(matrix: csr_matrix, examples: list[Example], rows: list[int]) -> list[LogisticRegression]:
    """One regression for each policy, on those of the rows whose label is known."""
    models = []
    for harm in HARMS:
        known = [row for row in rows if harm in examples[row].labels]
        model = LogisticRegression(C=STRENGTH, max_iter=300, solver="liblinear")
        models.append(model.fit(matrix[known], [examples[row].labels[harm] >= 0.5 for row in known]))
    return models


class Teacher:
    """For each part the regressions that have seen the other parts."""

    def __init__(self, examples: list[Example], parts: list[int], toxicity: Toxicity | None = None) -> None:
        """Texts without responses; a text that was varied belongs to the part of the one that it was made from."""
        self.ngrams = Ngrams([example.text for example in examples], toxicity)
        matrix = self.ngrams.of([example.text for example in examples])
        self.models = [
            regressions(matrix, examples, [row for row, part in enumerate(parts) if part != own])
            for own in range(PARTS)
        ]

    def opinions(self, examples: list[Example], parts: list[int]) -> np.ndarray:
        """P(Yes) of what is judged, the text or the response, f32 [examples, 4]; each by its part's regressions."""
        matrix = self.ngrams.of([example.response or example.text for example in examples])
        result = np.zeros((len(examples), len(HARMS)), dtype=np.float32)
        which = np.array(parts)
        for part, models in enumerate(self.models):
            rows = np.flatnonzero(which == part)
            for column, model in enumerate(models):
                result[rows, column] = model.predict_proba(matrix[rows])[:, 1]
        return result
