"""`regulars claim`: prints the one-time link by which the first owner takes the installation."""

from __future__ import annotations

import click


@click.command()
@click.option("--origin", default="http://localhost:8000", help="Where this computer reaches it.")
@click.option("--if-free", is_flag=True, help="Say nothing when there is an owner already.")
def claim(origin: str, if_free: bool) -> None:
    """Print a new one-time link for the first owner; earlier links stop working."""
    import django

    django.setup()
    from regulars.accounts.actions import claiming

    link = claiming.new_claim_link()
    if link is None:
        if not if_free:
            raise click.ClickException("This installation has an owner already.")
        return
    click.echo(f"  Open this link once to become its owner:\n  {origin}{link}\n")
