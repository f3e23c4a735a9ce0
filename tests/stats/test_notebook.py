"""The notebook runs, in a plain namespace, and reproduces what it says."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebooks" / "cdnow.ipynb"


def run(cells: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Namespace and pictures; the last expression of a cell is shown, as usual."""
    namespace: dict[str, Any] = {}
    pictures = []
    for source in cells:
        tree = ast.parse(source)
        shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, str(NOTEBOOK), "exec"), namespace)
        if isinstance(shown, ast.Expr):
            expression = ast.Expression(shown.value)
            result = eval(compile(expression, str(NOTEBOOK), "eval"), namespace)
            if hasattr(result, "_repr_svg_"):
                pictures.append(result._repr_svg_())
    return namespace, pictures


def test_the_notebook_reproduces_the_published_figures() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]

    namespace, pictures = run(codes)

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
