"""`regulars check`: what is wrong with this installation, and the way out."""

from __future__ import annotations

import click


@click.command()
def check() -> None:
    """Say what is wrong here. Exit status 1 when Regulars would refuse to start."""
    import django

    django.setup()
    from regulars.config import boot
    from regulars.config.commands.migrate import refuse_with

    refuse_with(boot.problems())
    click.echo("Ready to start.")
