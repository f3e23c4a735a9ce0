"""Fits of BG/NBD from 10^4 to 10^7 customers, ours against `lifetimes`, in one run.

python bench/stats_value.py [--quick]

Two shops: customers who joined within 12 weeks and were watched for 39, and customers who joined
over three years. Purchases are simulated from CDNOW's parameters in whole days. Ours starts from
one (x, t_x, T) per customer and includes the deduplication; `lifetimes` gets its best way, the
deduplicated rows with weights too, and once every customer by itself. Each fit runs in its own
process, whose growth of resident memory at the peak is measured. Writes stats-value.md, .json and
.svg in docs/results.
"""

import json
import multiprocessing
import os
import platform
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results"
R, ALPHA, A, B = 0.243, 4.414 * 7, 0.793, 2.426
SHOPS = {"12 weeks": (84, 273), "three years": (1096, 1096)}
SIZES = [10**4, 10**5, 10**6, 10**7]
LARGEST_FOR_LIFETIMES = 10**6


def simulated(customers: int, shop: str, seed: int = 1) -> tuple[np.ndarray, ...]:
    """x, t_x, T in whole days; visits of one day count once."""
    joining, until = SHOPS[shop]
    random = np.random.default_rng(seed)
    age = until - random.integers(0, joining, customers)
    rate, leaving = random.gamma(R, 1 / ALPHA, customers), random.beta(A, B, customers)
    x = np.zeros(customers, dtype=np.int32)
    t_x = np.zeros(customers, dtype=np.int32)
    clock = np.zeros(customers)
    there = np.arange(customers)
    while len(there):
        clock[there] += random.exponential(size=len(there)) / np.maximum(rate[there], 1e-12)
        there = there[clock[there] < age[there]]
        day = clock[there].astype(np.int32)
        x[there] += day > t_x[there]
        t_x[there] = np.maximum(t_x[there], day)
        there = there[random.random(len(there)) >= leaving[there]]
    return x, t_x, age.astype(np.int32)


def ours(rows: tuple[np.ndarray, ...]) -> dict[str, object]:
    from regulars.stats.buying import bgnbd
    from regulars.stats.purchases import deduplicate

    histories = deduplicate(*rows)
    model = bgnbd.fit(histories)
    return {"rows": len(histories), "parameters": [model.r, model.alpha, model.a, model.b]}


def lifetimes_plain(rows: tuple[np.ndarray, ...]) -> dict[str, object]:
    return _lifetimes(rows, None)


def lifetimes_weighted(rows: tuple[np.ndarray, ...]) -> dict[str, object]:
    unique, weights = np.unique(np.column_stack(rows), axis=0, return_counts=True)
    return _lifetimes(tuple(unique.T), weights)


def _lifetimes(rows: tuple[np.ndarray, ...], weights: np.ndarray | None) -> dict[str, object]:
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter

    model = BetaGeoFitter()
    model.fit(rows[0], rows[1] / 7, rows[2] / 7, weights=weights)
    return {"rows": len(rows[0]), "parameters": model.params_.tolist()}


FITS = {
    "ours": ours,
    "lifetimes, weighted rows": lifetimes_weighted,
    "lifetimes, every customer": lifetimes_plain,
}


def measured(way: str, customers: int, shop: str) -> dict[str, object]:
    """Seconds and peak megabytes beyond the data, in a fresh process."""
    return {"way": way, "customers": customers, "shop": shop, **alone(_fit, way, customers, shop)}


