"""Patterns for names, introductions and postal addresses, made from a language's words for them.

They look at the text as it was written: in four of the five languages names have capitals. In
Georgian a name is the one or two words beside a title.
"""

import re
from collections.abc import Sequence

NEVER = re.compile(r"(?!)")
_CAPITALISED = r"[^\W\d_a-zа-яёšžõäöüáéíóúőű][\w'’-]{1,30}"
_NAME = rf"{_CAPITALISED}(?:\s{_CAPITALISED}){{0,2}}"
_INITIALS = r"(?:[^\W\d_a-zа-я]\.\s?){0,2}"
_GEORGIAN_ENDS = "(?:ძე|შვილ|ძის|ავა|უა)(?:ი|ს|მ|მა|ის|თან|სთან)?"
_GEORGIAN_SURNAME = rf"[\u10d0-\u10ff]{{1,20}}{_GEORGIAN_ENDS}(?![\u10d0-\u10ff])"
_GEORGIAN_NAME = rf"[\u10d0-\u10ff]{{2,20}}(?:\s{_GEORGIAN_SURNAME})?"
_GEORGIAN_CASES = "(?:ი|მა|მ|ს|ის|ით|ო|სთან|თან|ისთან|სთვის|ისთვის|ზე|სგან|ისგან|მაც|საც|ც|იც)?"
_GEORGIAN_VERBS = r"[\u10d0-\u10ff]+(?:და|ებს|ობს|ავს)(?![\u10d0-\u10ff])"
_GEORGIAN_SIGNED = r"[\u10d0-\u10ff]{2,20}\s[\u10d0-\u10ff]{3,20}(?=\s*[.!]?\s*(?:\n|$))"
_NUMBER = r"\d{1,4}(?!\d)(?:\s?[/-]\s?\d{1,4})?(?:\s?[A-Za-zА-Яа-я](?!\w))?\.?"
_TIME = r"(?!\s?(?:min|perc|óra|ora|tund|минут|час|წუთ|საათ|euro|€|лв|ft|forint|ლარ))"
_INSIDE = r"(?:em|emelet|ajtó|вх|вход|ет|етаж|ап|бл|k|krt|flat|apt|ბინა|ბ|სართული|სად)\.?"


def _any_of(words: Sequence[str]) -> str:
    return "|".join(sorted((re.escape(w) for w in words if w), key=len, reverse=True))


def titled(
    before: Sequence[str],
    after: Sequence[str],
    language: str,
    *,
    occupations: Sequence[str] = (),
    given: Sequence[str] = (),
    never: Sequence[str] = (),
) -> re.Pattern[str]:
    """Finds `name` (or `other`) beside a title: "Mr Smith", "Kovács úr"; see `name_span`.

    After `occupations`, which also stand without a name, only the `given` names and what ends as
    Georgian surnames do are names (`third`). The words of `never` are no names.
    """
    if not before and not after:
        return NEVER
    name = _georgian(never) if language == "ka" else _NAME
    parts = []
    if before:
        titles = _any_of([title.rstrip(".") for title in before])
        parts.append(rf"(?<!\w)(?i:{titles})(?:\.\s?|\s)(?P<name>{_INITIALS}{name})")
    if after:
        group = "other" if before else "name"
        parts.append(
            rf"(?<!\w)(?P<{group}>{name})\s(?i:{_any_of(after)})(?!\w)(?!\s{_CAPITALISED})"
        )
    if occupations and given:
        known = rf"(?:{_any_of(given)}){_GEORGIAN_CASES}(?![\u10d0-\u10ff])"
        known = rf"(?:{known}(?:\s{_GEORGIAN_SURNAME})?|{_GEORGIAN_SURNAME})"
        parts.append(rf"(?<!\w)(?:{_any_of(occupations)})\s(?P<third>{known})")
    return re.compile("|".join(parts))


