"""False alarms: the EWMA rule against "moved more than 10 points since last week".

python bench/stats_trends.py        prints JSON; alarms a year per department that never changed
"""

import json
import time

import numpy as np

from regulars.stats import scores, trends

YEARS, WEEKS, DEPARTMENTS = 200, 52, 10
CHANCES = (0.5, 0.3, 0.2)


def year(generator: np.random.Generator, answers: int) -> tuple[int, int]:
    """First rings of the EWMA rule (0 or 1) and naive alarms in a year after learning."""
    drawn = generator.multinomial(answers, CHANCES, size=trends.LEARNING_PERIODS + WEEKS)
    weeks = [scores.nps({10: int(p), 8: int(n), 0: int(d)}) for p, n, d in drawn]
    rang = bool(trends.watch(weeks, streams=DEPARTMENTS).alarms)
    values = (drawn[-WEEKS - 1 :, 0] - drawn[-WEEKS - 1 :, 2]) / answers * 100
    return int(rang), int(np.sum(np.abs(np.diff(values)) > 10))


def main() -> None:
    generator = np.random.default_rng(1)
    figures: dict[str, object] = {"years": YEARS, "accepted_a_year": 1 / DEPARTMENTS}
    start = time.perf_counter()
    for answers in (5, 10, 20, 50):
        rung = np.array([year(generator, answers) for _ in range(YEARS)])
        ewma, naive = rung.mean(axis=0)
        figures[f"{answers}_answers_a_week"] = {"ewma": float(ewma), "naive": float(naive)}
    figures["seconds"] = round(time.perf_counter() - start, 2)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
