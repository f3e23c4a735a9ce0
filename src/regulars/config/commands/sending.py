"""`regulars sending`: whether messages may leave this installation."""

from __future__ import annotations

import click


@click.command()
@click.argument("state", type=click.Choice(["on", "off"]), required=False)
def sending(state: str | None) -> None:
    """Say whether messages may leave, or switch it on or off.

    A restored copy sends nothing until this says `on`: the original might still be running, and
    customers would get everything twice.
    """
    import django

    django.setup()
    from regulars.core import installation

    if state == "on":
        installation.allow_sending(by=None)
    elif state == "off":
        installation.forbid_sending(by=None)
    allowed = installation.sending_allowed()
    click.echo("Messages are sent." if allowed else "Nothing is sent: regulars sending on")
