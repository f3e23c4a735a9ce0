"""Runs docs/notebooks/cdnow.ipynb without Jupyter and writes what it shows beside it.

python tools/notebook.py            writes cdnow.md and its pictures

In Jupyter: `.venv/bin/python -m pip install notebook`, then
`.venv/bin/jupyter notebook docs/notebooks/cdnow.ipynb`.
"""

import ast
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs" / "notebooks" / "cdnow.ipynb"


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return found


def run(source: str, namespace: dict[str, Any]) -> Any:
    """Executes one cell; gives the value of its last expression, as a notebook shows it."""
    tree = ast.parse(source)
    shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, str(NOTEBOOK), "exec"), namespace)
    if not isinstance(shown, ast.Expr):
        return None
    return eval(compile(ast.Expression(shown.value), str(NOTEBOOK), "eval"), namespace)


def main() -> None:
    namespace: dict[str, Any] = {}
    page = ["<!-- Written by tools/notebook.py from cdnow.ipynb. -->", ""]
    pictures = 0
    for cell in cells():
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            page += [source, ""]
            continue
        shown = run(source, namespace)
        if hasattr(shown, "_repr_svg_"):
            pictures += 1
            picture = NOTEBOOK.with_name(f"cdnow-{pictures}.svg")
            picture.write_text(shown._repr_svg_(), encoding="utf-8")
            page += [f"![Picture {pictures}]({picture.name})", ""]
        elif shown is not None:
            page += ["```", str(shown), "```", ""]
    NOTEBOOK.with_suffix(".md").write_text("\n".join(page), encoding="utf-8")
    print(f"wrote {NOTEBOOK.with_suffix('.md').relative_to(ROOT)} and {pictures} pictures")


if __name__ == "__main__":
    main()
