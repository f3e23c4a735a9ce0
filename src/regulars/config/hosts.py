"""Under which names this installation answers, once its public address is set.

A request's host never makes a link (`core.links` does, from the stored address). What is refused
is a foreign name that was made to point here, so that a page elsewhere could read ours. A bare
address of the shop's own network cannot be such a name, so tills and phones need nothing set.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port

from regulars.config import variables
from regulars.core import failures


def middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """400 for a name that is not ours."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if is_ours(request.get_host()):
            return get_response(request)
        return failures.bad_request(request, Exception("unknown host"))

    return answer


def is_ours(host: str) -> bool:
    """Whether to answer as `host`, which may carry a port. Without a public address, always."""
    if not settings.PUBLIC_URL:
        return True
    name, _port = split_domain_port(host)
    known = {urlsplit(settings.PUBLIC_URL).hostname, "localhost", variables.HOST.read()}
    return name in known or _is_of_a_network_at_home(name)


def _is_of_a_network_at_home(name: str) -> bool:
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback or address.is_private or address.is_link_local
