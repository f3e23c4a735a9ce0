"""Ready words of thanks, native in each language, and how they become a message.

`texts/<language>.toml` holds the greeting, the closing and, for each occasion, a subject and a
body; «many» and «one» stand for what the trade calls its people (guests, clients, customers).
Formal address throughout. What people write has allow-listed placeholders only.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from regulars.business.models import Signature, Trade
from regulars.business.queries import the_business
from regulars.customers.models import Customer
from regulars.mailing import placeholders
from regulars.mailing.content import Code, Content, Paragraph, Signed
from regulars.outreach.models import Occasion
from regulars.text import tone

FOLDER = Path(__file__).parent / "texts"
# What a trade calls the people who come: the tables of `people` in each file.
PEOPLE: Final = {
    Trade.CAFE: "guests",
    Trade.HOTEL: "guests",
    Trade.SALON: "clients",
    Trade.CLINIC: "clients",
    Trade.WORKSHOP: "clients",
    Trade.OTHER: "clients",
    Trade.SHOP: "shoppers",
    Trade.WEB_SHOP: "shoppers",
}
ALLOWED = frozenset({"given_name", "family_name", "full_name", "business"})


@dataclass(frozen=True)
class Gift:
    """A voucher as the message shows it."""

    code: str
    gives: str
    note: str


@lru_cache
def texts(language: str) -> dict[str, Any]:
    """The ready words of a language."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def languages() -> frozenset[str]:
    """The languages there are words in."""
    return frozenset(code for code, _name in settings.LANGUAGES)


def ready_subject(occasion: Occasion, language: str) -> str:
    """The subject to begin with, as it suits the trade."""
    return str(_words(occasion, language, the_business().trade)["subject"])


def ready_text(customer: Customer, occasion: Occasion, *, language: str, reason: str = "") -> str:
    """Greeting, the particular reason, the occasion's words and the closing, to be edited."""
    trade, words = the_business().trade, texts(language)
    people = words["people"][PEOPLE[Trade(trade)]]
    body = str(_words(occasion, language, trade)["body"]).strip()
    for word in ("many", "one"):
        body = body.replace(f"«{word}»", people[word])
    greeting = words["greeting"] if customer.full_name else people["nameless"]
    parts = [greeting, reason, body, words["closing"]]
    return "\n\n".join(part for part in parts if part)


def _words(occasion: Occasion, language: str, trade: str) -> dict[str, str]:
    """Subject and body; a web shop speaks of orders where others speak of visits."""
    words = texts(language)
    orders = words["orders"] if trade == Trade.WEB_SHOP else {}
    found: dict[str, str] = orders.get(occasion) or words[occasion]
    return found


def filled(text: str, customer: Customer) -> str:
    """`text` with its placeholders replaced. Raises UnknownPlaceholderError."""
    placeholders.check(text, ALLOWED)
    values = {
        "given_name": customer.given_name or customer.full_name,
        "family_name": customer.family_name or customer.full_name,
        "full_name": customer.full_name,
        "business": the_business().name,
    }
    return placeholders.fill(text, values)


def content(subject: str, text: str, *, name: str, title: str, gift: Gift | None) -> Content:
    """The message: paragraphs, the voucher where there is one, who signs."""
    before, closing = apart(text)
    paragraphs = tuple(Paragraph(part.strip()) for part in before.split("\n\n") if part.strip())
    given = (Code(gift.code, gift.gives, gift.note),) if gift else ()
    last = (Paragraph(closing.strip()),) if closing.strip() else ()
    return Content(subject, (*paragraphs, *given, *last, Signed(name, title)))


def apart(text: str) -> tuple[str, str]:
    """The words, and the closing that a voucher stands before; one block has no closing."""
    before, gap, closing = text.strip().rpartition("\n\n")
    return (before, closing) if gap else (closing, "")


def the_signature() -> Signature | None:
    """Who signs by default."""
    return Signature.objects.order_by("-is_default", "pk").first()


@dataclass(frozen=True)
class Remark:
    """Something to reconsider, with the words it is about.

    `reason` and `better` are in the `language` of the letter.
    """

    rule: str
    quoted: str
    reason: str
    better: str
    language: str


def remarks(text: str, *, language: str, customer: Customer, signed: str) -> list[Remark]:
    """What a decent person would reconsider in the text; nothing is refused for it."""
    whole = f"{text}\n{signed}"
    message = tone.Message(whole, language, name=customer.full_name, signature=signed)
    return [
        Remark(one.rule, whole[one.span.start : one.span.end], one.reason, one.better, language)
        for one in tone.remarks(message)
        if one.rule != "missing_name"
    ]
