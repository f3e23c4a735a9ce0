"""What every console page's shell needs. Lazy: a page without the shell costs nothing."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from regulars.business import queries as business
from regulars.console import navigation, setting_up
from regulars.console.navigation import Link
from regulars.core.access import Permission

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell` (navigation, names), `theme` and the page's language."""
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return {
        "shell": Shell(request),
        "theme": theme if theme in THEMES else "",
        "LANGUAGE_CODE": getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE),
    }


class Shell:
    """Read by the templates; each part is worked out when it is first asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def name(self) -> str:
        """The business's name, or the product's until there is one."""
        return business.the_business().name or "Regulars"

    @cached_property
    def permissions(self) -> frozenset[str]:
        """What the signed-in person's roles allow, anywhere."""
        user = self._request.user
        if not user.is_authenticated:
            return frozenset()
        return frozenset(one for one in Permission if user.may(one))

    @cached_property
    def is_demo(self) -> bool:
        """Whether what is shown is the demo company."""
        return business.the_business().is_demo

    @cached_property
    def setup_is_open(self) -> bool:
        """Whether the signed-in owner left something of the first run for later."""
        done = setting_up.is_done()
        return Permission.OWN in self.permissions and not done and not self.is_demo

    @property
    def leads_back_to_setup(self) -> bool:
        """Whether this page was reached from the first run, and the way back has to be shown."""
        return self.setup_is_open and self._request.path.startswith("/settings/mail/")

    @cached_property
    def navigation(self) -> list[list[Link]]:
        """The main menu."""
        return navigation.links(
            navigation.GROUPS, path=self._request.path, permissions=self.permissions
        )

    @cached_property
    def account(self) -> list[Link]:
        """The entries of the account menu."""
        groups = navigation.links(
            (navigation.ACCOUNT,), path=self._request.path, permissions=self.permissions
        )
        return [link for group in groups for link in group]

    @cached_property
    def person(self) -> str:
        """Who is signed in."""
        return str(self._request.user)

    @cached_property
    def search_url(self) -> str:
        """Where the search box leads; empty while there is no such page."""
        return navigation.first_url("console:search") if self.permissions else ""

    @cached_property
    def sign_out_url(self) -> str:
        """Where one signs out."""
        return navigation.first_url("accounts:sign_out", "account_logout")
