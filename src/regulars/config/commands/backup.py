"""`regulars backup`: writes one file with everything but the secrets."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--keep", type=click.IntRange(min=1), help="Delete all but the newest N in FOLDER.")
def backup(folder: Path | None, keep: int | None) -> None:
    """Write a backup into FOLDER (default: “backups” in the data folder), while all goes on.

    It holds the database and the uploaded files. The keys that sign and encrypt are not inside:
    save them once with `regulars secrets export`.
    """
    import django

    django.setup()
    from django.conf import settings
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from regulars.config.backup import making

    place = folder or Path(settings.DATA) / "backups"
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, transient=True) as progress:
        bar = progress.add_task("database", total=None)
        made = making.make(place, advance=lambda name: progress.update(bar, description=name))
    click.echo(f"{made} ({made.stat().st_size / 1e6:.1f} MB)")
    if keep is not None:
        for old in making.forget_old(place, keep=keep):
            click.echo(f"deleted {old}")
