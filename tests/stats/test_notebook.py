"""The notebook runs, in a plain namespace, and reproduces what it says."""

from typing import Any

import pytest

from tools import notebook


def test_the_notebook_reproduces_the_published_figures() -> None:
    cells = notebook.cells()
    namespace: dict[str, Any] = {}
    shown = [
        notebook.run("".join(cell["source"]), namespace)
        for cell in cells
        if cell["cell_type"] == "code"
    ]
    pictures = [each._repr_svg_() for each in shown if hasattr(each, "_repr_svg_")]

    assert namespace["counts"] == {
        "customers": 2357,
        "rows": 1016,
        "repeat buyers": 946,
        "repeat purchases": 2457.0,
    }
    assert {
        name: [round(v, 3) for v in found] for name, found in namespace["parameters"].items()
    } == {
        "BG/NBD": [0.243, 4.414, 0.793, 2.426, -9582.429],
        "Pareto/NBD": [0.553, 10.578, 0.606, 11.669, -9594.976],
        "Gamma-Gamma": [6.25, 3.744, 15.444],
    }
    assert namespace["error_at_week_78"] == pytest.approx(-0.04, abs=5e-4)
    assert namespace["auc"]["probability alive"] < 0.5 < namespace["auc"]["chance of a purchase"]
    assert namespace["tests"]["pareto_nbd"].inside
    assert len(pictures) == 3
    assert all(picture.startswith("<svg") for picture in pictures)
    assert all(not cell.get("outputs") for cell in cells)


def test_what_it_shows_is_beside_it() -> None:
    page = notebook.NOTEBOOK.with_suffix(".md").read_text(encoding="utf-8")

    for number in (1, 2, 3):
        assert f"](cdnow-{number}.svg)" in page
        picture = notebook.NOTEBOOK.with_name(f"cdnow-{number}.svg")
        assert picture.read_text(encoding="utf-8").startswith("<svg")
    for cell in notebook.cells():
        if cell["cell_type"] == "markdown":
            assert "".join(cell["source"]) in page
