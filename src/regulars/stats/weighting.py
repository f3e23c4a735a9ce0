"""Weights of answers: what unequal weights cost, in plain `math`."""

import math
from collections.abc import Iterable

from regulars.stats.errors import StatisticsError


def effective_n(weights: Iterable[float]) -> float:
    """(Σw)² / Σw², the number of equally weighted answers worth as much (Kish 1965, 11.7).

    0 without answers; raises on weights that are not positive and finite.
    """
    values = [float(weight) for weight in weights]
    if not all(math.isfinite(value) and value > 0 for value in values):
        raise StatisticsError("weights must be positive and finite")
    if not values:
        return 0.0
    greatest = max(values)  # dividing first keeps the squares from overflowing
    scaled = [value / greatest for value in values]
    return math.fsum(scaled) ** 2 / math.fsum(value * value for value in scaled)


def design_effect(weights: Iterable[float]) -> float:
    """n / n_eff ≥ 1: how many times the variance the weights cost; 1 without answers."""
    values = [float(weight) for weight in weights]
    return len(values) / effective_n(values) if values else 1.0
