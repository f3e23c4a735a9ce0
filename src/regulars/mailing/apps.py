from django.apps import AppConfig


class MailingConfig(AppConfig):
    name = "regulars.mailing"
    label = "mailing"

    def ready(self) -> None:
        """Providers' reports are read by `tracking`."""
        from anymail.signals import tracking as reported

        from regulars.mailing import tracking

        reported.connect(tracking.receive, dispatch_uid="regulars.mailing")
