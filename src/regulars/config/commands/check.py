"""`regulars check`: what is wrong with this installation, and the way out."""

from __future__ import annotations

import click


@click.command()
def check() -> None:
    """Say what is wrong here. Exit status 1 when Regulars would refuse to start."""
    import django

    django.setup()
    from regulars.config import boot

    problems = boot.problems()
    for problem in problems:
        click.echo(f"{'Refused' if problem.stops else 'Warning'}: {problem.text}")
    if any(problem.stops for problem in problems):
        raise SystemExit(1)
    click.echo("Ready to start.")
