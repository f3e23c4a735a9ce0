"""The API, version 1, composed from each package's `api.py`."""

from typing import Any

from django.urls import URLPattern

from regulars.accounts.authentication import needs
from regulars.accounts.models import Scope
from regulars.business.api import router as business
from regulars.core import access
from regulars.core.api import DescribedAPI, TextParser, install_problems
from regulars.customers.api import router as customers
from regulars.feedback.api import router as feedback
from regulars.insight.api import router as insight
from regulars.rewards.api import router as rewards
from regulars.surveys.api import router as surveys

api = DescribedAPI(
    title="Regulars",
    version="1",
    description="Customers, purchases and what follows from them. Amounts are minor units.",
    urls_namespace="api",
    docs_url=None,
    parser=TextParser(),
)
install_problems(api)
api.add_router("", business, auth=needs(Scope.CUSTOMERS_READ))
api.add_router("", customers)
api.add_router("", surveys)
api.add_router("", insight)
api.add_router("", rewards)
api.add_router("", feedback)


def declared_urls() -> Any:
    """The API's addresses; what each may do is its token's scope, except the description."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            access.declare(pattern.callback, _access(pattern.name))
    return patterns, app, namespace


def _access(name: str | None) -> access.Access:
    if name == "openapi-json":
        return access.Access("public", reason="describes the API")
    return access.Access("token", reason="each operation asks for a scope")
