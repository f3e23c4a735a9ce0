"""Logistic regression on dense and hashed columns: fitting, storing, and moving prior weights.

Each label is its own yes-or-no question, so that labels can be added and corrected one by one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regulars.text.features import BUCKETS, Array, Row

_MOST_STEPS, _STILL = 100, 1e-3
"""When moving weights ends: after so many steps, or when no weight moves more than this."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of `labels`: `dense` (columns x labels), `sparse` (BUCKETS x labels), `bias`."""

    labels: tuple[str, ...]
    dense: Array
    sparse: npt.NDArray[np.float32]
    bias: Array

    def scores(self, rows: Sequence[Row]) -> Array:
        """Log-odds, one row per text and one column per label."""
        if not rows:
            return np.zeros((0, len(self.labels)))
        found = np.stack([row.dense for row in rows]) @ self.dense + self.bias
        for number, row in enumerate(rows):
            if len(row.on):
                found[number] += row.weight * self.sparse[row.on].sum(axis=0)
        return found


def fit(
    rows: Sequence[Row],
    targets: Array,
    labels: tuple[str, ...],
    *,
    spread: float,
    importance: Array | None = None,
) -> Weights:
    """Ridge-penalised logistic regression of each label (penalty weight^2 / (2 spread)).

    `targets` holds 0 to 1, texts x labels; `importance` weighs texts.
    """
    from scipy.optimize import minimize

    dense, on, on_t = _matrices(rows)
    width, count = dense.shape[1], len(labels)
    weight = np.ones(len(rows)) if importance is None else importance

    def loss(flat: Array) -> tuple[float, Array]:
        table = flat.reshape(width + BUCKETS + 1, count)
        score = dense @ table[:width] + on @ table[width:-1] + table[-1]
        value = (weight[:, None] * (np.logaddexp(0, score) - targets * score)).sum()
        error = weight[:, None] * (chances(score) - targets)
        slope = np.concatenate([dense.T @ error, on_t @ error, error.sum(axis=0)[None]])
        slope[:-1] += table[:-1] / spread
        return float(value + (table[:-1] ** 2).sum() / (2 * spread)), slope.ravel()

    start = np.zeros((width + BUCKETS + 1) * count)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
    table = best.x.reshape(width + BUCKETS + 1, count)
    return Weights(labels, table[:width], table[width:-1].astype(np.float32), table[-1])


def moved(
    prior: Weights,
    dense: Array,
    base: Array,
    targets: Array,
    importance: Array,
    *,
    stiffness: Array,
) -> Weights:
    """Weights moved from `prior` towards new examples (maximum a posteriori, dense columns only).

    `dense` are the examples' columns, `base` their log-odds under `prior`; `targets` may be NaN
    where nothing is known about a label. `stiffness` is the precision of the Gaussian that holds
    the step back; see `stiffness`. All labels share one bound of the curvature (Boehning & Lindsay
    1988), so that a thousand examples take a tenth of a second.
    """
    known = ~np.isnan(targets)
    wanted = np.where(known, targets, 0.0)
    weight = importance[:, None] * known
    columns = np.hstack([dense, np.ones((len(dense), 1))])
    inverse = np.linalg.inv(stiffness + (columns.T * (importance / 4)) @ columns)
    step = ahead = np.zeros((columns.shape[1], len(prior.labels)))
    momentum = 1.0
    for _ in range(_MOST_STEPS):
        error = weight * (chances(base + columns @ ahead) - wanted)
        moved_to = ahead - inverse @ (columns.T @ error + stiffness @ ahead)
        if float(np.abs(moved_to - step).max()) < _STILL:
            break
        further = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        ahead = moved_to + (momentum - 1) / further * (moved_to - step)
        step, momentum = moved_to, further
    return Weights(prior.labels, prior.dense + step[:-1], prior.sparse, prior.bias + step[-1])


def stiffness(seeds: Array, *, spread: float, hold: float) -> Array:
    """The precision of a step: ridge 1 / `spread`, and `hold` for each seed that it would move.

    So corrections move freely what the seeds (rows of dense columns) say nothing about.
    """
    columns = np.hstack([seeds, np.ones((len(seeds), 1))]).astype(np.float32)
    found: Array = hold * (columns.T @ columns).astype(np.float64)
    return found + np.eye(columns.shape[1]) / spread


def widened(prior: Weights, labels: tuple[str, ...]) -> Weights:
    """The weights with further labels that say no (log-odds -2) until they have learned."""
    extra = len(labels)
    return Weights(
        (*prior.labels, *labels),
        np.pad(prior.dense, ((0, 0), (0, extra))),
        np.pad(prior.sparse, ((0, 0), (0, extra))),
        np.concatenate([prior.bias, np.full(extra, -2.0)]),
    )


def chances(scores: Array) -> Array:
    """Probabilities of log-odds."""
    found: Array = 1 / (1 + np.exp(-np.clip(scores, -500, 500)))
    return found


def packed(weights: Weights, name: str) -> dict[str, npt.NDArray[np.generic]]:
    """Arrays to store: the dense part in half precision, the sparse part in single bytes."""
    size = max(float(np.abs(weights.sparse).max()) / 127, 1e-9)
    return {
        f"{name}_labels": np.array(weights.labels),
        f"{name}_dense": weights.dense.astype(np.float16),
        f"{name}_bias": weights.bias,
        f"{name}_sparse": np.round(weights.sparse / size).astype(np.int8),
        f"{name}_size": np.array(size),
    }


def unpacked(stored: "np.lib.npyio.NpzFile", name: str) -> Weights:
    """Weights from arrays that `packed` made."""
    sparse = stored[f"{name}_sparse"].astype(np.float32) * np.float32(stored[f"{name}_size"])
    return Weights(
        tuple(str(label) for label in stored[f"{name}_labels"]),
        stored[f"{name}_dense"].astype(np.float64),
        sparse,
        stored[f"{name}_bias"],
    )


def _matrices(rows: Sequence[Row]):  # type: ignore[no-untyped-def]  # scipy has no types here
    from scipy.sparse import csr_matrix

    dense = np.stack([row.dense for row in rows])
    values = np.concatenate([np.full(len(row.on), row.weight) for row in rows])
    ends = np.cumsum([0, *(len(row.on) for row in rows)])
    on = csr_matrix((values, np.concatenate([row.on for row in rows]), ends), (len(rows), BUCKETS))
    return dense, on, on.T.tocsr()
