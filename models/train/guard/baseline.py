"""What words alone give: logistic regression on n-grams of words and of letters, one for each policy.

Trained on the same texts as the guard, as they are, and measured on the same sets. Tells how much of the
guard's figures is owed to the network.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from evaluate_guard import columns
from measured import SETS, measured
from packages import packaged
from sampling import Sampler
from scores import figures
from sources import load
from teacher import Ngrams, regressions
from templates import HARMS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fortunes", type=Path, required=True)
    parser.add_argument("--packages", type=Path, help="unpacked packages with more texts, see packages.py")
    options = parser.parse_args()
    known = measured(options.data)
    sampler = Sampler(load(options.data, options.fortunes, known, packaged(options.packages)), known)
    drawn = [example for example in sampler.plain() if example.response is None]
    ngrams = Ngrams([example.text for example in drawn])
    training = ngrams.of([example.text for example in drawn])
    cases = {name: reader(options.data) for name, reader in SETS.items()}
    models = regressions(training, drawn, list(range(len(drawn))))
    probability = {name: np.zeros((len(rows), len(HARMS))) for name, rows in cases.items()}
    for name, rows in cases.items():
        matrix = ngrams.of([case.text for case in rows])
        for column, model in enumerate(models):
            probability[name][:, column] = model.predict_proba(matrix)[:, 1]
    for name, rows in cases.items():
        for harm, pair in columns(rows, probability[name]).items():
            print(name, harm, {key: round(value, 3) for key, value in figures(*pair).items()})


if __name__ == "__main__":
    main()
