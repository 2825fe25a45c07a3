"""Figures of a classifier from its probabilities and the truth."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

BINS = 15
POINTS = 60


def calibration_error(truth: np.ndarray, probability: np.ndarray) -> float:
    """Expected calibration error over 15 bins of equal width: the mean distance of P(Yes) from how often it is so."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    error = 0.0
    for number in range(BINS):
        here = bins == number
        if here.any():
            error += here.mean() * abs(truth[here].mean() - probability[here].mean())
    return float(error)


def best_threshold(truth: np.ndarray, probability: np.ndarray) -> tuple[float, float]:
    """The threshold with the largest F1, and that F1; a text violates where P(Yes) is at least the threshold."""
    precision, recall, thresholds = precision_recall_curve(truth, probability)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(f1[:-1].argmax())
    return float(thresholds[best]), float(f1[best])


def at_threshold(truth: np.ndarray, probability: np.ndarray, threshold: float) -> dict[str, float]:
    """Precision, recall, F1 and false-positive rate at a threshold that was chosen elsewhere."""
    said = probability >= threshold
    hits = float((said & truth).sum())
    precision = hits / max(said.sum(), 1)
    recall = hits / max(truth.sum(), 1)
    return {
        "threshold": threshold,
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-12),
        "false_positive_rate": float((said & ~truth).sum() / max((~truth).sum(), 1)),
    }


def figures(truth: np.ndarray, probability: np.ndarray) -> dict[str, float]:
    """Every figure of one policy on one set; `f1` is the largest there is, at `threshold`."""
    threshold, f1 = best_threshold(truth, probability)
    return {
        "au_prc": float(average_precision_score(truth, probability)),
        "roc_auc": float(roc_auc_score(truth, probability)),
        "f1": f1,
        "threshold": threshold,
        "ece": calibration_error(truth, probability),
        "n": int(len(truth)),
        "positives": int(truth.sum()),
    }


def curve(truth: np.ndarray, probability: np.ndarray) -> list[dict[str, float]]:
    """The precision-recall curve, about 60 points evenly along the recall, by rising threshold."""
    precision, recall, thresholds = precision_recall_curve(truth, probability)
    precision, recall = precision[:-1], recall[:-1]
    places = sorted({int(np.abs(recall - level).argmin()) for level in np.linspace(0, 1, POINTS)})
    return [
        {"threshold": float(thresholds[i]), "precision": float(precision[i]), "recall": float(recall[i])}
        for i in places
    ]


def rounded(value: object, digits: int = 4) -> object:
    """The same structure with its floats rounded."""
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item, digits) for item in value]
    return value
