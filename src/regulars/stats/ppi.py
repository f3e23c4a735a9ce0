"""Prediction-powered inference: counts made by a classifier, corrected by a few hand labels.

Angelopoulos, Duchi & Zrnic (2023), "PPI++: Efficient prediction-powered inference". The classifier
has read everything, people have read a random sample; the sample says how far off the classifier
is, and its reading of the rest makes the answer sharper the better it is. Never worse than the
hand labels alone, up to chance.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regulars.stats.errors import StatisticsError
from regulars.stats.intervals import wilson
from regulars.stats.purchases import Floats


@dataclass(frozen=True)
class CorrectedShare:
    """A share in [0, 1] with its interval.

    `weight` is the power-tuned λ: 0 leaves the classifier aside, 1 believes it like a label.
    `hand_labels_alone` is what the labels say by themselves, `counted` what the classifier counts,
    `effective_labels` how many hand labels would be as sharp.
    """

    value: float
    low: float
    high: float
    weight: float
    hand_labels_alone: float
    counted: float
    effective_labels: float


def corrected_share(
    labels: npt.ArrayLike,
    predicted: npt.ArrayLike,
    predicted_unlabelled: npt.ArrayLike,
    *,
    confidence: float = 0.95,
) -> CorrectedShare:
    """The share of texts for which the label is 1, from labels and predictions.

    `labels` (0 or 1) and `predicted` (0 … 1, a probability or a decision) are of the same random
    sample of texts, `predicted_unlabelled` of the others. The interval is Wilson's with the number
    of labels that would give the same standard error, so that it keeps inside [0, 1] and is never
    empty. Raises StatisticsError without labels, for values out of range and unequal lengths.
    """
    y, f = _checked(labels), _checked(predicted)
    rest = _checked(predicted_unlabelled)
    if len(y) != len(f):
        raise StatisticsError("labels and predictions differ in length")
    if not len(y):
        raise StatisticsError("no hand labels")
    if not np.all((y == 0) | (y == 1)):
        raise StatisticsError("a label is 0 or 1")
    weight = _power_tuned(y, f, rest)
    moved = weight * (float(rest.mean()) - float(f.mean())) if len(rest) else 0.0
    value = min(max(float(y.mean()) + moved, 0.0), 1.0)
    effective = _effective_labels(y, f, rest, weight, value)
    interval = wilson(value * effective, effective, confidence=confidence)
    return CorrectedShare(
        value=value,
        low=interval.low,
        high=interval.high,
        weight=weight,
        hand_labels_alone=float(y.mean()),
        counted=float(np.concatenate((f, rest)).mean()),
        effective_labels=effective,
    )


def _power_tuned(y: Floats, f: Floats, rest: Floats) -> float:
    """λ that makes the variance least (PPI++, example 6.1), kept within [0, 1]."""
    if len(y) < 2 or not len(rest):
        return 0.0
    spread = float(np.concatenate((f, rest)).var())
    if spread == 0:
        return 0.0
    together = float(((y - y.mean()) * (f - f.mean())).sum()) / (len(y) - 1)
    return min(max(together / (spread * (1 + len(y) / len(rest))), 0.0), 1.0)


def _effective_labels(y: Floats, f: Floats, rest: Floats, weight: float, value: float) -> float:
    """Labels that would by themselves be as sharp; the plain number where that is undefined."""
    n = len(y)
    if weight == 0:
        return float(n)
    squared = float((y - weight * f).var(ddof=1)) / n + weight**2 * float(rest.var()) / len(rest)
    spread = value * (1 - value)
    if squared <= 0 or spread <= 0:
        return float(n)
    return spread / squared


def _checked(values: npt.ArrayLike) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not np.all((found >= 0) & (found <= 1)):
        raise StatisticsError("labels and predictions are numbers from 0 to 1")
    return found