def introduced(
    words: Sequence[str], language: str, *, never: Sequence[str] = ()
) -> re.Pattern[str]:
    """Finds `name` after "my name is" or a closing of a letter; the words of `never` are none."""
    if not words:
        return NEVER
    name = _NAME
    if language == "ka":
        name = rf"{_no_name(never)}(?:{_GEORGIAN_SIGNED}|{_GEORGIAN_NAME})"
    return re.compile(rf"(?<!\w)(?i:{_any_of(words)})[\s,:]{{1,3}}(?P<name>{name})")


def _georgian(never: Sequence[str]) -> str:
    return _no_name(never) + _GEORGIAN_NAME


def _no_name(never: Sequence[str]) -> str:
    """What must not follow where a Georgian name is looked for: verbs, and the words of `never`."""
    return rf"(?!(?:{_any_of(never) or '(?!)'})(?![\u10d0-\u10ff]))(?!{_GEORGIAN_VERBS})"


def signed(closings: Sequence[str], language: str) -> re.Pattern[str]:
    """Finds `name` that ends a line after a closing ("Kind regards, Ann Smith").

    Also two or three capitalised words that are a last line of their own, and the Hungarian
    "Kovács Anna vagyok".
    """
    if not closings:
        return NEVER
    words = rf"(?<!\w)(?i:{_any_of(closings)})"
    if language == "ka":
        return re.compile(rf"{words}[ ,:!.–—-]{{0,3}}\s{{0,3}}(?P<name>{_GEORGIAN_SIGNED})")
    end = r"(?=\s*[.!]?\s*(?:\n|$))"
    full = rf"{_CAPITALISED}(?:[ ]{_CAPITALISED}){{1,2}}"
    apart = r"(?:[ \t]*[,:!.–—-]\s{0,3}|[ \t]*\n\s{0,3})"
    others = [rf"(?<=\n){full}(?=\s*$)", rf"(?<=[–—] ){full}(?=\s*$)"]
    if language == "hu":
        others.append(rf"(?<!\w){full}(?=\s(?:vagyok|a nevem)\b)")
    return re.compile(
        rf"{words}(?:{apart}(?P<name>{_NAME}){end}|\s(?P<second>{full}){end})"
        rf"|(?P<other>{'|'.join(others)})"
    )


def name_span(match: re.Match[str]) -> tuple[int, int]:
    """Where the name of a match of `titled`, `introduced` or `signed` stands."""
    return next(match.span(group) for group in match.re.groupindex if match[group])


def addresses(streets: Sequence[str], language: str) -> tuple[re.Pattern[str], ...]:
    """Find a street with its number, in the order of the language, with what belongs to it."""
    if not streets:
        return ()
    words = f"(?i:{_any_of(streets)})"
    street = r"[\u10d0-\u10ff]{2,25}" if language == "ka" else _CAPITALISED
    inside = (
        rf"(?:(?:{_NUMBER}|(?i:{_INSIDE}))\s?)?(?:{_NUMBER}|(?<=\.\s)[А-Я](?!\w)|(?i:{_INSIDE}))"
    )
    more = rf"(?:,?\s{inside}){{0,4}}(?:,\s{_CAPITALISED})?"
    town = rf"(?:\d{{4}}\s{_CAPITALISED},?\s)?"
    street_first = rf"(?<!\w){town}(?:{street}\s){{1,3}}{words}(?!\w)[\s,№N]{{0,3}}{_NUMBER}{_TIME}"
    word_first = rf"(?<!\w){words}\s?[\"„“]?{street}(?:\s{street})?[\"”“]?,?\s?[№N#]?\s?{_NUMBER}"
    blocks = rf"(?<!\w){words}\s?[\"„“]?{street}[\"”“]?(?:,\s(?i:{_INSIDE})\s?\w{{1,4}}){{1,4}}"
    number_first = rf"(?<!\w){_NUMBER}\s(?:{street}\s){{1,3}}{words}(?!\w)(?:,\s{_CAPITALISED})?"
    orders = {
        "en": (number_first,),
        "bg": (blocks, word_first + more),
        "ka": (street_first.replace("{1,3}", "{1,2}", 1), word_first + more),
    }
    return tuple(map(re.compile, orders.get(language, (street_first + more,))))
