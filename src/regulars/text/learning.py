"""Logistic regression on dense and hashed columns: fitting, storing, and moving prior weights.

Each label is its own yes-or-no question, so that labels can be added and corrected one by one.
Where weights are too stiff there is a regression with a kernel, which remembers every example.
"""

import functools
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


@dataclass(frozen=True)
class Remembered:
    """A regression that remembers the vector of every example it learned from.

    What it says of a text is the sum of the `pulls` of all examples, each weakened by its distance
    from the text, plus what `rest` says of the word lists and letter sequences.
    """

    anchors: npt.NDArray[np.float32]
    """Examples x columns: their vectors, of about length one."""
    pulls: npt.NDArray[np.float32]
    """Examples x labels."""
    rest: Weights
    """Its dense columns are those that follow the vector."""
    narrow: float
    """How quickly an example loses its pull: exp(-`narrow` distance^2)."""

    def scores(self, rows: Sequence[Row]) -> Array:
        """About -1 (no) to 1 (yes), one row per text and one column per label of `rest`."""
        width = self.anchors.shape[1]
        vectors = np.array([row.dense[:width] for row in rows], np.float32).reshape(-1, width)
        near = _nearness(vectors, self.anchors, self.narrow, self._squares) @ self.pulls
        lists = [Row(row.dense[width:], row.on, row.weight) for row in rows]
        found: Array = near + self.rest.scores(lists)
        return found

    @functools.cached_property
    def _squares(self) -> npt.NDArray[np.float32]:
        found: npt.NDArray[np.float32] = np.einsum("ij,ij->i", self.anchors, self.anchors)
        return found


@dataclass(frozen=True, slots=True)
class Kernel:
    """When two texts are alike, for a `Remembered`.

    A Gaussian of the distance of their vectors, plus `lists` times the product of their other dense
    columns (each divided by its spread), plus `letters` times that of their letter sequences.
    """

    narrow: float
    lists: float
    letters: float
    noise: float
    """The ridge for an example of importance one."""


def remember(
    rows: Sequence[Row],
    questions: Sequence[tuple[tuple[str, ...], Array, Array]],
    *,
    width: int,
    kernel: Kernel,
) -> Remembered:
    """Kernel ridge regression (Saunders, Gammerman & Vovk 1998) of several questions.

    A question has its labels, the targets (texts x labels, -1 or 1) and the importance of each
    text, 0 where the text is not asked. The first `width` dense columns are the vector. Takes the
    cube of the number of texts: ten thousand need a minute and a gigabyte.
    """
    from scipy.linalg import cho_factor, cho_solve

    dense, on, on_t = _matrices(rows)
    anchors, others = _rounded(dense[:, :width]), dense[:, width:]
    scale = kernel.lists / (others.std(axis=0) + 0.1) ** 2
    alike = _nearness(anchors, anchors, kernel.narrow)
    alike += ((others * scale) @ others.T).astype(np.float32)
    alike += np.float32(kernel.letters) * (on @ on_t).toarray().astype(np.float32)
    found = []
    for _, targets, importance in questions:
        asked = np.flatnonzero(importance)
        part = alike[np.ix_(asked, asked)]
        part[np.diag_indices(len(asked))] += kernel.noise / importance[asked]
        pulls = np.zeros((len(rows), targets.shape[1]), np.float32)
        factor = cho_factor(part, overwrite_a=True, check_finite=False)
        pulls[asked] = cho_solve(factor, targets[asked].astype(np.float32), check_finite=False)
        found.append(pulls)
    pulls = np.hstack(found)
    labels = tuple(label for names, _, _ in questions for label in names)
    rest = Weights(
        labels,
        scale[:, None] * (others.T @ pulls),
        (kernel.letters * (on_t @ pulls)).astype(np.float32),
        np.zeros(len(labels)),
    )
    return Remembered(anchors, pulls, rest, kernel.narrow)


def _nearness(
    some: npt.NDArray[np.float32],
    others: npt.NDArray[np.float32],
    narrow: float,
    squares: npt.NDArray[np.float32] | None = None,
) -> npt.NDArray[np.float32]:
    """Gaussian of the distances between rows, some x others; `squares` are the others' lengths."""
    lengths = np.einsum("ij,ij->i", others, others) if squares is None else squares
    distance = np.einsum("ij,ij->i", some, some)[:, None] + lengths - 2 * (some @ others.T)
    found: npt.NDArray[np.float32] = np.exp(-narrow * distance)
    return found


def _steps(vectors: Array | npt.NDArray[np.float32]) -> float:
    """The size of a step with which vectors fit into single bytes."""
    return max(float(np.abs(vectors).max(initial=0)) / 127, 1e-9)


def _rounded(vectors: Array) -> npt.NDArray[np.float32]:
    """Vectors as they will be after storing."""
    size = _steps(vectors)
    found: npt.NDArray[np.float32] = (np.round(vectors / size) * size).astype(np.float32)
    return found


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


def packed_memory(memory: Remembered, name: str) -> dict[str, npt.NDArray[np.generic]]:
    """Arrays to store what was remembered, the vectors in single bytes."""
    size = _steps(memory.anchors)
    return {
        f"{name}_anchors": np.round(memory.anchors / size).astype(np.int8),
        f"{name}_step": np.array(size),
        f"{name}_pulls": memory.pulls.astype(np.float16),
        f"{name}_narrow": np.array(memory.narrow),
        **packed(memory.rest, f"{name}_rest"),
    }


def unpacked_memory(stored: "np.lib.npyio.NpzFile", name: str) -> Remembered:
    """What was remembered, from arrays that `packed_memory` made."""
    return Remembered(
        stored[f"{name}_anchors"].astype(np.float32) * np.float32(stored[f"{name}_step"]),
        stored[f"{name}_pulls"].astype(np.float32),
        unpacked(stored, f"{name}_rest"),
        float(stored[f"{name}_narrow"]),
    )


def _matrices(rows: Sequence[Row]):  # type: ignore[no-untyped-def]  # scipy has no types here
    from scipy.sparse import csr_matrix

    dense = np.stack([row.dense for row in rows])
    values = np.concatenate([np.full(len(row.on), row.weight) for row in rows])
    ends = np.cumsum([0, *(len(row.on) for row in rows)])
    on = csr_matrix((values, np.concatenate([row.on for row in rows]), ends), (len(rows), BUCKETS))
    return dense, on, on.T.tocsr()
