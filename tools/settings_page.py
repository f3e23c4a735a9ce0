"""Writes docs/install/settings.md from regulars.config.variables.

python tools/settings_page.py            write the page
python tools/settings_page.py --check    exit status 1 when it is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "install" / "settings.md"
sys.path.insert(0, str(ROOT / "src"))

from regulars.config import variables  # noqa: E402  (the path is made above)

INTRODUCTION = """\
# Settings

Nothing has to be set: without any variable Regulars runs on this computer with a SQLite file.
Each setting is an environment variable; a wrong value is refused at the start, by name. This page
is written by `python tools/settings_page.py`; do not edit it.

| variable | what it is for | may be | default |
|---|---|---|---|
"""


def main() -> int:
    if "--check" in sys.argv:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == written_page()
        print("current" if current else "stale: run python tools/settings_page.py")
        return 0 if current else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(written_page(), encoding="utf-8")
    return 0


def written_page() -> str:
    return INTRODUCTION + "".join(row(variable) for variable in variables.ALL)


def row(variable: variables.Variable[object]) -> str:
    default = variable.means or str(variable.default).replace(str(Path.home()), "~")
    if variable.default is False:
        default = "no"
    elif variable.default is None and not variable.means:
        default = ""
    cells = [
        f"`{variable.name}`",
        variable.help,
        variable.may_be,
        f"`{default}`" if default else "",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    sys.exit(main())
