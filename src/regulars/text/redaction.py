"""Personal data in comments, found and covered before a comment is quoted or exported.

Finds e-mail addresses, phone numbers, IBANs (ISO 13616 check digits), card numbers (Luhn), postal
addresses, and names beside a title, an introduction or the closing of a letter. Other names are not
found.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from regulars.text import normal, people
from regulars.text.clauses import Span
from regulars.text.lexicon import load

Kind = Literal["email", "phone", "iban", "card", "address", "name"]

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?!\w)")
_CARD = re.compile(r"(?<![\w+])\d(?:[ -]?\d){12,18}(?!\w)")
_PHONE = re.compile(
    r"(?<![\w.,/#№-])(?:\+\s?\d|\(\d|\d)(?:[ ()/.\u00a0-]{0,2}\d){6,14}(?![\w/]|[.,-]\d|\s?[€$%₾])"
)
_DATE = re.compile(
    r"^(?:(?:19|20)\d\d[ ./-]{1,2}\d{1,2}[ ./-]{1,2}\d{1,2}"
    r"|\d{1,2}[ ./-]{1,2}\d{1,2}[ ./-]{1,2}(?:19|20)\d\d)"
)
_THOUSANDS = re.compile(r"^\d{1,3}(?:[ .\u00a0]\d{3})+$")
_PREFIXES = {
    "hu": ("+36", "0036", "06"),
    "bg": ("+359", "00359", "0"),
    "et": ("+372", "00372", "5", "6", "7", "3", "4", "8"),
    "ka": ("+995", "00995", "5", "0"),
    "en": ("+", "00", "0"),
}
_REFERENCE = re.compile(
    r"(?:[#№]|\b(?:order|invoice|receipt|ref|reference|tracking|cikkszám|azonosító\w*|rendelés\w*"
    r"|számla\w*|nyugta\w*|поръчка\w*|фактура\w*|бележка\w*|tellimus\w*|arve\w*|kviitung\w*"
    r"|შეკვეთ\w*|ინვოის\w*|ქვით\w*)\b(?:\s(?:no|nr|number|номер|number|ნომერი|száma?)\b)?)[\s:.#№]*$",
    re.IGNORECASE,
)
_PHONE_WORD = re.compile(
    r"\b(?:tel|telefon\w*|phone|mobile|call|mobil\w*|hív\w*|тел|телефон\w*|gsm|обад\w*|helista\w*"
    r"|szám\w*|номер\w*|number|numbri\w*|ტელ\w*|მობილ\w*|ნომერ\w*|დამირეკ\w*|დარეკ\w*)\b[\s:.]*(?:\w+[\s:.]+){0,3}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at a place of a text."""

    kind: Kind
    span: Span


def findings(text: str, language: str) -> tuple[Finding, ...]:
    """Personal data in a text of any length, in order, not overlapping."""
    taken: list[Finding] = []
    for kind, span in _candidates(text, language):
        if all(span.end <= f.span.start or f.span.end <= span.start for f in taken):
            taken.append(Finding(kind, span))
    return tuple(sorted(taken, key=lambda f: f.span.start))


def redacted(text: str, language: str, *, cover: str = "█████") -> str:
    """The text with personal data covered."""
    parts, at = [], 0
    for found in findings(text, language):
        parts += [text[at : found.span.start], cover]
        at = found.span.end
    return "".join([*parts, text[at:]])


def _candidates(text: str, language: str) -> Iterator[tuple[Kind, Span]]:
    for match in _EMAIL.finditer(text):
        yield "email", Span(*match.span())
    for match in _IBAN.finditer(text):
        if length := _iban_length(match.group()):
            yield "iban", Span(match.start(), match.start() + length)
    for match in _CARD.finditer(text):
        if is_card(match.group()):
            yield "card", Span(*match.span())
    for match in _PHONE.finditer(text):
        if _is_phone(match, text, language):
            yield "phone", Span(*match.span())
    words = load(language)
    for pattern in words.addresses:
        for match in pattern.finditer(text):
            yield "address", Span(*match.span())
    for pattern in (words.titled, words.introduced, words.signed):
        for match in pattern.finditer(text):
            span = Span(*people.name_span(match))
            if not words.positive.match(normal.flat(span.of(text))):
                yield "name", span


def _iban_length(text: str) -> int:
    """How many characters of the text are an IBAN with right check digits; 0 for none."""
    for end in range(len(text), 14, -1):
        if text[end - 1].isalnum() and is_iban(text[:end]):
            return end
    return 0


def is_iban(text: str) -> bool:
    """Whether the letters and digits are an IBAN: 15 to 34 characters, ISO 7064 MOD 97-10."""
    compact = re.sub(r"[ -]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", compact):
        return False
    digits = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
    return int(digits) % 97 == 1


def is_card(text: str) -> bool:
    """Whether the digits are a payment card's: 13 to 19 of them with Luhn's check digit."""
    digits = [int(c) for c in text if c.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in {2, 3, 4, 5, 6}:
        return False
    doubled = [d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _is_phone(match: re.Match[str], text: str, language: str) -> bool:
    number = match.group()
    digits = re.sub(r"\D", "", number)
    before = text[max(0, match.start() - 40) : match.start()]
    if _DATE.match(number) or _REFERENCE.search(before):
        return False
    if number.startswith("+") or _PHONE_WORD.search(before):
        return len(digits) >= 7
    if _THOUSANDS.match(number) and not number.startswith("0"):
        return False
    starts: Sequence[str] = _PREFIXES.get(language, ("+", "00", "0"))
    return number.lstrip("(").startswith(tuple(starts)) and len(digits) >= (
        7 if language == "et" else 8
    )
