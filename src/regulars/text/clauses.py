"""Sentences and clauses of a comment, each with its place in what the customer wrote."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from regulars.text import normal
from regulars.text.lexicon import Lexicon, load

MOST = 40
"""Clauses that are looked at; the rest of a very long comment stays one last clause."""

_SENTENCE_END = re.compile(r"(?<=[.!?…;])[\"'”»)]*\s+|\n+|(?<=[!?…])(?=[^\W\d_])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|no|nr|hr|pr|ifj|id|özv|kb|pl|stb|ul|bul|tel|ft|eur|г|гр|ул|бул|тел"
    r"|лв|др|проф|инж|т\.н|lk|tn|pst|kl|ca|vt)|\b\w)\.[\"'”»)]*\s*$",
    re.IGNORECASE,
)
_COMMA = re.compile(r",\s+|\s+[\u2013\u2014-]\s+")
_LEAST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` up to but not including `end` of a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters of the span."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement; `after_contrast` says that "but" or the like stands in front of it."""

    span: Span
    text: str
    after_contrast: bool = False


def sentences(text: str) -> list[Span]:
    """Spans of the sentences, without surrounding white space; abbreviations do not end one."""
    found, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        if _ABBREVIATION.search(text[max(start, match.start() - 12) : match.start()]):
            continue
        found.append(_trimmed(text, start, match.start()))
        start = match.end()
    found.append(_trimmed(text, start, len(text)))
    return [span for span in found if span.start < span.end]


def clauses(text: str, language: str) -> list[Clause]:
    """The clauses of a comment, at most `MOST`, in order.

    Sentences are cut before contrast words ("but") and at commas where two words or more stand on
    both sides and the second part does not depend on the first ("that", "which", "because").
    Sentences without a word (a number, an emoji) are no clauses.
    """
    readable = normal.readable(text[: normal.MAX_READ])
    words = load(language)
    found: list[Clause] = []
    for sentence in sentences(readable):
        if not _count(readable, sentence.start, sentence.end):
            continue
        found.extend(_clauses_of(readable, sentence, words))
        if len(found) >= MOST:
            break
    return found[:MOST]


def _clauses_of(text: str, sentence: Span, words: Lexicon) -> Iterator[Clause]:
    start, contrast = sentence.start, _starts_with(text, sentence.start, words.contrast_words)
    for cut_from, cut_to, is_contrast in _cuts(text, sentence, words):
        if _count(text, start, cut_from) < _LEAST_WORDS or (
            _count(text, cut_to, sentence.end) < _LEAST_WORDS
        ):
            continue
        yield _clause(text, start, cut_from, contrast)
        start, contrast = cut_to, is_contrast
    yield _clause(text, start, sentence.end, contrast)


def _cuts(text: str, sentence: Span, words: Lexicon) -> Iterator[tuple[int, int, bool]]:
    """Places between clauses: where one ends, where the next starts, whether "but" starts it."""
    part = sentence.of(text)
    cuts = {}
    for match in _COMMA.finditer(part):
        after = sentence.start + match.end()
        if _starts_with(text, after, words.subordinators):
            continue
        is_contrast = _starts_with(text, after, words.contrast_words)
        cuts[sentence.start + match.start()] = (after, is_contrast)
    for match in _contrast_pattern(words.contrast_words).finditer(normal.flat(part)):
        at = sentence.start + match.start()
        if text[:at].rstrip().endswith((",", "-", "–", "—")):
            continue
        cuts[at] = (at, True)
    for cut in sorted(cuts):
        yield cut, cuts[cut][0], cuts[cut][1]


@functools.lru_cache(maxsize=32)
def _contrast_pattern(contrasts: tuple[str, ...]) -> re.Pattern[str]:
    if not contrasts:
        return re.compile(r"(?!)")
    longest_first = sorted(map(re.escape, contrasts), key=len, reverse=True)
    return re.compile(rf"(?<=\s)(?:{'|'.join(longest_first)})(?=[\s,])", re.IGNORECASE)


def _starts_with(text: str, at: int, phrases: tuple[str, ...]) -> bool:
    ahead = normal.flat(text[at : at + 40]).lstrip()
    return any(ahead.startswith(p) and not ahead[len(p) : len(p) + 1].isalpha() for p in phrases)


def _count(text: str, start: int, end: int) -> int:
    return sum(1 for _ in normal.words(text[start:end]))


def _clause(text: str, start: int, end: int, contrast: bool) -> Clause:
    span = _trimmed(text, start, end)
    return Clause(span, span.of(text), contrast)


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
