"""PI8: the list of parts names everything that the lock installs, with the hash of each file."""

from __future__ import annotations

import json
from pathlib import Path

from tools import parts

ROOT = Path(__file__).resolve().parents[2]


def test_every_locked_part_is_listed_with_its_hashes() -> None:
    locked = [
        line.split("==")[0].split("[")[0]
        for line in (ROOT / "requirements" / "app.txt").read_text("utf-8").splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    ]

    listed = parts.list_of_parts()["components"]

    assert {one["name"] for one in listed} == set(locked)
    assert [one["name"] for one in listed if not one["hashes"]] == []
    assert {len(one["content"]) for part in listed for one in part["hashes"]} == {64}
    assert len({one["bom-ref"] for one in listed}) == len(listed)


def test_it_is_written_as_cyclonedx(tmp_path: Path) -> None:
    target = tmp_path / "out" / "parts.json"

    assert parts.main([str(target)]) == 0

    written = json.loads(target.read_text("utf-8"))
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.5")
    assert written["metadata"]["component"]["name"] == "regulars"
    assert "pkg:pypi/django@" in json.dumps(written)
