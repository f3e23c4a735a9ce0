from django.apps import AppConfig


class MailingConfig(AppConfig):
    name = "regulars.mailing"
    label = "mailing"
