"""What words alone give: logistic regression on n-grams of words and of letters, one for each policy.

Trained on the same texts as the guard, as they are, and measured on the same sets. Tells how much of the
guard's figures is owed to the network.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from evaluate_guard import columns
from measured import SETS, measured
from sampling import Sampler
from scores import figures
from sources import load
from templates import HARMS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fortunes", type=Path, required=True)
    options = parser.parse_args()
    known = measured(options.data)
    sampler = Sampler(load(options.data, options.fortunes, known), known)
    drawn = [example for example in sampler.plain() if example.response is None]
    features = [
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True, max_features=60_000),
    ]
    texts = [example.text for example in drawn]
    training = hstack([feature.fit_transform(texts) for feature in features]).tocsr()
    cases = {name: reader(options.data) for name, reader in SETS.items()}
    tests = {
        name: hstack([f.transform([case.text for case in rows]) for f in features]).tocsr()
        for name, rows in cases.items()
    }
    probability = {name: np.zeros((len(rows), len(HARMS))) for name, rows in cases.items()}
    for column, harm in enumerate(HARMS):
        rows = [row for row, example in enumerate(drawn) if harm in example.labels]
        model = LogisticRegression(C=4.0, max_iter=300, solver="liblinear")
        model.fit(training[rows], [drawn[row].labels[harm] >= 0.5 for row in rows])
        for name, matrix in tests.items():
            probability[name][:, column] = model.predict_proba(matrix)[:, 1]
    for name, rows in cases.items():
        for harm, pair in columns(rows, probability[name]).items():
            print(name, harm, {key: round(value, 3) for key, value in figures(*pair).items()})


if __name__ == "__main__":
    main()
