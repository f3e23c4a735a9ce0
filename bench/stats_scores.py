"""Ten thousand score intervals and comparisons at once; one interval alone; a cold start.

python bench/stats_scores.py        prints JSON, seconds unless named otherwise
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from regulars.stats import many, scores

ROWS = 10_000


def best_of(times: int, work: Callable[[], object]) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return round(min(found), 6)


def intervals_and_comparisons(now: np.ndarray, before: np.ndarray) -> many.Comparisons:
    return many.compare(many.score(now, measure=scores.NPS), many.score(before, measure=scores.NPS))


def cold_start() -> float:
    program = "from regulars.stats import scores; scores.nps([1] * 11)"
    return best_of(3, lambda: subprocess.run([sys.executable, "-c", program], check=True))


def main() -> None:
    generator = np.random.default_rng(1)
    now, before = generator.poisson(5, size=(2, ROWS, 11))
    one = [int(count) for count in now[0]]
    score = scores.nps(one)
    figures = {
        "rows": ROWS,
        "scores_of_both_periods_and_comparisons": best_of(
            5, lambda: intervals_and_comparisons(now, before)
        ),
        "one_score": best_of(200, lambda: scores.nps(one)),
        "one_comparison": best_of(200, lambda: scores.compare(score, score)),
        "process_that_shows_one_score": cold_start(),
        "aim": {"scores_of_both_periods_and_comparisons": 0.5},
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
