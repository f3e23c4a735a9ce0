"""Writes docs/develop/statistics.md from the checks in tests/stats.

python tools/stats_page.py            write the page
python tools/stats_page.py --check    only say whether it is current (exit status 1 if not)
"""

import ast
import importlib
import inspect
import pkgutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "develop" / "statistics.md"
TESTS = ROOT / "tests" / "stats"

for folder in (ROOT, ROOT / "src"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from tests.stats.published import REGISTRY, Check  # noqa: E402

from regulars import stats  # noqa: E402  (the path is made above)

INTRODUCTION = """\
# The statistics, for statisticians

Every number that the product shows comes from `regulars.stats`: pure functions on numpy and
scipy, usable from a notebook without the rest. This page lists each module's methods and every
published figure that they are checked against. It is written by `python tools/stats_page.py` from
the tests in `tests/stats`, which compute the last column anew on every run; do not edit it.

"Published" is what the source prints; "computed" is ours, rounded to the same number of decimals.

Beside it: [the CDNOW notebook as it runs](../notebooks/cdnow.md), speed and memory
([fits](../results/stats-value.md), [the rest](../results/stats-speed.md)) and [whether the tests
notice changes](../results/stats-mutation.md), also where [the tests are
slow](../results/stats-mutation-slow.md). Tests marked `oracle` compare with statsmodels and
lifetimes, where they are installed: `pytest -m oracle tests/stats`.

## Which interval is shown, and which one never dips

Pages show score intervals: Wilson's for shares, Tango's for the NPS, Newcombe's hybrid for
differences, and Student's t for means of grades. They hold 95 % on average over populations. They
cannot hold it in every population: near 0 and 1 Wilson's covers .84 at any n, Tango's .86 when one
answer in hundreds differs, and t .79 where nearly everybody gives one grade; the tables of
`intervals` below have the figures, computed by enumerating every possible result. They are shown
all the same because they are the shortest that hold on average, and because their limits can be
checked against what is printed elsewhere.

Where the floor matters more than the width there is `scores.cautious`: Clopper & Pearson's exact
interval for shares and Gaffke's, which contains it, for balances and means. Enumeration of every
result of 10, 20 and 50 answers finds no population in which it covers less than 95 %. Differences
of two such scores cover at least 93 % (plain ones 88 %).
"""


def main() -> int:
    page = written_page()
    if "--check" in sys.argv:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page
        print("current" if current else "stale: run python tools/stats_page.py")
        return 0 if current else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}: {len(REGISTRY)} checks")
    return 0


def written_page() -> str:
    """The page's text, with every check computed."""
    for path in sorted(TESTS.rglob("test_*.py")):
        if imports_published(path):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    by_subject: dict[str, list[Check]] = {}
    for check in REGISTRY.values():
        by_subject.setdefault(subject_of(check), []).append(check)
    subjects = sorted({*module_names(), *by_subject})
    return INTRODUCTION + "".join(section(name, by_subject.get(name, [])) for name in subjects)


def imports_published(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "tests.stats.published"
        for node in ast.walk(tree)
    )


def subject_of(check: Check) -> str:
    """tests.stats.buying.test_bgnbd → buying.bgnbd."""
    parts = check.module.split(".")[2:]
    return ".".join([*parts[:-1], parts[-1].removeprefix("test_")])


def module_names() -> list[str]:
    prefix = stats.__name__ + "."
    return [
        found.name.removeprefix(prefix)
        for found in pkgutil.walk_packages(stats.__path__, prefix)
        if not found.ispkg and not found.name.rpartition(".")[2].startswith("_")
    ]


def section(name: str, checks: list[Check]) -> str:
    try:
        module = importlib.import_module(f"{stats.__name__}.{name}")
    except ModuleNotFoundError:
        module = importlib.import_module(checks[0].module)
    text = f"\n## `{name}`\n\n{inspect.getdoc(module) or ''}\n"
    return text + functions_table(module) + checks_table(checks)


def functions_table(module: object) -> str:
    rows = [
        f"| `{name}` | {cell(first_sentence(thing))} |\n"
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == getattr(module, "__name__", "")
        and not name.startswith("test_")
        and inspect.getdoc(thing)
    ]
    return "\n| name | what it gives |\n|---|---|\n" + "".join(rows) if rows else ""


def first_sentence(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def checks_table(checks: list[Check]) -> str:
    if not checks:
        return ""
    head = "\n| method | source | check | published | computed | |\n|---|---|---|---|---|---|\n"
    return head + "".join(row(check) for check in sorted(checks, key=order))


def order(check: Check) -> tuple[str, str, str]:
    return (check.method, check.source, check.check)


def row(check: Check) -> str:
    limit = {"equal": "", "at least": "≥ ", "at most": "≤ "}[check.direction]
    columns = [
        check.method,
        check.source,
        check.check,
        limit + shown(check.expected, check.digits),
        shown(check.actual, check.digits),
        "agrees" if check.agrees else "**DIFFERS**",
    ]
    return "| " + " | ".join(cell(column) for column in columns) + " |\n"


def shown(values: dict[str, float] | dict[str, str], digits: int) -> str:
    plain = all(not name or name.isdigit() for name in values)
    parts = [
        (number(value, digits) if plain else f"{name} {number(value, digits)}")
        for name, value in values.items()
    ]
    return ", ".join(parts)


def number(value: float | str, digits: int) -> str:
    if isinstance(value, str):
        return value
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and float(text) == 0 else text


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
