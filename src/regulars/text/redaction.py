"""Personal data in comments, found and covered before a comment is quoted or exported.

Finds e-mail addresses, phone numbers, IBANs (ISO 13616 check digits), Hungarian account numbers and
British ones, card numbers (Luhn), numbers of persons, postal addresses, and names: beside a title,
an introduction or the closing of a letter, and a usual given name beside a family name. Other names
are not found.
"""

import bisect
import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from regulars.text import normal, people
from regulars.text.clauses import Span
from regulars.text.lexicon import Lexicon, load

Kind = Literal["email", "phone", "iban", "account", "card", "id", "address", "name"]

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_SPELT_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:[\[(](?:at|kukac)[\])]|\skukac\s)\s?[\w-]{1,63}"
    r"(?:\s?(?:\.|\b(?i:dot|pont)\b)\s?[\w-]{2,20}){1,3}"
)
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?!\w)")
_CARD = re.compile(r"(?<![\w+])\d(?:[ -]?\d){12,18}(?!\w)")
_PHONE = re.compile(
    r"(?<![\w.,/#№-])(?:\+\s?\d|\(\+?\d|\d)(?:[ ()/.\u00a0-]{0,3}\d){6,14}"
    r"(?![\w/]|[.,-]\d|\s?[€$%₾]|\s?(?i:euro|eur|лв|лева|ft|forint|huf|ლარ|gel|lei|krooni|points|pont|точк|punkti))"
)
_HUNGARIAN_ACCOUNT = re.compile(r"(?<![\w-])\d{8}[ -]\d{8}(?:[ -]\d{8})?(?![\w-])")
_BRITISH_ACCOUNT = re.compile(
    r"(?i:sort code)\W{1,3}(\d\d-\d\d-\d\d(?:(?i:\W{1,3}(?:account|acc)(?: (?:no|number))?)?"
    r"\W{1,3}\d{8})?)(?!\w)"
)
_PERSON_NUMBERS = {
    "hu": re.compile(
        r"(?i:\btaj\b|adószám\w*|adóazonosító\w*|személyi\w*)\D{0,20}?"
        r"(\d{3}[ -]?\d{3}[ -]?\d{3,4}|\d{6}[A-Z]{2})(?!\w)"
    ),
    "bg": re.compile(r"(?<!\w)(\d{10})(?!\w)"),
    "et": re.compile(r"(?<!\w)([1-8]\d{10})(?!\w)"),
    "ka": re.compile(r"(?:პირადი|პ/ნ)\D{0,15}?(\d{11})(?!\w)"),
    "en": re.compile(r"(?<!\w)([A-CEGHJ-PR-TW-Z][A-Z] ?\d\d ?\d\d ?\d\d ?[A-D])(?!\w)"),
}
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
    r"(?:[#№]|\b(?:order|invoice|receipt|ref|reference|tracking|sku|model|mudel\w*|kood\w*|код\w*"
    r"|модел\w*|modell\w*|kód\w*|sn|serial|сериен|cikkszám|azonosító\w*|rendelés\w*"
    r"|számla\w*|nyugta\w*|поръчка\w*|фактура\w*|бележка\w*|tellimus\w*|arve\w*|kviitung\w*"
    r"|შეკვეთ\w*|ინვოის\w*|ქვით\w*)\b(?:\s(?:no|nr|number|номер|number|ნომერი|száma?)\b)?)[\s:.#№]*$",
    re.IGNORECASE,
)
_PHONE_WORD = re.compile(
    r"\b(?:tel|telefon\w*|phone|mobile|call|mobil\w*|hív\w*|тел|телефон\w*|gsm|обад\w*|helista\w*"
    r"|szám\w*|номер\w*|number|numbri\w*|ტელ\w*|მობილ\w*|ნომერ\w*|დამირეკ\w*|დარეკ\w*)\b[\s:.]*(?:\w+[\s:.]+){0,3}$",
    re.IGNORECASE,
)


