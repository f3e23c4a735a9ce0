"""Scores, drivers, raking and alerts against their aims, and time and memory against rows.

python bench/stats_speed.py

Runs stats_scores.py, stats_drivers.py, stats_silence.py and stats_trends.py, each in its own
process, then scores and raking from 10^3 to 10^6 rows. Writes stats-speed.md, .json and .svg in
docs/results.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from stats_value import RESULTS, alone, machine, peak_growth, time_and_memory

BENCH = Path(__file__).resolve().parent
SIZES = [10**3, 10**4, 10**5, 10**6]


def figures_of(script: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, str(BENCH / script)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def scored(rows: int) -> object:
    from regulars.stats import many, scores

    histograms = np.random.default_rng(1).poisson(5, size=(rows, 11))
    return peak_growth(lambda: many.score(histograms, measure=scores.NPS))


def compared(rows: int) -> object:
    from regulars.stats import many, scores

    now, before = np.random.default_rng(1).poisson(5, size=(2, rows, 11))
    measure = scores.NPS
    return peak_growth(
        lambda: many.compare(many.score(now, measure=measure), many.score(before, measure=measure))
    )


def raked(rows: int) -> object:
    from regulars.stats.silence import rake

    generator = np.random.default_rng(1)
    sizes = (4, 6, 10, 12)
    columns = [
        np.concatenate([np.arange(size), generator.integers(0, size, rows - size)])
        for size in sizes
    ]
    margins = [generator.dirichlet(np.full(size, 5.0)) for size in sizes]
    return peak_growth(lambda: rake(columns, margins))


WORKS = {
    "NPS intervals": scored,
    "comparisons of two periods": compared,
    "raking to 4 margins": raked,
}


def page(record: dict[str, dict]) -> str:
    scores, drivers = record["scores"], record["drivers"]
    rake, trends = record["silence"], record["trends"]
    both = scores["scores_of_both_periods_and_comparisons"]
    rows = [
        ("10,000 comparisons, with the 20,000 intervals they need", both, 0.5),
        ("one score alone", scores["one_score"], None),
        ("one comparison alone", scores["one_comparison"], None),
        ("a new process that shows one score", scores["process_that_shows_one_score"], None),
        ("LMG with 12 drivers, 1,000 rows", drivers["lmg"], 0.1),
        ("Johnson's weights of the same", drivers["relative_weights"], None),
        ("the same ranked with 1,000 draws", drivers["ranked_with_1000_bootstrap_draws"], None),
        ("raking 1,000,000 answers to 4 margins", rake["plain"]["seconds"], 0.2),
        ("the same, weights cut at 5", rake["trimmed_at_5"]["seconds"], None),
    ]
    lines = [
        "# How fast the statistics are",
        "",
        f"Measured by `python bench/stats_speed.py` in one run on: {record['machine']}; the best",
        f"of several rounds each. Load average when it began: {record['load']:.1f} (above 1 other",
        "work was running). Fits of customers' value: [stats-value.md](stats-value.md).",
        "",
        "| what | seconds | aim, at most |",
        "|---|---|---|",
    ]
    lines += [f"| {what} | {took:.6g} | {aim or '–'} |" for what, took, aim in rows]
    lines += [
        "",
        "## Time and memory against rows",
        "",
        "![Seconds and memory against rows](stats-speed.svg)",
        "",
        "Memory is what the process grows by at its peak, beyond the data.",
        "",
        "| what | rows | seconds | MB |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {each['way']} | {each['rows']:,} | {each['seconds']:.4f} | {each['megabytes']:.0f} |"
        for each in record["rows"]
    ]
    lines += [
        "",
        "## False alarms",
        "",
        "A year in each of ten departments that never change; alarms per department and year. The",
        f"owner accepts {trends['accepted_a_year']:g}. The naive rule is a move of more than 10",
        "points since last week.",
        "",
        "| answers a week | first rings of the EWMA rule | alarms of the naive rule |",
        "|---|---|---|",
    ]
    for answers in (5, 10, 20, 50):
        found = trends[f"{answers}_answers_a_week"]
        lines.append(f"| {answers} | {found['ewma']:.2f} | {found['naive']:.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    record: dict[str, object] = {"machine": machine(), "load": os.getloadavg()[0]}
    for name in ("scores", "drivers", "silence", "trends"):
        record[name] = figures_of(f"stats_{name}.py")
        print(name, json.dumps(record[name]), flush=True)
    measured = []
    for way, work in WORKS.items():
        for rows in SIZES:
            measured.append({"way": way, "rows": rows, **alone(work, rows)})
            print(json.dumps(measured[-1]), flush=True)
    record["rows"] = measured
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "stats-speed.json").write_text(json.dumps(record, indent=1) + "\n")
    (RESULTS / "stats-speed.md").write_text(page(record))
    (RESULTS / "stats-speed.svg").write_text(time_and_memory(measured, across="rows"))


if __name__ == "__main__":
    main()
