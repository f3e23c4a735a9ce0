"""`regulars secrets`: saves and brings back the keys, which no backup holds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click


@click.group()
def secrets() -> None:
    """Save and bring back the keys that sign and encrypt. No backup holds them: keep them apart."""


@secrets.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(file: Path) -> None:
    """Write the keys to FILE, readable by its owner only. Refuses to write over a file."""
    from regulars.config import settings

    kept = {"key": settings.SECRETS.key, "field_keys": list(settings.SECRETS.field_keys)}
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise click.ClickException(f"{file} exists already. Choose another name.") from error
    with os.fdopen(descriptor, "w") as out:
        json.dump(kept, out)
    click.echo(f"Written to {file}. Keep it away from the backups, where only you can read it.")


@secrets.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def import_(file: Path) -> None:
    """Bring back the keys from FILE. Stop Regulars first; the keys it has now are kept beside."""
    from regulars.config import secrets as kept
    from regulars.config import variables

    try:
        found = kept.parse(file.read_text())
    except ValueError as error:
        raise click.ClickException(f"{file} holds no keys of Regulars.") from error
    target = variables.DATA.read() / kept.FILE_NAME
    if target.exists():
        if kept.parse(target.read_text()) == found:
            click.echo("These are the keys already.")
            return
        target.replace(target.with_name(f"{kept.FILE_NAME}.before-import"))
    kept.write(target, found)
    click.echo(f"{target} is in place.")
