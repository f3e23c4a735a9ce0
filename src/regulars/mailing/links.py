"""Addresses that stand in messages, made from the stored public address, never from a request."""

from __future__ import annotations

from urllib.parse import urlsplit

from regulars.business import queries as business
from regulars.core import links
from regulars.core.links import absolute

# Stands in a stored message where the recipient's own link is put at hand-off: the database
# keeps only the hash of its token. `.invalid` never resolves (RFC 2606).
UNSUBSCRIBE_MARKER = "https://unsubscribe.invalid/"
PREFERENCES_MARKER = "https://preferences.invalid/"


def unsubscribe_url(token: str) -> str:
    """The page (and one-click endpoint) that ends messages to the holder of `token`."""
    return links.to("mailing:unsubscribe", token)


def preferences_url(token: str) -> str:
    """The page where the holder of `token` chooses what to receive."""
    return links.to("mailing:preferences", token)


def with_personal_links(body: str, token: str) -> str:
    """`body` with the markers replaced by the links of `token`."""
    return body.replace(UNSUBSCRIBE_MARKER, unsubscribe_url(token)).replace(
        PREFERENCES_MARKER, preferences_url(token)
    )


def mail_domain(sender: str) -> str:
    """The domain that Message-IDs carry: the sender's, else the public host, else a local one."""
    domain = sender.rpartition("@")[2] or (urlsplit(business.public_url()).hostname or "")
    try:
        return domain.encode("idna").decode("ascii") or "localhost.localdomain"
    except UnicodeError:
        return "localhost.localdomain"


def served_over_https() -> bool:
    """Whether one-click unsubscribing can be offered (RFC 8058 wants an https address)."""
    return business.public_url().startswith("https://")


__all__ = [
    "PREFERENCES_MARKER",
    "UNSUBSCRIBE_MARKER",
    "absolute",
    "mail_domain",
    "preferences_url",
    "served_over_https",
    "unsubscribe_url",
    "with_personal_links",
]
