"""`regulars backup`: writes one file with everything but the secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def told(first: str) -> Iterator[Callable[[str], object]]:
    """A line that says what is being done, and for how long; it goes when all is done.

    Where nobody sits before it (a timer, another command), nothing is written.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        bar = progress.add_task(first, total=None)
        yield lambda name: progress.update(bar, description=name)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="Delete all but the newest N in FOLDER; those of the nights stay.",
)
def backup(folder: Path | None, keep: int | None) -> None:
    """Write a backup into FOLDER (default: REGULARS_BACKUPS), while all goes on.

    It holds the database and the uploaded files. The keys that sign and encrypt are not inside:
    save them once with `regulars secrets export`.
    """
    import django

    django.setup()
    from regulars.config.backup import making, nightly

    place = folder or nightly.backup_folder()
    with told("database") as advance:
        made = making.make(place, advance=advance)
    click.echo(f"{made} ({made.stat().st_size / 1e6:.1f} MB)")
    if keep is not None:
        for old in making.forget_old(place, making.BY_HAND, keep=keep):
            click.echo(f"deleted {old}")
