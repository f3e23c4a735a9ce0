"""`regulars migrate`: brings database, static files and catalogues up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from regulars.config.boot import Problem


@click.command()
def migrate() -> None:
    """Bring the database and the files up to date with this version. Safe to repeat."""
    import django

    django.setup()
    from django.core.management import call_command

    from regulars.config import boot

    refuse_with(boot.before_migrating())
    sweep()
    steps: dict[str, Callable[[], object]] = {
        "Database": lambda: call_command("migrate", verbosity=0, interactive=False),
        "Cache": lambda: call_command("createcachetable", verbosity=0),
        "Files": collect_files,
    }
    _run(steps)
    require_catalogues()
    refuse_with(boot.problems())


def refuse_with(problems: list[Problem]) -> None:
    """Print every problem; end with status 1 where one of them stops."""
    for problem in problems:
        click.echo(f"{'Refused' if problem.stops else 'Warning'}: {problem.text}", err=True)
    if any(problem.stops for problem in problems):
        raise click.exceptions.Exit(1)


def _run(steps: dict[str, Callable[[], object]]) -> None:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, transient=True) as progress:
        bar = progress.add_task("", total=len(steps))
        for name, step in steps.items():
            progress.update(bar, description=name)
            step()
            progress.advance(bar)


def sweep() -> None:
    """Delete the half-made copies that killed backups and restores have left."""
    from django.conf import settings

    from regulars.config.backup import nightly, workshop

    for folder in (settings.DATA, nightly.backup_folder()):
        workshop.sweep(folder)


def collect_files() -> None:
    """Build what comes from other packages' wheels, then collect all static files under hashes.

    Does nothing when no source changed since the last time.
    """
    from django.conf import settings
    from django.core.management import call_command

    from regulars.core import assets

    assets.build(settings.DATA / "assets")
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    sources = fingerprint_of_sources()
    if stamp.exists() and stamp.read_text() == sources:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(sources)


def fingerprint_of_sources() -> str:
    """Changes when a static file appears, vanishes, grows or is written anew."""
    from django.contrib.staticfiles.finders import get_finders

    lines = []
    for finder in get_finders():
        for path, storage in finder.list([]):
            known = Path(storage.path(path)).stat()
            lines.append(f"{path}\0{known.st_size}\0{known.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def require_catalogues() -> None:
    """Without compiled catalogues every page would silently be English."""
    from regulars.config import settings

    sources = sorted(settings.PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po"))
    for source in sources:
        if not source.with_suffix(".mo").exists():
            raise click.ClickException(
                f"{source} is not compiled. Run: python tools/messages.py compile"
            )
