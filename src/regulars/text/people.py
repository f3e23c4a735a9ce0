"""Patterns for names, introductions and postal addresses, made from a language's words for them.

They look at the text as it was written: in four of the five languages names have capitals. In
Georgian a name is known by a title, a calling or a given name beside it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulars.text import normal

NEVER = re.compile(r"(?!)")
_CAPITALISED = r"[^\W\d_a-zа-яёšžõäöüáéíóúőű][\w'’-]{1,30}"
_INITIALS = r"(?:[^\W\d_a-zа-я]\.\s?){0,2}"
_MIDDLE = r"(?:[^\W\d_a-zа-я]\w{0,2}\.\s)?"
_NAME = rf"{_CAPITALISED}(?:\s{_MIDDLE}{_CAPITALISED}){{0,2}}"
_SMALL = r"[^\W\d_]{3,20}"
_KA = r"[\u10d0-\u10ff]"
_KA_END = rf"(?!{_KA})"
# Endings of surnames; those that adjectives and verbs have too only in other cases than the first.
_KA_SURNAME = (
    rf"(?:{_KA}{{1,20}}(?:ძე|შვილ|ძის|ავა|უა)(?:ი|ს|მ|მა|ის|თან|სთან)?"
    rf"|{_KA}{{2,18}}(?:ია(?:ს|მ|სთან|სთვის|სგან)|(?:ან|ურ|ულ|ელ)(?:ს|მა|თან|ისთვის|ისგან))"
    rf"|{_KA}{{2,18}}(?:ელია|ულია|ონია|აია|ოია|ჯია|ჭია|ხია|ფია|ქია|ირია|უბია)){_KA_END}"
)
_KA_CASES = "(?:ი|მა|მ|ს|ის|ით|ო|სთან|თან|ისთან|სთვის|ისთვის|ზე|სგან|ისგან|მაც|საც|ც|იც)?"
_KA_VERBS = rf"{_KA}+(?:და|ებს|ობს|ავს){_KA_END}"
_KA_SIGNED = rf"{_KA}{{2,20}}\s{_KA}{{3,20}}(?=\s*[.!]?\s*(?:\n|$))"
_KA_LATIN = r"[A-Za-z]{3,20}(?:\s[A-Za-z]{2,20}(?:dze|shvili|lia|ava|ua)\w{0,4})?(?!\w)"
_NUMBER = (
    r"\d{1,4}(?!\d)(?:[A-Za-z]?\s?[/-]\s?\d{1,4})?(?:\s?/?\s?[A-Za-zА-Яа-яა-ჰ](?!\w))?\.?"
    r"(?:\s?/\s?(?:[IVX]{1,4}|\d{1,3})(?!\w)\.?)?"
)
_TIME = r"(?!\s?(?:min|perc|óra|ora|tund|минут|час|წუთ|საათ|euro|€|лв|ft|forint|ლარ))"
_INSIDE = (
    r"(?:emelet|em|ajtó|földszint|fszt|lépcsőház|lph|épület|ép|[IVX]{1,4}|вход|вх|етаж|ет|ап|блок"
    r"|бл|korter|krt|k|flat|apt|ბინა|ბ|სართული|სადარბაზო|სად|კორპუსი|კორპ)(?:\.|(?!\w))"
)
_HOME = r"(?i:flat|apartment|apt|unit|suite|studio|room)\.?\s\w{1,4},?\s"
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}"  # of the United Kingdom
_NO_STREET = r"(?!(?i:minute|minutes|hour|mile|day|lovely|very|main|good|great)\s)"


@dataclass(frozen=True, slots=True)
class People:
    """What finds people and addresses in a language. The patterns' groups are read by `name_span`.

    titled: a name beside a title; introduced: after "my name is"; weakly: after "I'm", where it is
    a name only if `is_name` says so; signed: at the end of a letter; full: a given name with a
    family name, whatever stands around; addresses: streets with a number; given: what begins with
    a usual given name; known: such a name anywhere.
    """

    titled: re.Pattern[str] = NEVER
    introduced: re.Pattern[str] = NEVER
    weakly: re.Pattern[str] = NEVER
    signed: re.Pattern[str] = NEVER
    full: re.Pattern[str] = NEVER
    addresses: tuple[re.Pattern[str], ...] = ()
    given: re.Pattern[str] = NEVER
    known: re.Pattern[str] = NEVER
    never: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()

    def trimmed(
        self, text: str, start: int, end: int, words: frozenset[str] | None = None
    ) -> tuple[int, int]:
        """A name without words before it that are none: "Köszönöm Szabó" is "Szabó"."""
        while start < end:
            word = re.match(r"\S+", text[start:end])
            found = self.never if words is None else words
            if word is None or normal.flat(word.group()).strip(",.;:!") not in found:
                break
            start += word.end()
            start += len(text[start:end]) - len(text[start:end].lstrip())
        return start, end

    def is_name(self, name: str) -> bool:
        """Whether it begins with a given name, or consists of several words that could be one."""
        if self.given.match(name):
            return True
        found = [normal.flat(word) for word in name.split()]
        return len(found) > 1 and not any(word in self.never for word in found)


def patterns(table: Mapping[str, Any], closings: Sequence[str], language: str) -> People:
    """The patterns of a language from its file in `data/people`; nothing is found without one."""
    if not table:
        return People(signed=_signed(closings, language))
    given = table["given_names"]
    return People(
        titled=_titled(table, language),
        introduced=_introduced(table["introductions"], language, table["not_names"], _plain(given)),
        weakly=_introduced(
            table["weak_introductions"], language, table["not_names"], _plain(given)
        ),
        signed=_signed(closings, language),
        full=_full(given, table["streets"], language),
        addresses=_addresses(table["streets"], language),
        given=re.compile(rf"(?i:{_given(given, language)}|{_plain(given)})"),
        known=re.compile(rf"(?<!\w){_given(given, language)}"),
        leads=frozenset(normal.flat(word) for word in table.get("before_addresses", ())),
        never=frozenset(
            normal.flat(word) for word in [*table["not_names"], *table.get("callings", ())]
        ),
    )


def name_span(match: re.Match[str]) -> tuple[int, int]:
    """Where the name of a match stands."""
    return next(match.span(group) for group in match.re.groupindex if match[group])


def stands_after_title(match: re.Match[str]) -> bool:
    """Whether a match of `titled` has the title first: then every word of it is name."""
    return match.lastgroup != "other"


def _any_of(words: Sequence[str]) -> str:
    found = "|".join(sorted((re.escape(w) for w in words if w), key=len, reverse=True))
    return found or "(?!)"


def _plain(names: Sequence[str]) -> str:
    """The names as they are and without accents, as careless writers type them."""
    return _any_of([*names, *{normal.flat(name) for name in names}])


def _given(names: Sequence[str], language: str) -> str:
    """One of the given names in any case."""
    if language == "ka":
        return rf"(?:{_any_of(names)}){_KA_CASES}{_KA_END}"
    if language != "hu":
        return rf"(?:{_any_of(names)})(?!\w)"
    # Anna, Annát, Annának: the last a or e grows long.
    stems = [
        re.escape(n[:-1]) + ("[aá]" if n[-1] == "a" else "[eé]") for n in names if n[-1] in "ae"
    ]
    others = [re.escape(n) for n in names if n[-1] not in "ae"]
    return rf"(?:{'|'.join(sorted([*stems, *others], key=len, reverse=True))})\w{{0,4}}(?!\w)"


def _titled(table: Mapping[str, Any], language: str) -> re.Pattern[str]:
    """Finds `name`, `small` or `other` beside a title: "Mr Smith", "dr patel", "Kovács úr"."""
    before = _any_of([title.rstrip(".") for title in table["titles"]])
    never, brands = table["not_names"], _any_of(table.get("brands", ()))
    if language == "ka":
        return _georgian_titled(table, before)
    after = "|".join(table["titles_after"])
    no_name = rf"(?!(?:{brands})\b|(?i:{after})(?!\w))"
    parts = [rf"(?<!\w)(?i:{before})(?:\.\s?|\s)(?P<name>{_INITIALS}{no_name}{_NAME})"]
    short = _any_of([title.rstrip(".") for title in table["abbreviations"]])
    given = rf"(?:\s(?i:{_any_of(table['given_names'])})(?!\w))?"
    small = rf"(?!(?i:{_any_of([*never, *table.get('brands', ())])})(?!\w)){_SMALL}(?!\w){given}"
    parts.append(rf"(?<!\w)(?i:{short})(?:\.\s?|\s)(?P<small>{small})")
    calling = rf"(?:(?i:{_any_of(table.get('callings', ()))})\s)?"
    parts.append(rf"(?<!\w)(?P<other>{_NAME})\s{calling}(?i:{after})(?!\w)(?!\s{_CAPITALISED})")
    return re.compile("|".join(parts))


def _georgian_titled(table: Mapping[str, Any], titles: str) -> re.Pattern[str]:
    """After callings, which also stand without a name, only given names and surnames are names."""
    free, given = _no_name(table["not_names"]), table["given_names"]
    known = _given(given, "ka")
    # "ზურაბ", not "ზურაბი": a given name without its ending has a surname after it.
    bare = _any_of([name for name in given if name[-1] not in "აეიოუ"])
    surname = rf"(?:\s{_KA_SURNAME})"
    any_name = rf"(?:(?:{bare})\s{free}{_KA}{{3,20}}|{_KA}{{2,20}}{surname}?)"
    after = "|".join(table["titles_after"])
    latin = "|".join(sorted((t for t in table["titles"] if t.isascii()), key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?:{titles})(?:\.\s?|\s)(?P<name>{free}{any_name})"
        rf"|(?<!\w)(?i:{latin})\s(?P<small>{_KA_LATIN})"
        rf"|(?<!\w)(?P<other>{free}{_KA}{{2,20}}{surname}?)\s(?:{after}){_KA_END}"
        rf"|(?<!\w)(?:{_any_of(table['occupations'])})\s(?P<third>{known}{surname}?|{_KA_SURNAME})"
    )


def _introduced(
    words: Sequence[str], language: str, never: Sequence[str], given: str
) -> re.Pattern[str]:
    """Finds `name` after "my name is" or a closing of a letter; the words of `never` are none."""
    if not words:
        return NEVER
    name = _INITIALS + _NAME
    if language != "ka":
        # Written small: then only a usual given name tells.
        known = rf"(?i:(?:{_SMALL}\s)?(?:{given})(?:\s{_SMALL})?)(?!\w)"
        name = rf"{name}|{known}" if given else name
    if language == "ka":
        name = rf"{_no_name(never)}(?:{_KA_SIGNED}|{_KA}{{2,20}}(?:\s{_KA_SURNAME})?|{_KA_LATIN})"
    return re.compile(rf"(?<!\w)(?i:{_any_of(words)})[\s,:]{{1,3}}(?P<name>{name})")


def _no_name(never: Sequence[str]) -> str:
    """What must not follow where a Georgian name is looked for: verbs, and the words of `never`."""
    return rf"(?!(?:{_any_of(never)}){_KA_END})(?!{_KA_VERBS})"


def _full(given: Sequence[str], streets: Sequence[str], language: str) -> re.Pattern[str]:
    """Finds `name`: a known given name beside a family name, but not a street called after them.

    In two languages also `alone`, a given name in "Gergő vagyok" (I am Gergő).
    """
    known, no_street = _given(given, language), rf"(?!\s(?i:{_any_of(streets)}))"
    family = rf"{_CAPITALISED}(?!\w)"
    if language == "ka":
        alone = rf"(?<!\w)მე\s(?P<alone>{known})(?=\sვარ{_KA_END})"
        return re.compile(rf"(?<!\w)(?P<name>{known}\s{_KA_SURNAME}){no_street}|{alone}")
    if language == "hu":
        small = rf"(?i:(?:{_SMALL}\s)?(?:{_plain(given)}))"
        alone = rf"(?<!\w)(?P<alone>{known}|{small})(?=\svagyok(?!\w))"
        return re.compile(rf"(?<!\w)(?P<name>(?:{family}\s){{1,2}}{known}){no_street}|{alone}")
    double = rf"(?:{_any_of(given)})(?:-{_CAPITALISED})?"  # Heli-Ann
    named = rf"{double}\s(?:{_CAPITALISED}\s(?={family})|{_MIDDLE}){family}"
    if language == "bg":  # known by the ending
        ends = r"[А-Я][а-я]{2,20}(?:ов|ова|ев|ева|ски|ска|чев|чева)(?!\w)"
        named = rf"{named}|[А-Я][а-я]{{2,20}}\s(?:[А-Я][а-я]{{2,20}}\s)?{ends}"
    return re.compile(rf"(?<!\w)(?P<name>{named}){no_street}")


def _signed(closings: Sequence[str], language: str) -> re.Pattern[str]:
    """Finds `name` that ends a line after a closing ("Kind regards, Ann Smith").

    Also two or three capitalised words that are a last line of their own, and the Hungarian
    "Kovács Anna vagyok".
    """
    if not closings:
        return NEVER
    words = rf"(?<!\w)(?i:{_any_of(closings)})"
    if language == "ka":
        return re.compile(rf"{words}[ ,:!.–—-]{{0,3}}\s{{0,3}}(?P<name>{_KA_SIGNED})")
    end = r"(?=\s*[.!]?\s*(?:\n|$))"
    full = rf"{_CAPITALISED}(?:[ ]{_MIDDLE}{_CAPITALISED}){{1,2}}"
    short = rf"[^\W\d_a-zа-я]\.[ ]?{_CAPITALISED}"
    apart = r"(?:[ \t]*[,:!.–—-]\s{0,3}|[ \t]*\n\s{0,3})"
    others = [rf"(?<=\n)(?:{full}|{short})(?=\s*$)", rf"(?<=[–—-] )(?:{full}|{short})(?=\s*$)"]
    if language == "hu":
        others.append(rf"(?<!\w){full}(?=\s(?:vagyok|a nevem)\b)")
    return re.compile(
        rf"{words}(?:{apart}(?P<name>{_INITIALS}{_NAME}){end}|\s(?P<second>{full}|{short}){end})"
        rf"|(?P<other>{'|'.join(others)})"
    )


def _addresses(streets: Sequence[str], language: str) -> tuple[re.Pattern[str], ...]:
    """Find a street with its number, in the order of the language, with what belongs to it."""
    words = f"(?i:{_any_of(streets)})"
    found: list[str]
    street = rf"{_KA}{{2,25}}(?:-{_KA}{{2,25}})?" if language == "ka" else _CAPITALISED
    inside = (
        rf"(?:(?:{_NUMBER}|(?i:{_INSIDE}))\s?)?(?:{_NUMBER}|(?<=\.\s)[А-Я](?!\w)|(?i:{_INSIDE}))"
    )
    more = rf"(?:,?\s{inside}(?:/\w{{1,3}}(?!\w))?){{0,5}}(?:,\s{_CAPITALISED})?"
    town = rf"(?:\d{{4}}\s{_CAPITALISED},?\s)?"
    street_first = rf"(?<!\w){town}(?:{street}\s){{1,3}}{words}(?!\w)[\s,№N]{{0,3}}{_NUMBER}{_TIME}"
    after = r"(?:\s|(?<=\.))" if language == "ka" else r"\s?"  # "ქუჩაში" is "in the street"
    word_first = (
        rf"(?<!\w){words}{after}[\"„“]?{street}(?:\s{street})?[\"”“]?,?\s?[№N#]?\s?{_NUMBER}"
    )
    part = rf"(?:,?\s(?i:{_INSIDE})\s?\w{{1,4}})"
    match language:
        case "en":
            rest = rf"(?:,\s{_CAPITALISED})?(?:,?\s{_POSTCODE})?"
            name = rf"{_NO_STREET}(?:{street}\s){{1,3}}{words}(?!\w)"
            found = [rf"(?<!\w)(?:{_HOME})?{_NUMBER}\s{name}{rest}", rf"(?<!\w){_HOME}{name}{rest}"]
            found.append(rf"(?<!\w){_POSTCODE}(?!\w)")
        case "bg":
            blocks = rf"(?<!\w){words}\s?[\"„“]?{street}(?:\s\d{{1,2}})?[\"”“]?{part}{{1,5}}"
            home = rf"(?:гр\.\s?{_CAPITALISED}\s(?:\d{{4}})?,?\s)?"
            found = [blocks, home + word_first + more]
        case "ka":
            quarter = rf"(?<!\w)(?:{street}\s)?(?:მე-)?\d{{1,3}}\s{words}{part}{{1,4}}"
            first = street_first.replace("{1,3}", "{1,2}", 1)
            flat = r"(?:კორპ|ბინა|ბ)(?:\.|(?!\w))\s?\d{1,4}"
            bare = rf"(?<!\w){street}\s{_NUMBER},\s{flat}{part}{{0,3}}"
            found = [first + more, word_first + more, quarter, bare]
        case "et":
            # Towns know streets by their first word: "Kase 4-12, Tallinn".
            name = rf"(?<!\w)(?!Kell\s){_CAPITALISED}\s\d{{1,3}}[a-z]?"
            post = rf"(?:,\s(?:\d{{5}}\s)?{_CAPITALISED})?"
            found = [street_first + more + post]
            found.append(rf"{name}-\d{{1,3}},\s(?:\d{{5}}\s)?{_CAPITALISED}")
            found.append(rf"{name}\s(?:krt|korter)\.?\s\d{{1,3}}{post}")
        case _:
            found = [street_first + more]
    return tuple(map(re.compile, found))
