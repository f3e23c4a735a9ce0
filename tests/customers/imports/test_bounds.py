"""PG3, PG7: what a hostile file may cost, measured in processes with limits of their own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from regulars.customers.imports import unpack

PROGRAM = """
import json, resource, sys, time
sys.path.insert(0, sys.argv[1])
import importlib.util
spec = importlib.util.spec_from_file_location("unpack", sys.argv[2])
unpack = importlib.util.module_from_spec(spec)
spec.loader.exec_module(unpack)
from pathlib import Path
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
began = time.process_time()
try:
    unpack.guard_archive(Path(sys.argv[3]))
    said = "let through"
except unpack.RefusedError as refused:
    said = str(refused)
took = time.process_time() - began
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([said, took, grown / 1024]))
"""


def zipped(folder: Path, *entries: tuple[str, bytes]) -> Path:
    path = folder / "file.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return path


def nested(depth: int) -> bytes:
    content = b" " * 5_000_000
    for level in range(depth):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr(f"{level}.zip", content)
        content = file.getvalue()
    return content


@pytest.mark.parametrize(
    "entries",
    [
        [("xl/worksheets/sheet1.xml", b"<a/>" * 14_000_000)],
        [(f"xl/{number}.xml", b"x" * 100) for number in range(20_000)],
    ],
    ids=["56 MB in 55 kB", "20,000 entries"],
)
def test_a_bomb_costs_next_to_nothing(tmp_path: Path, entries: list[tuple[str, bytes]]) -> None:
    path = zipped(tmp_path, *entries)

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), unpack.__file__, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )

    said, seconds, megabytes = json.loads(done.stdout)
    assert said == "bomb"
    assert megabytes <= 20
    assert seconds <= 0.2 if len(entries) == 1 else seconds <= 2


def run(tmp_path: Path, content: bytes) -> tuple[dict[str, object], float]:
    """What the unpacking program says, and the most memory in MB that it ever held."""
    (tmp_path / "file").write_bytes(content)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-P", unpack.__file__, str(tmp_path / "file"), str(tmp_path)]
    )
    _pid, _status, used = os.wait4(process.pid, 0)
    process.returncode = 0
    assert time.monotonic() - began < unpack.SECONDS
    told = tmp_path / "info.json"
    return (json.loads(told.read_text()) if told.exists() else {}), used.ru_maxrss / 1024


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'name,email\n"' + b"a" * 60_000_000, "broken_quotes"),
        (b"a," * 2_000_000 + b"\n1\n", "too_wide"),
        (b"a,b\n" + b"1,2\n" * 1_000_001, "too_many_rows"),
        (b"[" * 1_000_000, "unreadable"),
    ],
    ids=["one quoted line of 60 MB", "two million columns", "a million rows", "deep JSON"],
)
@pytest.mark.longer
def test_a_hostile_table_is_refused_within_its_memory(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    info, megabytes = run(tmp_path, content)

    assert info == {"error": reason}
    assert megabytes <= 1_000
