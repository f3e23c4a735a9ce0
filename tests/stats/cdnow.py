"""The CDNOW sample of Fader & Hardie: every purchase of 2,357 customers in 1997 and 1998.

One in ten of the customers who first bought in the first twelve weeks of 1997. The file comes with
the package `lifetimes`; it is read without importing that package.
"""

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from regulars.stats.purchases import CustomerHistories, Floats, Histories, customer_histories

START, CALIBRATED, END = "1997-01-01", "1997-09-30", "1998-06-30"


@dataclass(frozen=True)
class Purchases:
    customers: list[int]
    days: list[str]
    amounts: list[float]


@functools.cache
def purchases() -> Purchases:
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "CDNOW_sample.txt"
    rows = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    return Purchases(
        customers=[int(row[1]) for row in rows],
        days=[f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}" for row in rows],
        amounts=[float(row[4]) for row in rows],
    )


@functools.cache
def customers() -> CustomerHistories:
    """As of the end of the 39 weeks that the literature calibrates on."""
    bought = purchases()
    return customer_histories(bought.customers, bought.days, CALIBRATED, amounts=bought.amounts)


@functools.cache
def calibration() -> Histories:
    return customers().deduplicated()


def weeks_of_first() -> Floats:
    """When each customer first bought, in weeks since the start of 1997."""
    return np.asarray((customers().first - np.datetime64(START)) / np.timedelta64(7, "D"))


def later_purchases() -> Floats:
    """Repeat purchases of each customer in the 39 weeks after the calibration."""
    bought = purchases()
    whole = customer_histories(bought.customers, bought.days, END)
    return np.asarray(whole.x - customers().x, dtype=np.float64)
