"""The word lists of a language: data files that a native speaker can read and mend."""

import functools
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from regulars.text import normal, people
from regulars.text.people import People

_DATA = resources.files("regulars.text") / "data"
Pattern = re.Pattern[str]
NEVER = people.NEVER


@dataclass(frozen=True, slots=True)
class ToneRule:
    """Something not to write to a customer, and what would be better."""

    id: str
    pattern: Pattern
    better: str


@dataclass(frozen=True)
class Lexicon:
    """The patterns of one language, all to be held against `normal.flat` or `normal.folded` text.

    Where a language has no list, its pattern finds nothing. Those of `people` are the exception:
    they look at the text as it is, capitals and all.
    """

    language: str
    topics: Mapping[str, Pattern]
    hints: Mapping[str, Pattern]
    """Loose signs of the four coarse topics, of praise ("positive") and complaint ("negative")."""
    urgent: Mapping[str, tuple[Pattern, ...]]
    positive: Pattern
    negative: Pattern
    negators: Pattern
    contrasts: Pattern
    questions: Pattern
    irony: tuple[Pattern, ...]
    good_turns: tuple[Pattern, ...]
    bad_turns: tuple[Pattern, ...]
    suggestions: tuple[Pattern, ...]
    praise: tuple[Pattern, ...]
    polite: Pattern
    greetings: Pattern
    signoffs: Pattern
    reasons: Pattern
    unsubscribes: Pattern
    contrast_words: tuple[str, ...]
    subordinators: tuple[str, ...]
    people: People
    tone: tuple[ToneRule, ...]
    tone_reasons: Mapping[str, str]
    tone_better: Mapping[str, str]
    """Why each remark on the tone is made, and what is better, by the rule's name."""


@functools.cache
def load(language: str) -> Lexicon:
    """The lists of a language; empty ones where there is no file."""
    main, extra = _table("lexicons", language), _table("signs", language)
    turns, tone = _table("turns", language), _table("tone", language)

    def both(name: str) -> list[str]:
        return [*main.get(name, ()), *extra.get(name, ())]

    praise, complaint = (
        [*main.get(name, ()), *_open(extra.get(name, ()))] for name in ("positive", "negative")
    )

    def patterns(name: str) -> tuple[Pattern, ...]:
        return tuple(_compiled(entry) for entry in main.get(name, ()))

    return Lexicon(
        language,
        topics={slug: words(found) for slug, found in main.get("topics", {}).items()},
        hints={name: words(_open(found)) for name, found in _table("hints", language).items()},
        urgent={
            kind: tuple(map(_compiled, found)) for kind, found in main.get("urgent", {}).items()
        },
        positive=words(praise, unless=complaint),
        negative=words(complaint, unless=praise),
        negators=words(both("negators")),
        contrasts=words(both("contrasts")),
        questions=words(main.get("questions", ())),
        irony=patterns("irony"),
        good_turns=tuple(map(_compiled, turns.get("good", ()))),
        bad_turns=tuple(map(_compiled, turns.get("bad", ()))),
        suggestions=patterns("suggestions"),
        praise=patterns("praise"),
        polite=words([*main.get("polite", ()), *main.get("greetings", ())]),
        greetings=words(main.get("greetings", ())),
        signoffs=words(main.get("signoffs", ())),
        reasons=words(extra.get("reasons", ())),
        unsubscribes=words(extra.get("unsubscribes", ())),
        contrast_words=tuple(normal.flat(w) for w in both("contrasts")),
        subordinators=tuple(normal.flat(w) for w in both("subordinators")),
        people=people.patterns(_table("people", language), both("closings"), language),
        tone=tuple(
            ToneRule(rule["id"], _compiled(rule["pattern"]), rule["better"])
            for rule in main.get("tone", ())
        ),
        tone_reasons=tone.get("reasons", {}),
        tone_better=tone.get("better", {}),
    )


def words(entries: Iterable[str], *, unless: Iterable[str] = ()) -> Pattern:
    """Finds entries as whole words of flat text; those that end in * as beginnings of words.

    A beginning does not count where a longer entry of `unless` begins in the same way and fits:
    "gond*" (trouble) is not found in "gondos" (careful).
    """
    folded = {normal.folded(entry) for entry in entries} - {""}
    others = {normal.folded(entry) for entry in unless} - folded - {""}
    parts = [_part(e, others) for e in sorted(folded, key=len, reverse=True)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})") if parts else NEVER


def _part(entry: str, others: Iterable[str]) -> str:
    stem = entry.rstrip("*")
    if not entry.endswith("*"):
        return re.escape(stem) + r"(?!\w)"
    longer = (
        o[len(stem) :] for o in others if o.startswith(stem) and len(o.rstrip("*")) > len(stem)
    )
    rests = [
        re.escape(rest.rstrip("*")) + ("" if rest.endswith("*") else r"(?!\w)")
        for rest in sorted(longer)
    ]
    return re.escape(stem) + (rf"(?!{'|'.join(rests)})" if rests else "") + r"\w*"


def _open(entries: Iterable[str]) -> list[str]:
    return [entry if len(entry) < 4 else f"{entry}*" for entry in entries]


def _compiled(pattern: str) -> Pattern:
    return re.compile(pattern, re.IGNORECASE)


def _table(folder: str, language: str) -> dict[str, Any]:
    path = _DATA / folder / f"{language}.toml"
    if not re.fullmatch(r"[a-z]{2,3}", language) or not path.is_file():
        return {}
    return tomllib.loads(path.read_text("utf-8"))


_LEARNED_FROM = (
    *("positive", "negative", "negators", "contrasts", "irony", "topics", "urgent"),
    *("good", "bad"),
)


@functools.cache
def fingerprint() -> str:
    """SHA-256 of the word lists that the classifiers look at."""
    digest = hashlib.sha256()
    for path in sorted((_DATA / "lexicons").iterdir(), key=lambda p: p.name):
        for folder in ("lexicons", "signs", "turns"):
            lists = _table(folder, path.name.removesuffix(".toml"))
            digest.update(repr([(name, lists.get(name)) for name in _LEARNED_FROM]).encode())
        digest.update(repr(_table("hints", path.name.removesuffix(".toml"))).encode())
    return digest.hexdigest()
