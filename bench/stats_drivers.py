"""LMG and relative weights of twelve drivers, and their bootstrap.

python bench/stats_drivers.py       prints JSON, seconds
"""

import json
import time
from collections.abc import Callable

import numpy as np

from regulars.stats import drivers

ROWS, DRIVERS = 1_000, 12


def best_of(times: int, work: Callable[[], object]) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return round(min(found), 5)


def main() -> None:
    generator = np.random.default_rng(1)
    x = generator.normal(size=(ROWS, DRIVERS)) + generator.normal(size=(ROWS, 1))
    y = x @ np.linspace(0, 1, DRIVERS) + 3 * generator.normal(size=ROWS)
    names = [f"driver {i}" for i in range(DRIVERS)]
    figures = {
        "rows": ROWS,
        "drivers": DRIVERS,
        "lmg": best_of(5, lambda: drivers.lmg(x, y)),
        "relative_weights": best_of(5, lambda: drivers.relative_weights(x, y)),
        "ranked_with_1000_bootstrap_draws": best_of(2, lambda: drivers.rank(names, x, y)),
        "aim": {"lmg": 0.1},
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
