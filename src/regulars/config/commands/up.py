"""`regulars up`: everything that an installation needs, with one command."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from regulars.config import processes, supervisor, variables


@click.command()
@click.option(
    "--host", default=None, help="Address to listen on; 0.0.0.0 lets the shop's own network in."
)
@click.option("--port", type=int, default=None, help="Port of the web server.")
def up(host: str | None, port: int | None) -> None:
    """Set up what is missing and serve: web pages and background work. Ctrl-C ends everything."""
    host = host or variables.HOST.read()
    port = port or variables.PORT.read()
    # What an option says holds for the checks before the start as well.
    os.environ[variables.HOST.name] = host
    os.environ[variables.PORT.name] = str(port)
    try:
        with supervisor.sole_supervisor(variables.DATA.read()):
            _serve(host, port)
    except supervisor.AlreadyRunningError as error:
        raise click.ClickException(
            f"Regulars is already running with the data in {error}. "
            "Stop it first, or choose another folder with REGULARS_DATA."
        ) from error


def _serve(host: str, port: int) -> None:
    if not processes.is_port_free(host, port):
        raise click.ClickException(
            f"Port {port} is in use by another program. Choose another one: "
            f"regulars up --port {port + 1}"
        )
    _run("migrate")
    kept = supervisor.Supervisor(
        children=supervisor.children(
            host=host,
            port=port,
            web_workers=max(1, variables.WEB_WORKERS.read()),
            queue_workers=variables.QUEUE_WORKERS.read(),
        ),
        say=lambda text: click.echo(text, err=True),
    )
    home = f"http://localhost:{port}"
    asked = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104  # compared, not bound
    kept.run(
        once_ready=lambda: _welcome(home),
        health_url=f"http://{f'[{asked}]' if ':' in asked else asked}:{port}/healthz",
    )
    click.echo("Regulars has stopped.")


def _welcome(home: str) -> None:
    click.echo(f"\n  Regulars is ready: {home}\n")
    _run("claim", "--origin", home, "--if-free")
    click.echo("  Ctrl-C stops it.\n")


def _run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", "regulars", *command], check=False)  # noqa: S603  # our own command
    if done.returncode:
        raise click.exceptions.Exit(done.returncode)
