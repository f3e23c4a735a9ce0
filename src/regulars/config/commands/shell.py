"""`regulars shell`: Python with this installation's data at hand."""

from __future__ import annotations

import click


@click.command()
def shell() -> None:
    """Open a Python shell with every model imported. For those who carry the project on."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("shell")
