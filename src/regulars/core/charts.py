"""Charts: one Vega-Lite specification a kind, kept as a file, filled with rows here.

The browser draws them with the bundle that vl-convert carries; mail and PDF get the same as SVG.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language

Text = str | Promise
Row = Mapping[str, Any]

# The paper's colours for media that have no style sheet (mail, PDF); sRGB of the tokens.
PAPER: Final = {"ink": "#2b1b26", "muted": "#675a62", "line": "#ebe1dc", "accent": "#792351"}
HONEY: Final = "#e8b04b"


@dataclass(frozen=True)
class Chart:
    """A chart ready for a page.

    `spec` names a file: `bars` (core's own) or `insight:trend` (a package's, in its
    `chart_specs` folder). `columns` are (key, label) of what the table behind it shows, the
    first one names the row. `titles` replaces axis titles, `values` sets the spec's parameters.
    `summary` says in one sentence what is to be seen.
    """

    spec: str
    title: Text
    rows: Sequence[Row]
    columns: Sequence[tuple[str, Text]]
    summary: Text = ""
    titles: Mapping[str, Text] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def id(self) -> str:
        """The id of the chart's data on the page."""
        return f"chart-{uuid4().hex[:8]}"

    @property
    def labels(self) -> list[Text]:
        """The table's heads."""
        return [label for _key, label in self.columns]

    @property
    def table_rows(self) -> list[list[tuple[str, bool]]]:
        """(text, is a number) per cell of the table behind the chart."""
        return [[_cell(row.get(key)) for key, _label in self.columns] for row in self.rows]

    def filled_spec(self) -> dict[str, Any]:
        """The Vega-Lite specification with its rows, titles and values."""
        spec: dict[str, Any] = json.loads(_spec_text(self.spec))
        spec["data"] = {"values": [dict(row) for row in self.rows]}
        if isinstance(spec.get("height"), dict):
            # One band a row; Vega-Lite's own step does not go together with a fluid width.
            spec["height"] = spec["height"]["step"] * len({row["name"] for row in self.rows})
        spec["description"] = str(self.summary or self.title)
        for parameter in spec.get("params", []):
            if parameter["name"] in self.values:
                parameter["value"] = self.values[parameter["name"]]
        _retitle(spec, {key: str(title) for key, title in self.titles.items()})
        return spec

    def browser_spec(self) -> dict[str, Any]:
        """What the page's `<vega-chart>` draws, with the language's way of writing numbers."""
        return {"spec": self.filled_spec(), "locale": number_locale()}

    def svg(self, *, width: int = 560) -> str:
        """The chart as SVG for mail and PDF, `width` in px, in FiraGO and the paper's colours."""
        import vl_convert

        vl_convert.register_font_directory(str(Path(settings.DATA) / "fonts"))
        spec = self.filled_spec() | {"width": width}
        text: str = vl_convert.vegalite_to_svg(
            spec,
            config=paper_config(),
            format_locale=number_locale(),
            allowed_base_urls=[],
        )
        return text


def _cell(value: Any) -> tuple[str, bool]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ("" if value is None else str(value)), False
    text = number_format(round(value, 2), use_l10n=True, force_grouping=True)
    return text.replace("-", "−"), True


@lru_cache(maxsize=64)
def _spec_text(name: str) -> str:
    package, _colon, file = name.rpartition(":")
    folder = resources.files(f"regulars.{package or 'core'}") / "chart_specs"
    return (folder / f"{file}.vl.json").read_text("utf-8")


def _retitle(node: Any, titles: Mapping[str, str]) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("field"), str) and node["field"] in titles and "title" in node:
            node["title"] = titles[node["field"]]
        for child in node.values():
            _retitle(child, titles)
    elif isinstance(node, list):
        for child in node:
            _retitle(child, titles)


def number_locale() -> dict[str, Any]:
    """How the active language writes numbers, as d3-format wants to know it."""
    from babel import Locale

    symbols = Locale.parse((get_language() or "en").replace("-", "_")).number_symbols["latn"]
    return {
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "grouping": [3],
        "currency": ["", ""],
        "minus": "−",
    }


def paper_config() -> dict[str, Any]:
    """Vega-Lite's config for paper: the same looks as `vega-chart.js` takes from the tokens."""
    return {
        "font": "FiraGO",
        "background": "transparent",
        "view": {"stroke": None},
        "mark": {"color": PAPER["accent"]},
        "rule": {"color": PAPER["accent"]},
        "point": {"color": PAPER["accent"], "opacity": 1},
        "axis": {
            "labelColor": PAPER["muted"],
            "titleColor": PAPER["muted"],
            "gridColor": PAPER["line"],
            "domainColor": PAPER["line"],
            "tickColor": PAPER["line"],
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "legend": {"labelColor": PAPER["ink"], "titleColor": PAPER["muted"]},
        "range": {"category": [PAPER["accent"], HONEY, "#2f6b4a", "#3f6687", PAPER["muted"]]},
        "style": {"band": {"fillOpacity": 0.22}, "mean": {"strokeDash": [5, 4]}},
    }
