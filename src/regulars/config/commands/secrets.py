"""`regulars secrets`: saves and brings back the keys, which no backup holds."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
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
    from regulars.config import folders
    from regulars.config import secrets as kept

    try:
        found = kept.parse(file.read_text())
    except ValueError as error:
        raise click.ClickException(f"{file} holds no keys of Regulars.") from error
    target = folders.data_folder() / kept.FILE_NAME
    with _while_stopped(target.parent):
        if target.exists():
            before = kept.parse(target.read_text())
            if before == found:
                click.echo("These are the keys already.")
                return
            kept.set_aside(target, before)
        kept.replace(target, found)
    click.echo(f"{target} is in place.")


@secrets.command("rotate")
@click.option(
    "--drop-old",
    is_flag=True,
    help="Forget the old keys afterwards; backups from before then need the saved keys.",
)
def rotate(drop_old: bool) -> None:
    """Encrypt everything with a new key. Stop Regulars first.

    The new key is in the file before anything is encrypted with it, so whatever happens on the
    way, every value stays readable; run it again to finish. The keys from before are kept beside
    until the old ones are dropped.
    """
    from regulars.config import secrets as kept
    from regulars.config import variables

    if variables.FIELD_KEYS.read():
        raise click.ClickException(
            "The keys come from REGULARS_FIELD_KEYS. Put a new one in front of them there, then "
            "run: regulars secrets reencrypt"
        )
    folder = variables.DATA.read()
    with _while_stopped(folder):
        count = _rotate(folder / kept.FILE_NAME, drop_old=drop_old)
    click.echo(f"{count} stored secrets are encrypted with a new key. Save it: secrets export")


@secrets.command("reencrypt")
def reencrypt() -> None:
    """Encrypt everything with the first key, after a new one was put in front."""
    click.echo(f"{_reencrypt()} stored secrets are encrypted with the first key.")


@contextmanager
def _while_stopped(folder: Path) -> Iterator[None]:
    from regulars.config.supervisor import AlreadyRunningError, sole_supervisor

    try:
        with sole_supervisor(folder):
            yield
    except AlreadyRunningError as error:
        raise click.ClickException("Regulars is running here. Stop it first.") from error


def _rotate(path: Path, *, drop_old: bool) -> int:
    from cryptography.fernet import Fernet

    from regulars.config import secrets as kept
    from regulars.config import settings  # makes the file where there is none

    before = settings.SECRETS
    aside = path.with_name(f"{kept.FILE_NAME}.before-rotation")
    kept.replace(aside, before)
    new = Fernet.generate_key().decode()
    both = kept.Secrets(before.key, (new, *before.field_keys))
    kept.replace(path, both)
    settings.SECRETS = both
    count = _reencrypt()
    if drop_old:
        kept.replace(path, kept.Secrets(before.key, (new,)))
        aside.unlink()
    return count


def _reencrypt() -> int:
    import django

    django.setup()
    from regulars.core import crypto

    return crypto.reencrypt_everything()
