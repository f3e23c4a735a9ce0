"""`regulars demo`: loads the demo company, or removes it again."""

from __future__ import annotations

import click


@click.command()
@click.option("--leave", is_flag=True, help="Remove the demo company and all that was done in it.")
def demo(leave: bool) -> None:
    """Load a café with three months of made-up customers; nobody is ever written to."""
    import django

    django.setup()
    from regulars.console import demo as company
    from regulars.core.errors import DomainError

    try:
        if leave:
            company.end(by=None)
            click.echo("The demo company is gone.")
            return
        with click.progressbar(length=1, label="Loading the demo company") as bar:

            def told(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            company.begin(by=None, progress=told)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo("Open Regulars and look around. `regulars demo --leave` removes it again.")
