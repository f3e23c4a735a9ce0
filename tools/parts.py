"""Writes the list of parts that a release is made of (an SBOM) as CycloneDX 1.5.

    python tools/parts.py [file]        default: dist/regulars-<version>.cdx.json

From requirements/app.txt, which the lock writes: every package with its version and the SHA-256 of
each file that may be installed. Nothing is asked elsewhere. Known vulnerabilities of the same list:
CONTRIBUTING.md, “Dependencies”.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_PART = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def main(arguments: list[str]) -> int:
    version = _project()["version"]
    target = Path(arguments[0]) if arguments else ROOT / "dist" / f"regulars-{version}.cdx.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    parts = list_of_parts()
    target.write_text(json.dumps(parts, indent=2) + "\n", "utf-8")
    print(f"{len(parts['components'])} parts in {target}")
    return 0


def list_of_parts() -> dict[str, Any]:
    """The document."""
    project = _project()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:pypi/{project['name']}@{project['version']}",
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
                "purl": f"pkg:pypi/{project['name']}@{project['version']}",
            }
        },
        "components": [
            _component(name, version, hashes) for name, version, hashes in _locked_parts()
        ],
    }


def _component(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    address = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    return {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": version,
        "purl": address,
        "hashes": [{"alg": "SHA-256", "content": one} for one in sorted(hashes)],
    }


def _locked_parts() -> list[tuple[str, str, list[str]]]:
    text = (ROOT / "requirements" / "app.txt").read_text("utf-8").replace("\\\n", " ")
    found: dict[tuple[str, str], list[str]] = {}
    for line in text.splitlines():
        part = _PART.match(line)
        if part:
            found.setdefault((part["name"], part["version"]), []).extend(_HASH.findall(line))
    return [(name, version, hashes) for (name, version), hashes in sorted(found.items())]


def _project() -> dict[str, Any]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
