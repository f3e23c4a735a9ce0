"""Every page and endpoint, read from the URLconf, and what each declared about who may open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from regulars.core.access import Access, access_of


@dataclass(frozen=True)
class Page:
    """One URL. `name` with its namespace; `parameters` are the names in its path."""

    name: str
    route: str
    view: Callable[..., Any]
    parameters: tuple[str, ...]

    @property
    def access(self) -> Access | None:
        """What the view declared."""
        return access_of(self.view)


def pages() -> list[Page]:
    """All but the API, whose operations declare by their authentication."""
    return [page for page in _walk(get_resolver(), "", "") if not page.name.startswith("api:")]


def _walk(resolver: URLResolver, route: str, namespace: str) -> Iterator[Page]:
    for entry in resolver.url_patterns:
        path = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, path, inner)
        elif isinstance(entry, URLPattern):
            parameters = tuple(entry.pattern.converters) or tuple(_groups(entry))
            yield Page(f"{namespace}{entry.name}", path, entry.callback, parameters)


def _groups(entry: URLPattern) -> list[str]:
    expression = getattr(entry.pattern, "regex", None)
    return list(expression.groupindex) if expression is not None else []
