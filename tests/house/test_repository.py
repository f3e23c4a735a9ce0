"""Rules of the repository that a linter does not know."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "regulars"
CAPABILITIES = sorted(path.parent for path in SOURCE.glob("*/apps.py"))
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "services.py", "managers.py", "misc.py", "common.py"}
WRITES = {"save", "create", "delete", "bulk_create", "bulk_update", "update_or_create"}
BINARY = {".png", ".jpg", ".ico", ".woff2", ".pdf", ".xlsx", ".npz", ".zip", ".gz", ".bin", ".svg"}
# Fields that hold something measured, never money or points.
MEASURED = {"typical_gap"}
MARKING = {"mark_safe", "SafeString", "SafeText"}
# The places that hand markup on without escaping it, each with its reason.
MAY_MARK_SAFE = {"core/templatetags/ui.py": "components are rendered by escaping templates"}


def tracked() -> list[Path]:
    """What the repository holds; every file where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def modules(*names: str) -> list[Path]:
    """Modules of a capability's layers, as files or as folders."""
    return [
        path
        for package in CAPABILITIES
        if package.name != "core"  # the mechanisms themselves
        for name in names
        for path in [package / f"{name}.py", *(package / name).rglob("*.py")]
        if path.is_file()
    ]


def attributes(path: Path) -> Iterator[tuple[int, ast.Attribute]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node


def shown(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_no_file_is_named_after_nothing() -> None:
    found = [path for path in tracked() if path.name in FORBIDDEN_NAMES]

    assert found == []


def test_views_and_endpoints_reach_rows_through_queries_only() -> None:
    found = [
        shown(path, line)
        for path in modules("views", "api")
        for line, node in attributes(path)
        if node.attr in {"objects", "_default_manager"}
    ]

    assert found == []


def test_views_endpoints_and_forms_write_nothing_themselves() -> None:
    found = [
        shown(path, node.lineno)
        for path in modules("views", "api", "forms")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and not _calls_an_action(node.func)
    ]

    assert found == []


def _calls_an_action(function: ast.Attribute) -> bool:
    """`actions.create(…)`, `@router.delete(…)`, `code.save(…)` of a QR code: not of a row."""
    base = function.value
    while isinstance(base, ast.Attribute):
        base = base.value
    return isinstance(base, ast.Name) and base.id in {"actions", "messages", "router", "code"}


def test_money_and_points_are_never_floats() -> None:
    found = [
        shown(path, line)
        for path in modules("models")
        for line, node in attributes(path)
        if node.attr in {"FloatField", "DecimalField"}
        and path.read_text(encoding="utf-8").splitlines()[line - 1].split()[0] not in MEASURED
    ]

    assert found == []


def test_markup_is_escaped_everywhere() -> None:
    found = [
        shown(path, node.lineno)
        for path in sorted(SOURCE.rglob("*.py"))
        if path.relative_to(SOURCE).as_posix() not in MAY_MARK_SAFE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in MARKING
    ]
    found += [
        str(path.relative_to(ROOT))
        for path in sorted(SOURCE.rglob("templates/**/*.html"))
        if "|safe" in path.read_text(encoding="utf-8")
        or "autoescape off" in path.read_text(encoding="utf-8")
    ]

    assert found == []


def test_no_query_is_written_by_hand_in_a_capability() -> None:
    """`raw()` and `extra()` take what somebody typed too easily."""
    found = [
        shown(path, node.lineno)
        for package in CAPABILITIES
        for path in sorted(package.rglob("*.py"))
        if package.name != "core"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"raw", "extra", "RawSQL"}
    ]

    assert found == []


def test_every_text_file_ends_properly() -> None:
    found = []
    for path in tracked():
        if path.suffix in BINARY or path.stat().st_size == 0:
            continue
        content = path.read_bytes()
        if b"\0" in content:
            continue
        if not content.endswith(b"\n") or content.endswith(b"\n\n") or b"\r\n" in content:
            found.append(str(path.relative_to(ROOT)))

    assert found == []


def test_nothing_names_a_registry_in_the_locked_requirements() -> None:
    found = [
        path.name
        for path in sorted((ROOT / "requirements").glob("*.txt"))
        if "://" in path.read_text() or "--index" in path.read_text()
    ]

    assert found == []


@pytest.mark.parametrize("name", ["app", "dev", "build", "uv"])
def test_every_locked_requirement_has_a_hash(name: str) -> None:
    blocks = (ROOT / "requirements" / f"{name}.txt").read_text().split("\n\n")
    lines = "\n".join(blocks).replace("\\\n", "").splitlines()

    assert [line for line in lines if line.strip() and "--hash=sha256:" not in line] == []


def test_the_lock_holds_every_dependency() -> None:
    """`tools/lock` was run after the last change of pyproject.toml."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = content["project"]["dependencies"]
    for group in ("dev", "oracles"):
        wanted = [*wanted, *content["dependency-groups"][group]]
    locked = (ROOT / "requirements" / "dev.txt").read_text()
    names = {re.split(r"[\[<>=!~; ]", line)[0].lower().replace("_", "-") for line in wanted}

    pattern = r"^{}(\[.*\])?=="
    missing = [n for n in names if not re.search(pattern.format(re.escape(n)), locked, re.M)]

    assert missing == []
