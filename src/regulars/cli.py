"""The `regulars` command line. Each command's module is imported only when it is called."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any

import click

# Command → where it is written. Grows with each capability.
COMMANDS: dict[str, str] = {
    "up": "regulars.config.commands.up:up",
    "work": "regulars.config.commands.work:work",
    "migrate": "regulars.config.commands.migrate:migrate",
    "check": "regulars.config.commands.check:check",
    "claim": "regulars.config.commands.claim:claim",
    "backup": "regulars.config.commands.backup:backup",
    "restore": "regulars.config.commands.restore:restore",
    "sending": "regulars.config.commands.sending:sending",
    "secrets": "regulars.config.commands.secrets:secrets",
    "demo": "regulars.config.commands.demo:demo",
    "import": "regulars.config.commands.imports:import_",
    "text": "regulars.text.cli:text",
    "shell": "regulars.config.commands.shell:shell",
}


class LazyCommands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands that exist, in the order of the list above."""
        return [name for name, place in COMMANDS.items() if _exists(place)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None when there is none of that name."""
        place = COMMANDS.get(cmd_name)
        if place is None or not _exists(place):
            return None
        module, _, attribute = place.partition(":")
        found: click.Command = getattr(importlib.import_module(module), attribute)
        return found


def _exists(place: str) -> bool:
    return importlib.util.find_spec(place.partition(":")[0]) is not None


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="regulars")
def group(**_: Any) -> None:
    """Regulars turns customers into regulars. `regulars up` starts it."""


def main() -> None:
    """The entry point: a clear message instead of a traceback where the settings cannot work."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
    from regulars.config.variables import ConfigurationError

    try:
        group()
    except ConfigurationError as error:
        click.echo(f"regulars: {error}", err=True)
        sys.exit(2)