def alone(work: Callable[..., object], *arguments: object) -> dict[str, object]:
    """What `work` returns in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_sent, args=(send, work, *arguments))
    process.start()
    send.close()
    try:
        result = receive.recv()
    except EOFError:
        result = {"failed": "the process ended without a result"}
    process.join()
    return result


def _sent(send: object, work: Callable[..., object], *arguments: object) -> None:
    send.send(work(*arguments))


def _fit(way: str, customers: int, shop: str) -> dict[str, object]:
    data = simulated(customers, shop)
    try:
        FITS[way](simulated(2000, shop, seed=2))  # imports and first calls are not counted
    except FAILURES:
        print(f"{way} did not converge on 2,000 customers")
    result: dict[str, object] = {}

    def fit() -> None:
        try:
            result.update(FITS[way](data))
        except FAILURES as error:
            result["failed"] = type(error).__name__

    return {**peak_growth(fit, rounds=1), **result}


FAILURES = (ValueError, ArithmeticError)  # the ConvergenceError of lifetimes is a ValueError


def peak_growth(work: Callable[[], object], rounds: int = 3) -> dict[str, float]:
    """Seconds by the clock and of the processor (the best of `rounds`), megabytes at the peak."""
    with Path("/proc/self/clear_refs").open("w") as file:
        file.write("5")  # resets the peak of resident memory
    before = _kilobytes("VmRSS")
    seconds, cpu = [], []
    for _ in range(rounds):
        start, worked = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - worked)
    growth = (_kilobytes("VmHWM") - before) / 1024
    return {"seconds": min(seconds), "cpu": min(cpu), "megabytes": growth}


def _kilobytes(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def machine() -> str:
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    total = int(Path("/proc/meminfo").read_text().split()[1]) / 1024**2
    cores = multiprocessing.cpu_count()
    return (
        f"{model}, {cores} cores, {total:.0f} GB; Python {platform.python_version()}, "
        f"numpy {np.__version__}"
    )


def page(results: list[dict[str, object]], load: float) -> str:
    lines = [
        "# How fast customers' value is fitted",
        "",
        "BG/NBD from one (x, t_x, T) per customer to parameters and their covariance, measured by",
        f"`python bench/stats_value.py` in one run on: {machine()}.",
        f"Load average when it began: {load:.1f} (above 1 other work was running), so the seconds",
        "of the processor stand in brackets behind those of the clock; `times faster` (than",
        "weighted, plain) is the ratio of the processor's seconds.",
        "",
        "Ours includes merging equal rows. `lifetimes` 0.11.3 is given weighted rows (merging",
        "included) and every customer by itself; it is left out where it would take too long.",
        "Memory is what the process grows by at its peak, beyond the data. The largest",
        "difference is between our parameters and those of `lifetimes` on weighted rows.",
        "",
        "![Seconds and memory against customers](stats-value.svg)",
        "",
        "| joining within | customers | rows | ours, s | ours, MB | lifetimes weighted, s | MB"
        " | lifetimes plain, s | MB | times faster | largest difference |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for shop in SHOPS:
        for size in sorted({result["customers"] for result in results}):
            found = {r["way"]: r for r in results if (r["shop"], r["customers"]) == (shop, size)}
            lines.append(table_row(shop, size, *(found.get(way, {}) for way in FITS)))
    return "\n".join(lines) + "\n"


def table_row(shop: str, size: int, mine: dict, weighted: dict, plain: dict) -> str:
    faster = " / ".join(
        f"{other['cpu'] / mine['cpu']:.0f}" for other in (weighted, plain) if "parameters" in other
    )
    gap = "–"
    if "parameters" in weighted:
        gap = f"{np.abs(np.subtract(mine['parameters'], weighted['parameters'])).max():.5f}"
    cells = [shop, f"{size:,}", f"{mine['rows']:,}", f"{mine['seconds']:.3f} ({mine['cpu']:.3f})"]
    cells.append(f"{mine['megabytes']:.0f}")
    for other in (weighted, plain):
        if other.get("failed"):
            cells += [f"failed: {other['failed']}", "–"]
        elif other:
            cells += [f"{other['seconds']:.1f} ({other['cpu']:.1f})", f"{other['megabytes']:.0f}"]
        else:
            cells += ["–", "–"]
    return "| " + " | ".join([*cells, faster or "–", gap]) + " |"


def picture(results: list[dict[str, object]]) -> str:
    return time_and_memory(
        [each for each in results if "parameters" in each], across="customers", dashed="shop"
    )


def time_and_memory(
    results: list[dict[str, object]], *, across: str, dashed: str | None = None
) -> str:
    """Seconds and megabytes side by side, logarithmic, as SVG."""
    import vl_convert

    values = [
        {
            across: each[across],
            "value": max(each[key], floor),
            "what": what,
            "way": each["way"],
            "dashed": each[dashed] if dashed else "",
        }
        for each in results
        for key, what, floor in (("seconds", "seconds", 1e-4), ("megabytes", "megabytes", 1))
    ]
    encoding = {
        "x": {"field": across, "type": "quantitative", "scale": {"type": "log"}},
        "y": {
            "field": "value",
            "type": "quantitative",
            "scale": {"type": "log"},
            "title": None,
        },
        "color": {"field": "way", "type": "nominal", "title": None},
    }
    if dashed:
        encoding["strokeDash"] = {"field": "dashed", "type": "nominal", "title": "joining within"}
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "facet": {"column": {"field": "what", "title": None, "sort": ["seconds", "megabytes"]}},
        "resolve": {"scale": {"y": "independent"}},
        "spec": {
            "width": 320,
            "height": 260,
            "mark": {"type": "line", "point": True},
            "encoding": encoding,
        },
    }
    return vl_convert.vegalite_to_svg(spec, vl_version="5.20")


def main() -> None:
    sizes = SIZES[:2] if "--quick" in sys.argv else SIZES
    results = []
    load = os.getloadavg()[0]
    for shop in SHOPS:
        for size in sizes:
            for way in FITS:
                if way != "ours" and size > LARGEST_FOR_LIFETIMES:
                    continue
                results.append(measured(way, size, shop))
                print(json.dumps(results[-1]), flush=True)
    if "--quick" in sys.argv:
        return
    RESULTS.mkdir(parents=True, exist_ok=True)
    record = {"machine": machine(), "load": load, "results": results}
    (RESULTS / "stats-value.json").write_text(json.dumps(record, indent=1) + "\n")
    (RESULTS / "stats-value.md").write_text(page(results, load))
    (RESULTS / "stats-value.svg").write_text(picture(results))


if __name__ == "__main__":
    main()
