"""What the classifiers look at: a sentence vector, word lists, and hashed letter sequences.

Dense columns: the encoder's vector minus its language's mean, one count per topic's keywords, the
hints at topics and feeling, and the signs of feeling. Sparse columns: the letter sequences of three
to five of each word, hashed.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regulars.text import normal
from regulars.text.encoder import Vectors
from regulars.text.lexicon import load
from regulars.text.seeds import TOPICS
from regulars.text.signs import NAMES, Opinion, opinions, signs

BUCKETS = 1 << 14
GRAM_WEIGHT = 1.0
SIGN_WEIGHT = 0.5
HINTED = ("delivery", "price", "staff", "quality")
"""The topics that there are hints at, each a dense column; then come those at feeling."""
_MOST_HINTS = 3
_MONEY = re.compile(
    r"\d[\d., ]{0,12}\s?(?:€|£|\$|₾|ft\b|huf\b|eur|лв|лева|gel\b|ლარ|kr\b)|[€£$₾]\s?\d",
    re.IGNORECASE,
)

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """The features of one text: `dense`, and the numbers of the sparse columns that are on."""

    dense: Array
    on: npt.NDArray[np.int64]
    weight: float
    """The value of each sparse column that is on."""


def rows(texts: Sequence[str], languages: Sequence[str], vectors: Vectors) -> list[Row]:
    """Features of texts; `vectors` are centred and of length one."""
    found = []
    for number, (text, language) in enumerate(zip(texts, languages, strict=True)):
        folded = normal.folded(text)
        lists = np.concatenate(
            [
                topic_counts(folded, language),
                hint_counts(folded, language),
                signs(text, language).values(),
            ]
        )
        dense = np.concatenate([vectors[number], SIGN_WEIGHT * lists])
        on = np.array(sorted(set(_grams(folded, language))), np.int64)
        found.append(Row(dense, on, GRAM_WEIGHT / max(1.0, float(np.sqrt(len(on))))))
    return found


def sign(row: Row, name: str) -> float:
    """The value of a sign of feeling (a name of `signs.NAMES`) in a text's features."""
    return float(row.dense[NAMES.index(name) - len(NAMES)]) / SIGN_WEIGHT


def topic_counts(folded: str, language: str) -> Array:
    """Per topic of `TOPICS`: 0 without a keyword, 1 with one, 1.5 with more."""
    patterns = load(language).topics
    hits = [len(patterns[slug].findall(folded)) if slug in patterns else 0 for slug in TOPICS]
    return np.array([0.0 if not h else 1.0 if h == 1 else 1.5 for h in hits])


def hint_counts(folded: str, language: str) -> Array:
    """Per topic of `HINTED` the hints, then hints at praise and complaint and what is left of both.

    Each at most `_MOST_HINTS`; an amount of money hints at price. What is negated counts for the
    other side.
    """
    words = load(language)
    counts = [
        len(words.hints[topic].findall(folded)) if topic in words.hints else 0 for topic in HINTED
    ]
    counts[HINTED.index("price")] += len(_MONEY.findall(folded))
    felt: list[Opinion] = []
    if words.hints:
        felt = opinions(folded, words, words.hints["positive"], words.hints["negative"])
    good, bad = sum(o.sign > 0 for o in felt), sum(o.sign < 0 for o in felt)
    shown = np.minimum([*counts, good, bad], _MOST_HINTS).astype(np.float64)
    left = max(-_MOST_HINTS, min(_MOST_HINTS, good - bad))
    return np.append(shown, float(left))


def _grams(folded: str, language: str) -> list[int]:
    found = []
    for match in normal.words(folded[:1000]):
        word = f"<{match.group()}>"
        for size in (3, 4, 5):
            for start in range(len(word) - size + 1):
                gram = f"{language}{word[start : start + size]}"
                found.append(zlib.crc32(gram.encode("utf-8", "replace")) % BUCKETS)
    return found


def centred(vectors: Vectors, languages: Sequence[str], means: dict[str, Vectors]) -> Vectors:
    """Vectors minus the mean of their language, made of length one again.

    Languages without a mean of their own get the mean of all means.
    """
    if not len(vectors):
        return vectors
    middle: Vectors = np.stack(list(means.values())).mean(axis=0)
    moved = vectors - np.array([means.get(code, middle) for code in languages])
    lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    found: Vectors = (moved / lengths).astype(np.float32)
    return found
