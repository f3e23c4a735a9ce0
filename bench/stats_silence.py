"""Raking a million answers to four margins, plain and trimmed.

python bench/stats_silence.py       prints JSON, seconds
"""

import json
import time

import numpy as np

from regulars.stats.silence import rake

ROWS = 1_000_000
CATEGORIES = (4, 6, 10, 12)


def main() -> None:
    generator = np.random.default_rng(1)
    columns = [generator.integers(0, size, ROWS) for size in CATEGORIES]
    margins = [generator.dirichlet(np.full(size, 5.0)) for size in CATEGORIES]
    figures: dict[str, object] = {"rows": ROWS, "categories": CATEGORIES}
    for name, cap in (("plain", None), ("trimmed_at_5", 5.0)):
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            raked = rake(columns, margins, cap=cap)
            seconds.append(time.perf_counter() - start)
        figures[name] = {
            "seconds": round(min(seconds), 4),
            "rounds": raked.rounds,
            "effective_n": round(raked.effective_n),
        }
    figures["aim"] = {"plain": 0.2}
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
