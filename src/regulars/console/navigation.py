"""Where one can go in the console: one list, shown as far as pages exist and the role allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.core.access import Permission


@dataclass(frozen=True)
class Entry:
    """A place to go. `url_names` are tried in turn; `below` are further paths that belong to it."""

    label: str | Promise
    icon: str
    url_names: tuple[str, ...]
    permission: Permission = Permission.SEE
    below: tuple[str, ...] = ()
    about: str | Promise = ""


@dataclass(frozen=True)
class Link:
    """An entry as it stands on the page."""

    label: str | Promise
    icon: str
    href: str
    is_current: bool
    about: str | Promise = ""


GROUPS: Final[tuple[tuple[Entry, ...], ...]] = (
    (Entry(_("Home"), "home", ("console:home",)),),
    (
        Entry(_("Customers"), "people", ("customers:customers", "customers:list")),
        Entry(_("Surveys"), "survey", ("surveys:surveys", "surveys:list")),
        Entry(_("Inbox"), "inbox", ("feedback:inbox",)),
        Entry(_("To put right"), "mend", ("feedback:cases",)),
        Entry(_("Thank"), "heart", ("outreach:gestures", "outreach:home")),
        Entry(
            _("Vouchers"),
            "ticket",
            ("rewards:offers",),
            Permission.MANAGE,
            below=("/offers/", "/vouchers/"),
        ),
        Entry(_("Results"), "chart", ("insight:results", "insight:home")),
    ),
    (
        Entry(_("Outbox"), "mail", ("mailing:outbox",), Permission.MANAGE),
        Entry(
            _("Settings"),
            "settings",
            ("console:settings",),
            Permission.MANAGE,
            below=("/settings/", "/staff/"),
        ),
    ),
)

SETTINGS: Final[tuple[Entry, ...]] = (
    Entry(
        _("The business"),
        "home",
        ("business:profile", "business:settings"),
        Permission.MANAGE,
        about=_("Name, languages, opening hours, logo, public address"),
    ),
    Entry(
        _("Places"),
        "place",
        ("business:places",),
        Permission.MANAGE,
        about=_("Shops and web shops"),
    ),
    Entry(
        _("Stages and teams"),
        "flag",
        ("business:stages",),
        Permission.MANAGE,
        about=_("What customers go through, and who answers for it"),
    ),
    Entry(
        _("Signatures"),
        "pencil",
        ("business:signatures",),
        Permission.MANAGE,
        about=_("Who signs letters and thanks"),
    ),
    Entry(
        _("People who work here"),
        "people",
        ("accounts:staff_list",),
        Permission.MANAGE,
        about=_("Who may do what, and where"),
    ),
    Entry(
        _("Tills and tablets"),
        "till",
        ("accounts:device_list",),
        Permission.MANAGE,
        about=_("Pair a phone or tablet with a place"),
    ),
    Entry(
        _("Mail"),
        "mail",
        ("mailing:settings",),
        Permission.MANAGE,
        about=_("The mail server, quiet hours, how much is sent"),
    ),
    Entry(
        _("Vouchers"),
        "ticket",
        ("rewards:limits",),
        Permission.OWN,
        about=_("What staff may give and undo without asking"),
    ),
    Entry(
        _("How long data are kept"),
        "trash",
        ("customers:retention",),
        Permission.OWN,
        about=_("When old data go, and what a hold keeps"),
    ),
    Entry(
        _("Security"),
        "shield",
        ("accounts:security",),
        Permission.OWN,
        about=_("Who needs a second factor to sign in"),
    ),
    Entry(
        _("Keys for other programs"),
        "key",
        ("accounts:token_list",),
        Permission.OWN,
        about=_("For your till, your web shop and other programs"),
    ),
    Entry(
        _("Who did what"),
        "eye",
        ("accounts:audit_log",),
        Permission.OWN,
        about=_("Every change, by whom and when"),
    ),
    Entry(
        _("Work in the background"),
        "clock",
        ("core:work", "console:work"),
        Permission.MANAGE,
        about=_("What the program does by itself, and what got stuck"),
    ),
)

ACCOUNT: Final[tuple[Entry, ...]] = (
    Entry(_("My account"), "person", ("accounts:me", "accounts:profile")),
    Entry(_("Signing in"), "key", ("mfa_index",)),
    Entry(_("Monday mail"), "mail", ("insight:monday_mail",), Permission.MANAGE),
)


def links(
    groups: Sequence[Sequence[Entry]], *, path: str, permissions: frozenset[str]
) -> list[list[Link]]:
    """The groups that have something to show to somebody with these permissions."""
    shown = [
        [
            Link(entry.label, entry.icon, href, is_current(entry, href, path), entry.about)
            for entry in group
            if entry.permission in permissions and (href := first_url(*entry.url_names))
        ]
        for group in groups
    ]
    return [group for group in shown if group]


def is_current(entry: Entry, href: str, path: str) -> bool:
    """Whether the page at `path` belongs to the entry."""
    if href == "/":
        return path == "/"
    return path.startswith((href, *entry.below))


def first_url(*names: str) -> str:
    """The address of the first of these pages that exists, or an empty text."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""