_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212")


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at a place of a text."""

    kind: Kind
    span: Span


def findings(text: str, language: str) -> tuple[Finding, ...]:
    """Personal data in a text of any length, in order, not overlapping."""
    read, origins = _composed(text)
    starts: list[int] = []
    taken: list[Finding] = []
    for kind, span in _candidates(read, language):
        at = bisect.bisect(starts, span.start)
        is_free = at == 0 or taken[at - 1].span.end <= span.start
        if is_free and (at == len(taken) or span.end <= taken[at].span.start):
            starts.insert(at, span.start)
            taken.insert(at, Finding(kind, span))
    return tuple(Finding(f.kind, Span(origins[f.span.start], origins[f.span.end])) for f in taken)


def _composed(text: str) -> tuple[str, list[int]]:
    """The text as most people type it, and where in `text` each of its characters begins.

    Letters and their accents are one character, every dash is a hyphen, invisible marks are gone.
    """
    read: list[str] = []
    origins: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        for char in unicodedata.normalize("NFC", text[at:end]):
            if unicodedata.category(char) != "Cf":
                read.append("-" if char in _DASHES else char)
                origins.append(at)
        at = end
    return "".join(read), [*origins, len(text)]


def redacted(text: str, language: str, *, cover: str = "█████") -> str:
    """The text with personal data covered."""
    parts, at = [], 0
    for found in findings(text, language):
        parts += [text[at : found.span.start], cover]
        at = found.span.end
    return "".join([*parts, text[at:]])


def _candidates(text: str, language: str) -> Iterator[tuple[Kind, Span]]:
    for pattern in (_EMAIL, _SPELT_EMAIL):
        for match in pattern.finditer(text):
            yield "email", Span(*match.span())
    for match in _IBAN.finditer(text):
        if length := _iban_length(match.group()):
            yield "iban", Span(match.start(), match.start() + length)
    for match in _CARD.finditer(text):
        if is_card(match.group()):
            yield "card", Span(*match.span())
    yield from _numbers(text, language)
    for match in _PHONE.finditer(text):
        if _is_phone(match, text, language):
            yield "phone", Span(*match.span())
    words = load(language)
    for pattern in words.people.addresses:
        for match in pattern.finditer(text):
            yield "address", Span(*words.people.trimmed(text, *match.span(), words.people.leads))
    for span in _names(text, words):
        yield "name", span


def _numbers(text: str, language: str) -> Iterator[tuple[Kind, Span]]:
    """Accounts without an IBAN, and numbers by which a state knows its people."""
    if language == "hu":
        for match in _HUNGARIAN_ACCOUNT.finditer(text):
            if is_hungarian_account(match.group()):
                yield "account", Span(*match.span())
    if language == "en":
        for match in _BRITISH_ACCOUNT.finditer(text):
            yield "account", Span(*match.span(1))
    pattern = _PERSON_NUMBERS.get(language)
    for match in pattern.finditer(text) if pattern else ():
        if language not in _CHECKED or _CHECKED[language](match[1]):
            yield "id", Span(*match.span(1))


def _names(text: str, words: Lexicon) -> Iterator[Span]:
    known = words.people
    for match in known.titled.finditer(text):
        start, end = people.name_span(match)
        if not people.stands_after_title(match):
            start, end = known.trimmed(text, start, end)
        if start < end:
            yield Span(start, end)
    for pattern in (known.introduced, known.signed, known.weakly):
        for match in pattern.finditer(text):
            span = Span(*people.name_span(match))
            if pattern is known.weakly and not known.is_name(span.of(text)):
                continue
            if not words.positive.match(normal.flat(span.of(text))):
                yield span
    for match in known.full.finditer(text):
        start, end = known.trimmed(text, *people.name_span(match))
        if " " in text[start:end] or match["name"] is None:
            yield Span(start, end)


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


def is_hungarian_account(text: str) -> bool:
    """Whether 16 or 24 digits are a Hungarian account number: weights 9, 7, 3, 1 in both parts."""
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) not in {16, 24}:
        return False
    return all(
        sum(digit * (9, 7, 3, 1)[n % 4] for n, digit in enumerate(part)) % 10 == 0
        for part in (digits[:8], digits[8:])
    )


def is_bulgarian_person(number: str) -> bool:
    """Whether ten digits are an ЕГН: a day of birth (other centuries: month + 20, + 40), mod 11."""
    digits = [int(c) for c in number]
    year, month, day = (int(number[at : at + 2]) for at in (0, 2, 4))
    century, month = {0: (1900, month), 1: (1800, month - 20), 2: (2000, month - 40)}.get(
        (month - 1) // 20, (1900, 0)
    )
    total = sum(d * w for d, w in zip(digits, (2, 4, 8, 5, 10, 9, 7, 3, 6), strict=False))
    return _is_day(century + year, month, day) and total % 11 % 10 == digits[9]


def is_estonian_person(number: str) -> bool:
    """Whether eleven digits are an isikukood: century and sex, a day of birth, mod 11 twice."""
    digits = [int(c) for c in number]
    century = 1800 + (digits[0] - 1) // 2 * 100
    year, month, day = (int(number[at : at + 2]) for at in (1, 3, 5))
    first = sum(d * w for d, w in zip(digits, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1), strict=False)) % 11
    second = sum(d * w for d, w in zip(digits, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3), strict=False)) % 11
    check = first if first < 10 else second % 10
    return _is_day(century + year, month, day) and check == digits[10]


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


_CHECKED = {"bg": is_bulgarian_person, "et": is_estonian_person}


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
    is_mobile = language == "et" and len(digits) == 8 and digits[0] == "5"  # 56 732 118
    if _THOUSANDS.match(number) and not number.startswith("0") and not is_mobile:
        return False
    starts: Sequence[str] = _PREFIXES.get(language, ("+", "00", "0"))
    return number.lstrip("(").startswith(tuple(starts)) and len(digits) >= (
        7 if language == "et" else 8
    )
