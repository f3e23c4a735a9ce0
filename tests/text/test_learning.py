from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from regulars.text import learning
from regulars.text.features import Row
from regulars.text.learning import Weights


def problem(count: int) -> tuple[Weights, np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(7)
    dense = chance.normal(size=(count, 6))
    prior = Weights(
        ("one", "other"), chance.normal(size=(6, 2)), np.zeros((4, 2), np.float32), np.zeros(2)
    )
    targets = (chance.random((count, 2)) < 0.5).astype(float)
    return prior, dense, dense @ prior.dense, targets


@pytest.mark.parametrize("count", [5, 200])
def test_moved_weights_are_the_most_probable_ones(count: int) -> None:
    prior, dense, base, targets = problem(count)
    targets[0, 1] = np.nan
    held = learning.stiffness(np.random.default_rng(1).normal(size=(50, 6)), spread=2.0, hold=0.05)
    importance = np.linspace(0.5, 2, count)

    found = learning.moved(prior, dense, base, targets, importance, stiffness=held)

    columns = np.hstack([dense, np.ones((count, 1))])
    for label in range(2):
        known = ~np.isnan(targets[:, label])

        def loss(step: np.ndarray, label: int = label, known: np.ndarray = known) -> float:
            score = base[:, label] + columns @ step
            each = np.logaddexp(0, score) - np.nan_to_num(targets[:, label]) * score
            return float((importance * each * known).sum() + step @ held @ step / 2)

        best = minimize(loss, np.zeros(7), method="BFGS", tol=1e-9).x
        step = np.append(found.dense[:, label] - prior.dense[:, label], found.bias[label])
        assert step == pytest.approx(best, abs=0.01)


def test_what_the_seeds_say_is_held() -> None:
    prior, dense, base, targets = problem(20)
    free = learning.stiffness(dense, spread=20, hold=0.0)
    held = learning.stiffness(dense, spread=20, hold=10.0)

    def largest(stiffness: np.ndarray) -> float:
        moved = learning.moved(prior, dense, base, targets, np.ones(20), stiffness=stiffness)
        return float(np.abs(dense @ (moved.dense - prior.dense)).max())

    assert largest(held) < 0.2 < 1 < largest(free)


def remembered(noise: float) -> tuple[learning.Remembered, list[Row], np.ndarray]:
    """Two questions, one asked of half of the texts only, about what no straight line can part."""
    chance = np.random.default_rng(3)
    vectors = chance.normal(size=(40, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lists = chance.integers(0, 3, (40, 2)).astype(float)
    rows = [
        Row(np.concatenate([vector, more]), np.array([number % 7, 9 + number % 3]), 0.7)
        for number, (vector, more) in enumerate(zip(vectors, lists, strict=True))
    ]
    targets = np.sign(vectors[:, :1] * vectors[:, 1:2])
    half = np.array([1.0, 0.0] * 20)
    found = learning.remember(
        rows,
        [
            (("crossed",), targets, half),
            (("again", "not"), np.hstack([targets, -targets]), half + 1),
        ],
        width=4,
        kernel=learning.Kernel(narrow=1.5, lists=0.03, letters=0.3, noise=noise),
    )
    return found, rows, targets


def test_what_is_remembered_is_told_again_and_only_what_was_asked() -> None:
    found, rows, targets = remembered(noise=1e-4)
    told = found.scores(rows)

    assert found.rest.labels == ("crossed", "again", "not")
    assert told[::2, 0] == pytest.approx(targets[::2, 0], abs=0.02)
    assert told[:, 1] == pytest.approx(targets[:, 0], abs=0.02)
    assert told[:, 2] == pytest.approx(-told[:, 1], abs=0.01)
    assert not found.pulls[1::2, 0].any()


def test_a_memory_is_the_solution_of_kernel_ridge_regression() -> None:
    found, rows, targets = remembered(noise=0.3)
    dense = np.stack([row.dense for row in rows])
    letters = np.zeros((40, 12))
    for number, row in enumerate(rows):
        letters[number, row.on] = row.weight
    lists = dense[:, 4:] / (dense[:, 4:].std(axis=0) + 0.1)
    distance = ((dense[:, None, :4] - dense[None, :, :4]) ** 2).sum(axis=2)
    alike = np.exp(-1.5 * distance) + 0.03 * lists @ lists.T + 0.3 * letters @ letters.T
    ridge = np.diag(0.3 / np.array([2.0, 1.0] * 20))

    expected = alike @ np.linalg.solve(alike + ridge, targets[:, 0])
    assert found.scores(rows)[:, 1] == pytest.approx(expected, abs=0.02)


def test_a_stored_memory_says_the_same(tmp_path: Path) -> None:
    found, rows, _ = remembered(noise=0.3)
    np.savez(tmp_path / "memory.npz", **learning.packed_memory(found, "0_memory"))
    with np.load(tmp_path / "memory.npz") as stored:
        again = learning.unpacked_memory(stored, "0_memory")

    assert again.scores(rows) == pytest.approx(found.scores(rows), abs=0.02)
    assert (again.narrow, again.rest.labels) == (found.narrow, found.rest.labels)
