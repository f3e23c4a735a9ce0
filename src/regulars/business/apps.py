from django.apps import AppConfig


class BusinessConfig(AppConfig):
    name = "regulars.business"
    label = "business"

    def ready(self) -> None:
        """Absolute links are made from the business's public address."""
        from regulars.business import queries
        from regulars.core import links

        links.read_address_with(queries.public_url)
