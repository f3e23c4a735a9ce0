import numpy as np
import pytest

from regulars.stats.errors import StatisticsError
from regulars.stats.intervals import wilson
from regulars.stats.ppi import corrected_share
from tests.stats.published import published


def texts(seed: int, labelled: int = 150, accuracy: float = 0.9) -> list[np.ndarray]:
    """Labels and a classifier's decisions on 1,000 texts of which three in ten are about us."""
    random = np.random.default_rng(seed)
    truth = random.random(1000) < 0.3
    decided = np.where(random.random(1000) < accuracy, truth, ~truth) * 1.0
    return [truth[:labelled] * 1.0, decided[:labelled], decided[labelled:]]


@published(
    method="PPI++ (power-tuned λ)",
    source="Angelopoulos, Duchi & Zrnic (2023): 95 % of the intervals hold the truth",
    check="share of 500 intervals that hold .3; 150 hand labels, 850 classified texts",
    at_least=0.93,
    digits=3,
)
def test_coverage() -> float:
    found = [corrected_share(*texts(seed)) for seed in range(500)]

    return sum(each.low <= 0.3 <= each.high for each in found) / 500


def test_one_share_by_hand() -> None:
    y, f, rest = np.array([1.0, 1, 0, 0]), np.array([1.0, 0, 0, 0]), np.array([1.0, 1, 0, 0, 0, 0])

    found = corrected_share(y, f, rest)

    together = (0.5 * 0.75 + 0.5 * -0.25 + 0.5 * 0.25 + 0.5 * 0.25) / 3
    weight = together / (0.21 * (1 + 4 / 6))
    value = 0.5 + weight * (2 / 6 - 0.25)
    squared = np.var(y - weight * f, ddof=1) / 4 + weight**2 * (2 / 9) / 6
    assert found.weight == pytest.approx(weight)
    assert found.value == pytest.approx(value)
    assert (found.hand_labels_alone, found.counted) == (0.5, 0.3)
    assert found.effective_labels == pytest.approx(value * (1 - value) / squared)
    expected = wilson(value * found.effective_labels, found.effective_labels)
    assert (found.low, found.high) == (expected.low, expected.high)


def test_a_good_classifier_is_worth_many_labels() -> None:
    good, bad = corrected_share(*texts(1, accuracy=0.97)), corrected_share(*texts(1, accuracy=0.5))

    assert good.effective_labels > 400
    assert good.weight > 0.7
    assert 130 < bad.effective_labels < 180
    assert bad.weight < 0.15


def test_a_biased_count_is_corrected() -> None:
    corrected = np.mean([corrected_share(*texts(seed, accuracy=0.8)).value for seed in range(100)])
    counted = np.mean([corrected_share(*texts(seed, accuracy=0.8)).counted for seed in range(100)])

    assert corrected == pytest.approx(0.3, abs=0.01)
    assert counted == pytest.approx(0.38, abs=0.01)


def test_tuning_makes_the_variance_least() -> None:
    y, f, rest = texts(5)
    found = corrected_share(y, f, rest)

    def variance(weight: float) -> float:
        return float(np.var(y - weight * f) / len(y) + weight**2 * np.var(rest) / len(rest))

    best = min(np.linspace(0, 1, 1001), key=variance)
    assert found.weight == pytest.approx(best, abs=0.03)


@pytest.mark.parametrize(
    ("labels", "predicted", "rest"),
    [
        ([1.0, 1.0, 0.0], [1.0, 0.0, 0.0], []),
        ([1.0], [1.0], [1.0, 0.0]),
        ([1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, 0.5]),
        ([1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0], [1.0, 0.0]),
        ([0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0]),
        ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 0.0]),
    ],
)
def test_without_use_for_the_classifier_the_labels_stand_alone(
    labels: list[float], predicted: list[float], rest: list[float]
) -> None:
    found = corrected_share(labels, predicted, rest)

    alone = wilson(sum(labels), len(labels))
    assert (found.weight, found.effective_labels) == (0.0, len(labels))
    assert (found.value, found.low, found.high) == pytest.approx(
        (np.mean(labels), alone.low, alone.high)
    )


def test_a_perfect_classifier_on_the_same_texts() -> None:
    found = corrected_share([1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], [1.0] * 5)

    assert 0 <= found.low <= found.value <= found.high <= 1


def test_corrections_beyond_the_range_stop_at_it() -> None:
    found = corrected_share([1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0] * 500)

    assert found.value <= 1
    assert 0 <= found.low <= found.value
    assert found.high == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize(
    ("labels", "predicted", "rest", "words"),
    [
        ([], [], [0.5], "no hand labels"),
        ([1.0], [1.0, 0.0], [0.5], "length"),
        ([0.5], [1.0], [0.5], "0 or 1"),
        ([2.0], [1.0], [0.5], "from 0 to 1"),
        ([1.0], [-0.1], [0.5], "from 0 to 1"),
        ([1.0], [1.0], [np.nan], "from 0 to 1"),
        ([1.0], [1.0], [[0.5]], "from 0 to 1"),
    ],
)
def test_labels_that_make_no_sense(labels: list, predicted: list, rest: list, words: str) -> None:
    with pytest.raises(StatisticsError, match=words):
        corrected_share(labels, predicted, rest)


def test_confidence_widens_the_interval() -> None:
    narrow, wide = (corrected_share(*texts(2), confidence=each) for each in (0.8, 0.99))

    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_two_labels_are_tuned_already() -> None:
    found = corrected_share([0, 1], [0.2, 0.6], [0.3, 0.5, 0.7])

    spread = np.var([0.2, 0.6, 0.3, 0.5, 0.7])
    weight = (2 * 0.5 * 0.2) / (spread * (1 + 2 / 3))
    assert found.weight == pytest.approx(min(weight, 1.0))
    found = corrected_share([0, 1], [0.5, 0.6], [0.1, 0.5, 0.9])
    spread = np.var([0.5, 0.6, 0.1, 0.5, 0.9])
    assert found.weight == pytest.approx(2 * 0.5 * 0.05 / (spread * (1 + 2 / 3)))
    assert 0 < found.weight < 1
