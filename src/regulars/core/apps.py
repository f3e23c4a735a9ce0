from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "regulars.core"
    label = "core"

    def ready(self) -> None:
        """Find every package's kinds of moments, reactions and tasks."""
        autodiscover_modules("moments", "reactions", "tasks")
