"""What every public page's shell needs. Lazy: other pages do not read it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from regulars.business import queries as business
from regulars.business.models import Business
from regulars.core.templatetags.ui import LANGUAGE_NAMES
from regulars.portal import queries


def portal(request: HttpRequest) -> dict[str, Any]:
    """`portal`: the business's name, colour and address, the language's own name."""
    return {"portal": Portal()}


class Portal:
    """Read by the templates."""

    @cached_property
    def _business(self) -> Business:
        return business.the_business()

    @property
    def name(self) -> str:
        """The business's name."""
        return self._business.name

    @property
    def postal_address(self) -> str:
        """Its postal address."""
        return self._business.postal_address

    @property
    def logo_url(self) -> str:
        """The logo; empty where there is none."""
        logo = self._business.logo
        return reverse("business:logo", args=[logo]) if logo else ""

    @property
    def colour_url(self) -> str:
        """The style sheet with the business's colour; empty where none was chosen."""
        colour = self._business.colour.lstrip("#")
        return reverse("portal:colour", args=[colour]) if len(colour) == 6 else ""

    @property
    def care_url(self) -> str:
        """The form by which customers write to the business; empty where there is none."""
        line = queries.care_form()
        return reverse("feedback:say", args=[line.code]) if line else ""

    @property
    def language_name(self) -> str:
        """The language of the page, in itself."""
        return LANGUAGE_NAMES[get_language() or "en"]
