"""Charts: one specification, three media."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from regulars.core import assets
from regulars.core.charts import Chart

ROWS = [
    {"name": "May", "value": 31.5, "low": 20, "high": 43},
    {"name": "June", "value": 1234.25, "low": -3, "high": 2000},
]
COLUMNS = [("name", "Month"), ("value", "Score"), ("low", "from"), ("high", "to")]
SPECS = sorted(
    file.name.removesuffix(".vl.json")
    for file in (assets.PACKAGES / "core" / "chart_specs").glob("*.vl.json")
)


@pytest.mark.parametrize("spec", SPECS)
def test_every_specification_is_drawn_as_svg(spec: str) -> None:
    assets.build(Path(settings.DATA) / "assets")

    svg = Chart(spec, "Score", ROWS, COLUMNS).svg(width=400)

    assert svg.startswith("<svg")
    assert "FiraGO" in svg
    assert ">June<" in svg
    assert "NaN" not in svg


def test_the_table_behind_says_the_same() -> None:
    with translation.override("hu"):
        rows = Chart("trend", "Score", ROWS, COLUMNS).table_rows

    assert rows == [
        [("May", False), ("31,5", True), ("20", True), ("43", True)],
        [("June", False), ("1\xa0234,25", True), ("−3", True), ("2\xa0000", True)],
    ]


def test_axis_titles_and_rows_are_filled_in() -> None:
    chart = Chart("columns", "Score", ROWS, COLUMNS, summary="Up.", titles={"value": "Points"})

    spec = chart.filled_spec()

    assert spec["encoding"]["y"]["title"] == "Points"
    assert spec["data"] == {"values": ROWS}
    assert spec["description"] == "Up."


def test_numbers_are_written_as_the_language_does() -> None:
    with translation.override("bg"):
        locale = Chart("bars", "Score", ROWS, COLUMNS).browser_spec()["locale"]

    assert (locale["decimal"], locale["thousands"]) == (",", "\xa0")
