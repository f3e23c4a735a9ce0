"""`regulars up`: everything that an installation needs, with one command."""

from __future__ import annotations

import os
import sys

import click

from regulars.config import folders, processes, supervisor, variables

# What “every address of this computer” is reached at.
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound


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
        with (
            supervisor.sole_supervisor(folders.data_folder()),
            processes.sole_server(port),
        ):
            _serve(host, port)
    except supervisor.AlreadyRunningError as error:
        raise click.ClickException(
            f"Regulars is already running with the data in {error}. "
            "Stop it first, or choose another folder with REGULARS_DATA."
        ) from error
    except processes.PortTakenError as error:
        raise _port_in_use(port) from error


def _serve(host: str, port: int) -> None:
    _require_free(host, port)
    _run("migrate")
    _require_free(host, port)  # that took a while
    kept = supervisor.Supervisor(
        children=supervisor.children(
            host=host,
            port=port,
            web_workers=max(1, variables.WEB_WORKERS.read()),
            queue_workers=variables.QUEUE_WORKERS.read(),
        ),
        say=lambda text: click.echo(text, err=True),
    )
    home = home_of(host, port)
    kept.run(
        once_ready=lambda: _welcome(home),
        health_url=f"http://{_written(_ANY.get(host, host))}:{port}/healthz",
    )
    click.echo("Regulars has stopped.")


def home_of(host: str, port: int) -> str:
    """The address at which this computer reaches the web server that listens on `host`."""
    is_here = host in _ANY or host in {"127.0.0.1", "::1"}
    return f"http://{'localhost' if is_here else _written(host)}:{port}"


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _require_free(host: str, port: int) -> None:
    if not processes.is_port_free(host, port):
        raise _port_in_use(port)


def _port_in_use(port: int) -> click.ClickException:
    return click.ClickException(
        f"Port {port} is in use by another program. Choose another one: "
        f"regulars up --port {port + 1}"
    )


def _welcome(home: str) -> None:
    click.echo(f"\n  Regulars is ready: {home}\n")
    _run("claim", "--origin", home, "--if-free")
    click.echo("  Ctrl-C stops it.\n")


def _run(*command: str) -> None:
    status = processes.run([sys.executable, "-m", "regulars", *command])
    if status:
        raise click.exceptions.Exit(status)
