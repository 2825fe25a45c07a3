"""What 200 000 comments say of words: the linear model of the package alt-profanity-check, as one number for a text.

The package (MIT) ships a vectoriser and a calibrated linear SVM, trained on Wikipedia's comments and on tweets;
none of those comments is in it. Its opinion, toxic or not, is none of the four policies', so that it only
is one more feature for the teacher.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import joblib
import numpy as np


class Toxicity:
    """Distance from the plane between toxic and other comments, between -1 and 1."""

    def __init__(self, folder: Path) -> None:
        """`folder` is `profanity_check` of the package."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pickled by another version of scikit-learn
            self.vectoriser = joblib.load(folder / "data" / "vectorizer.joblib")
            planes = [each.estimator for each in joblib.load(folder / "data" / "model.joblib").calibrated_classifiers_]
        self.weights = np.mean([plane.coef_[0] for plane in planes], 0)
        self.offset = float(np.mean([plane.intercept_[0] for plane in planes]))

    def of(self, texts: list[str]) -> np.ndarray:
        """f32 [texts, 1]."""
        distance = self.vectoriser.transform(texts) @ self.weights + self.offset
        return np.tanh(distance)[:, None].astype(np.float32)
