"""Signs of feeling that word lists show: praise, complaint, what negation makes of them, irony."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from regulars.text import normal
from regulars.text.lexicon import Lexicon, load

_GLAD = re.compile(
    "[\U0001f600-\U0001f60b\U0001f60d-\U0001f60f\U0001f617-\U0001f61d\U0001f970\U0001f929\U0001f44d"
    "\U0001f44c\U0001f64f\U0001f44f\u2764\U0001f495-\U0001f49f\u2b50\U0001f31f\U0001f389\U0001f60a]"
    r"|(?<!\w)[:;]-?[)D]+|<3"
)
_SAD = re.compile(
    "[\U0001f610-\U0001f616\U0001f61e-\U0001f62f\U0001f641\U0001f44e\U0001f92c\U0001f92e\U0001f4a9"
    "\U0001f595]" + r"|(?<!\w):-?[(/]+"
)
_QUOTED = re.compile(r"[\"„“”«»']\w[^\"„“”«»']{1,30}[\"“”«»']")
_NUMBER = re.compile(r"\d")
_REACH = 3
"""Words after a negator that it turns round; one word before it."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Counts, each squeezed to at most 2, and yes-or-no values, of one text."""

    praise: float
    complaint: float
    negated_praise: float
    negated_complaint: float
    last_praise: float
    last_complaint: float
    balance: float
    negators: float
    contrast: float
    glad_marks: float
    sad_marks: float
    exclamations: float
    ellipsis: float
    quoted_praise: float
    praise_with_number: float
    question: float
    irony: float
    good_turn: float
    bad_turn: float
    urgent: float

    def values(self) -> npt.NDArray[np.float64]:
        """The signs as a row of numbers."""
        return np.array([getattr(self, name) for name in NAMES], np.float64)


NAMES = tuple(each.name for each in fields(Signs))


@dataclass(frozen=True, slots=True)
class Opinion:
    """A word of praise (+1) or complaint (-1) at a place of folded text, after any negation."""

    start: int
    sign: int
    negated: bool


def opinions(
    folded: str,
    words: Lexicon,
    positive: re.Pattern[str] | None = None,
    negative: re.Pattern[str] | None = None,
) -> list[Opinion]:
    """The opinion words of folded text with what negation does to them, in order.

    `positive` and `negative` stand for the lists of `words` where they are given.
    """
    tokens = [m.span() for m in normal.words(folded)]
    negators = dict(m.span() for m in words.negators.finditer(folded))
    starts = [start for start, _ in tokens]
    turned: set[int] = set()
    for negator in negators:
        at = next((i for i, start in enumerate(starts) if start >= negator), len(starts))
        stop = re.search(r"[,.;!?]", folded[negator:])
        limit = negator + stop.start() if stop else len(folded)
        turned.update(s for s in starts[at + 1 : at + 1 + _REACH] if s < limit)
    found = []
    for sign, pattern in ((1, positive or words.positive), (-1, negative or words.negative)):
        for match in pattern.finditer(folded):
            if negators.get(match.start()) == match.end():
                continue
            flip = match.start() in turned
            found.append(Opinion(match.start(), -sign if flip else sign, flip))
    return sorted(found, key=lambda o: o.start)


def signs(text: str, language: str) -> Signs:
    """The signs of feeling in a text of a language."""
    words = load(language)
    folded = normal.folded(text)
    found = opinions(folded, words)
    after = _last_part(folded, words)
    last = [o for o in found if o.start >= after]
    praise = sum(o.sign > 0 for o in found)
    complaint = sum(o.sign < 0 for o in found)
    return Signs(
        praise=min(2.0, praise),
        complaint=min(2.0, complaint),
        negated_praise=min(2.0, sum(o.negated and o.sign < 0 for o in found)),
        negated_complaint=min(2.0, sum(o.negated and o.sign > 0 for o in found)),
        last_praise=min(2.0, sum(o.sign > 0 for o in last)),
        last_complaint=min(2.0, sum(o.sign < 0 for o in last)),
        balance=max(-2.0, min(2.0, float(praise - complaint))),
        negators=min(2.0, sum(1 for _ in words.negators.finditer(folded))),
        contrast=float(after > 0),
        glad_marks=min(2.0, len(_GLAD.findall(text))),
        sad_marks=min(2.0, len(_SAD.findall(text))),
        exclamations=min(2.0, text.count("!")),
        ellipsis=float("..." in text or "…" in text),
        quoted_praise=float(_is_praise_quoted(text, words)),
        praise_with_number=float(praise > 0 and bool(_NUMBER.search(text))),
        question=float("?" in text),
        irony=float(any(pattern.search(folded) for pattern in words.irony)),
        good_turn=float(any(pattern.search(folded) for pattern in words.good_turns)),
        bad_turn=float(any(pattern.search(folded) for pattern in words.bad_turns)),
        urgent=float(any(p.search(folded) for kind in words.urgent.values() for p in kind)),
    )


def _last_part(folded: str, words: Lexicon) -> int:
    return max((m.end() for m in words.contrasts.finditer(folded)), default=0)


def _is_praise_quoted(text: str, words: Lexicon) -> bool:
    return any(words.positive.search(part) for part in _quotes(text))


def _quotes(text: str) -> Iterator[str]:
    for match in _QUOTED.finditer(text):
        yield normal.folded(match.group())


def marks(text: str) -> tuple[int, int]:
    """How many glad and sad emoji and smileys a text has."""
    return len(_GLAD.findall(text)), len(_SAD.findall(text))
