import numpy as np
import pytest
from scipy.optimize import minimize

from regulars.text import learning
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
