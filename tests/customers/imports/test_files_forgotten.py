"""Uploaded files whose import is gone are swept up."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.test import override_settings
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.customers.imports import batches, files


def test_old_folders_without_an_import_are_swept_up(owner: Staff, tmp_path: Path) -> None:
    with override_settings(DATA=tmp_path):
        assert batches.forget_stale() == 0
        names = []
        for name in ("kept", "gone", "uploaded this minute"):
            batch = batches.begin([b"name\nAnna"], file_name=name, kind="", by=owner)
            names.append(batch.public_id)
            if name != "kept":
                batch.delete()
        week_ago = (timezone.now() - timedelta(days=8)).timestamp()
        for name in names[:2]:
            os.utime(files.folders() / name, (week_ago, week_ago))

        batches.forget_stale()

        assert {path.name for path in files.folders().iterdir()} == {names[0], names[2]}
