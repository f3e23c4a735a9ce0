from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CustomersConfig(AppConfig):
    name = "regulars.customers"
    label = "customers"

    def ready(self) -> None:
        """Find what each package puts on a customer’s page, and what of its rows grows old."""
        autodiscover_modules("customer_page", "retention")
