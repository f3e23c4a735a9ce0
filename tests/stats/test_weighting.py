"""What unequal weights cost."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.stats.errors import StatisticsError
from regulars.stats.weighting import design_effect, effective_n
from tests.stats.published import published


@published(
    method="Effective number of answers",
    source="Kish (1965), 11.7: (Σw)² / Σw²",
    check="weights 1, 1, 2, 4",
    expected={"n_eff": 64 / 22, "design effect": 4 * 22 / 64},
)
def test_kish() -> dict[str, float]:
    weights = [1.0, 1.0, 2.0, 4.0]

    return {"n_eff": effective_n(weights), "design effect": design_effect(weights)}


def test_no_answers_have_no_effect() -> None:
    assert effective_n([]) == 0.0
    assert design_effect([]) == 1.0


def test_huge_weights_do_not_overflow() -> None:
    assert effective_n([1e300, 1e300]) == 2.0
    assert effective_n([1e-300, 1e-300]) == 2.0


@pytest.mark.parametrize("weight", [0.0, -1.0, math.nan, math.inf])
def test_weights_must_be_positive_and_finite(weight: float) -> None:
    with pytest.raises(StatisticsError, match="weights must be positive and finite"):
        effective_n([1.0, weight])


@given(st.lists(st.floats(0.01, 100), min_size=1), st.floats(0.01, 100))
def test_effective_n_ignores_the_unit_of_weights(weights: list[float], factor: float) -> None:
    found = effective_n(weights)

    assert effective_n([weight * factor for weight in weights]) == pytest.approx(found)
    assert 1 - 1e-9 <= found <= len(weights) * (1 + 1e-9)
