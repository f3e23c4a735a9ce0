"""`regulars restore`: brings a backup back, or only proves that it could."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit

import click

from regulars.config import supervisor, variables


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--verify", is_flag=True, help="Restore into a place that is thrown away.")
@click.option(
    "--erasures",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The journal of erasures (erasures.jsonl) of the installation that was lost.",
)
def restore(file: Path, verify: bool, erasures: Path | None) -> None:
    """Restore FILE into this installation, which must be empty.

    Every file is compared with the backup's manifest, the database checks itself, and rows are
    counted. Whoever was erased after the backup, by the journal in this data folder and by
    --erasures, is erased again. The restored copy sends nothing until `regulars sending on`.
    Nothing starts with a restore that was broken off: run it again, and it begins anew.
    Bring the keys back first: `regulars secrets import`.
    """
    if verify:
        _verify(file)
        return
    import django

    django.setup()
    from regulars.config.backup import making
    from regulars.config.backup.archive import BackupError
    from regulars.config.commands.backup import told

    try:
        with supervisor.sole_supervisor(variables.DATA.read()), told("unpacking") as advance:
            manifest = making.bring_back(file.absolute(), erasures=erasures, advance=advance)
    except supervisor.AlreadyRunningError as error:
        raise click.ClickException(f"Regulars is running with the data in {error}.") from error
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    rows, files = sum(manifest.rows.values()), len(manifest.files)
    click.echo(f"Restored and checked: {rows} rows, {files} files, from {manifest.created_at}.")
    if not making.has_the_same_secrets(manifest):
        click.echo(
            "The keys here are not those of the backup: saved passwords, second factors and links "
            "cannot be read. Run: regulars secrets import FILE"
        )
    click.echo("Nothing is sent from this copy. When it is the real one: regulars sending on")


def _verify(file: Path) -> None:
    """Restore in a process of its own, into an installation that exists for this only."""
    with tempfile.TemporaryDirectory(prefix="regulars-verify-") as folder, _database() as url:
        done = subprocess.run(  # noqa: S603  # our own command
            [sys.executable, "-m", "regulars", "restore", str(file.absolute())],
            env=os.environ | {"REGULARS_DATA": folder, "REGULARS_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise click.ClickException((done.stderr or done.stdout).strip().removeprefix("Error: "))
    click.echo(done.stdout.splitlines()[0])


@contextmanager
def _database() -> Iterator[str]:
    """An empty database on the same engine: nothing but the folder for SQLite."""
    url = urlsplit(variables.DATABASE_URL.read())
    if not url.scheme.startswith("postgres"):
        yield ""
        return
    import psycopg

    name = f"regulars_verify_{token_hex(6)}"
    with psycopg.connect(urlunsplit(url), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(url._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
