"""PI1: a backup that was tampered with writes nothing outside of its folder."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from regulars.config.backup import archive

MANIFEST = {
    "engine": "sqlite",
    "created_at": "",
    "instance_id": "",
    "secrets": "",
    "versions": {},
    "migrations": [],
    "rows": {},
    "format": archive.FORMAT,
}


def packed(target: Path, *more: tarfile.TarInfo) -> Path:
    content = json.dumps(MANIFEST).encode()
    with tarfile.open(target, "w:gz") as tar:
        manifest = tarfile.TarInfo(archive.MANIFEST)
        manifest.size = len(content)
        tar.addfile(manifest, io.BytesIO(content))
        for member in more:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return target


def member(name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    made.size = 1 if kind == tarfile.REGTYPE else 0
    return made


@pytest.mark.parametrize(
    "wrong",
    [
        member("../outside"),
        member("/tmp/regulars-outside"),
        member("media/../../outside"),
        member("link", kind=tarfile.SYMTYPE, link="/etc/passwd"),
        member("hard", kind=tarfile.LNKTYPE, link=archive.MANIFEST),
        member("device", kind=tarfile.CHRTYPE),
    ],
    ids=lambda wrong: wrong.name,
)
def test_nothing_is_written_outside(tmp_path: Path, wrong: tarfile.TarInfo) -> None:
    made = packed(tmp_path / "backup.tar.gz", wrong)
    folder = tmp_path / "inside"
    folder.mkdir()

    with pytest.raises(archive.BackupError):
        archive.unpack(made, folder)

    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        ["backup.tar.gz", "inside", archive.MANIFEST]
    )


def test_an_untouched_one_is_unpacked(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()

    assert archive.unpack(packed(tmp_path / "b.tar.gz"), folder).engine == "sqlite"
