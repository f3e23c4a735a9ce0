"""What a customer wants: suggestions, questions that want an answer, urgent matters, praise."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from regulars.text import learning, normal, people
from regulars.text.clauses import Clause, Span, sentences
from regulars.text.features import Row
from regulars.text.learning import Weights
from regulars.text.lexicon import Lexicon, load
from regulars.text.seeds import URGENT_KINDS

URGENT = 0.1
"""Probability from which a matter is urgent: better one too many than one too few."""


@dataclass(frozen=True, slots=True)
class Urgent:
    """A matter that somebody should look at today."""

    kind: str
    """One of `URGENT_KINDS`."""
    span: Span


@dataclass(frozen=True, slots=True)
class Praise:
    """Praise of a person or product by name."""

    name: str
    span: Span


def suggestions(text: str, language: str) -> tuple[Span, ...]:
    """Sentences that propose something ("it would be good if …")."""
    return _sentences_with(text, load(language).suggestions)


def questions(text: str, language: str) -> tuple[Span, ...]:
    """Sentences that want an answer: with a question mark, or starting with a question word.

    Exclaimed questions ("what is this?!") and tags of one word do not count.
    """
    words = load(language)
    readable = normal.readable(text[: normal.MAX_READ])
    return tuple(s for s in sentences(readable) if _is_question(s.of(readable), words))


def _is_question(sentence: str, words: Lexicon) -> bool:
    count = sum(1 for _ in normal.words(sentence))
    if re.search(r"\?\s*!|!\s*\?", sentence):
        return False
    if sentence.rstrip("\"'”») ").endswith("?"):
        return count >= 2
    return count >= 3 and bool(words.questions.match(normal.folded(sentence)))


def urgent(text: str, language: str) -> tuple[Urgent, ...]:
    """Urgent matters, at most one of each kind, in the order of `URGENT_KINDS`."""
    readable = normal.readable(text[: normal.MAX_READ])
    parts = [(s, normal.folded(s.of(readable))) for s in sentences(readable)]
    found = []
    for kind in URGENT_KINDS:
        patterns = load(language).urgent.get(kind, ())
        span = next((s for s, part in parts if _any(patterns, part)), None)
        if span is not None:
            found.append(Urgent(kind, span))
    return tuple(found)


def urgent_too(
    known: Sequence[Urgent],
    weights: Weights,
    text: str,
    clauses: Sequence[Clause],
    rows: Sequence[Row],
) -> tuple[Urgent, ...]:
    """Urgent matters that are `known` by their words, and those that the classifier sees as well.

    `rows` are the features of the whole comment and of each clause.
    """
    spans = [Span(0, min(len(text), normal.MAX_READ)), *(clause.span for clause in clauses)]
    table = learning.chances(weights.scores(rows))
    found = {each.kind: each for each in known}
    for column, kind in enumerate(URGENT_KINDS):
        number = int(table[:, column].argmax())
        if table[number, column] >= URGENT:
            found.setdefault(kind, Urgent(kind, spans[number]))
    return tuple(found[kind] for kind in URGENT_KINDS if kind in found)


def praised(text: str, language: str) -> tuple[Praise, ...]:
    """Names near words of praise, each once.

    A name is what stands beside a title, a usual given name, or a capitalised word inside a
    sentence. Georgian has no capitals, so that there only the first two are found.
    """
    words = load(language)
    readable = normal.readable(text[: normal.MAX_READ])
    found: dict[str, Praise] = {}
    for sentence in sentences(readable):
        part = sentence.of(readable)
        if not _praises(part, words):
            continue
        for start, end in _names(part, words):
            span = Span(sentence.start + start, sentence.start + end)
            found.setdefault(part[start:end].casefold(), Praise(part[start:end], span))
    return tuple(found.values())


def _praises(sentence: str, words: Lexicon) -> bool:
    from regulars.text.signs import opinions

    folded = normal.folded(sentence)
    signs = [o.sign for o in opinions(folded, words)]
    return (any(s > 0 for s in signs) or _any(words.praise, folded)) and sum(signs) >= 0


def _names(sentence: str, words: Lexicon) -> Sequence[tuple[int, int]]:
    titled = [people.name_span(m) for m in words.people.titled.finditer(sentence)]
    if titled:
        return titled
    names = {match.span() for match in words.people.known.finditer(sentence)}
    for match in re.finditer(r"(?<=[^\W_][ ,])[^\W\d_a-z]\w{2,20}\b", sentence):
        word = match.group()
        if word[0].isupper() and word[1:].islower() and not _is_common(word, words):
            names.add(match.span())
    return sorted(names)[:3]


def _is_common(word: str, words: Lexicon) -> bool:
    folded = normal.folded(word)
    return folded in words.people.never or any(
        pattern.match(folded)
        for pattern in (
            words.positive,
            words.negative,
            words.polite,
            *words.topics.values(),
        )
    )


def _sentences_with(text: str, patterns: Sequence[re.Pattern[str]]) -> tuple[Span, ...]:
    readable = normal.readable(text[: normal.MAX_READ])
    return tuple(s for s in sentences(readable) if _any(patterns, normal.folded(s.of(readable))))


def _any(patterns: Sequence[re.Pattern[str]], folded: str) -> bool:
    return any(pattern.search(folded) for pattern in patterns)
