"""What the fork server loads once, and what each process forked from it runs first."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
import django.db.backends.postgresql.base
from django.core.validators import validate_email
from django.db import connections
from django.urls import get_resolver

django.setup()
# What each process would otherwise load again, for a second or two.
get_resolver().reverse_dict.keys()
validate_email("somebody@example.com")


def run_code(
    code: str, arguments: list[str], variables: dict[str, str], url: str, output: str
) -> None:
    """Become a process of the installation at `url` and execute `code`."""
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(written, 1)
    os.dup2(written, 2)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    os.environ.update(variables)
    sys.argv = ["-c", *arguments]
    _use_database(url, Path(output).parent)
    try:
        exec(compile(code, "<stage>", "exec"), {"__name__": "__main__"})
    except Exception:
        traceback.print_exc()
        raise SystemExit(1) from None
    finally:
        sys.stdout.flush()
        connections.close_all()


def _use_database(url: str, folder: Path) -> None:
    from django.conf import settings

    from regulars.config.database import database_settings

    settings.DATA = folder
    settings.DATABASES = {"default": database_settings(url, folder=folder)}
    connections._settings = settings.DATABASES
    connections.__dict__.pop("settings", None)
    if hasattr(connections._connections, "default"):
        del connections["default"]
