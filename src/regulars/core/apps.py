from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from regulars.core.waiting import take_turns


class CoreConfig(AppConfig):
    name = "regulars.core"
    label = "core"

    def ready(self) -> None:
        """Find what every package declares: moments, reactions, tasks, nightly checks, words."""
        autodiscover_modules("moments", "reactions", "tasks", "soundness", "audit_words")
        connection_created.connect(take_turns)
        post_migrate.connect(complete_database, sender=self)


def complete_database(using: str, plan: Any = None, **_: Any) -> None:
    """After migrations: what one of them may have dropped, and the state's row."""
    from regulars.core import finding, installation, triggers  # models are loaded by now

    triggers.install(connections[using])
    finding.install(connections[using])
    installation.ensure(using)
