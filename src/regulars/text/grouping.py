"""Comments seen together: near-duplicates, what is new, what stands out, which to quote."""

import itertools
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from regulars.text import normal
from regulars.text.encoder import Vectors

SAME = 0.8
"""Share of common letter sequences (Jaccard) from which two comments are near-duplicates."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A lemma or pair of lemmas that stands out; `weight` is a log-likelihood ratio (Dunning 1993).

    `now` and `before` count the comments that hold it.
    """

    words: tuple[str, ...]
    now: int
    before: int
    weight: float


def near_duplicates(texts: Sequence[str], *, same: float = SAME) -> list[tuple[int, ...]]:
    """Groups of two or more texts that say the same in nearly the same letters.

    Positions in `texts`, each in at most one group. Compares only texts that share an uncommon
    letter sequence, so that thousands of texts take seconds.
    """
    prints = [_print(text) for text in texts]
    parent = list(range(len(texts)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for one, other in _pairs(prints):
        if root(one) != root(other) and _jaccard(prints[one], prints[other]) >= same:
            parent[max(root(one), root(other))] = min(root(one), root(other))
    groups: dict[int, list[int]] = {}
    for at, found in enumerate(prints):
        if found:
            groups.setdefault(root(at), []).append(at)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _print(text: str) -> frozenset[str]:
    words = normal.keyed(text[: normal.MAX_READ])
    key = f" {words or ' '.join(text[: normal.MAX_READ].split())} "  # emoji and numbers alone
    return frozenset(key[i : i + 4] for i in range(len(key) - 3))


def _pairs(prints: Sequence[frozenset[str]]) -> Iterable[tuple[int, int]]:
    common = Counter(gram for found in prints for gram in found)
    holders: dict[str, list[int]] = {}
    for at, found in enumerate(prints):
        for gram in sorted(found, key=lambda g: (common[g], g))[: max(3, len(found) // 4)]:
            if common[gram] > 1:
                holders.setdefault(gram, []).append(at)
    seen: set[tuple[int, int]] = set()
    for found_in in holders.values():
        for position, other in enumerate(found_in):
            # Where very many share it, the first ones stand for all.
            for one in found_in[: min(position, 200 if position < 200 else 20)]:
                if (one, other) not in seen:
                    seen.add((one, other))
                    yield one, other


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def standing_out(
    now: Sequence[str], before: Sequence[str], language: str, *, most: int = 10
) -> list[Phrase]:
    """Words and pairs of words (as lemmas) that comments hold more often now than before.

    At least three comments of now, log-likelihood ratio of at least 6.63 (one in a hundred by
    chance), strongest first; a pair hides its own words.
    """
    new, old = _document_counts(now, language), _document_counts(before, language)
    found = [
        Phrase(words, count, old[words], _log_likelihood(count, len(now), old[words], len(before)))
        for words, count in new.items()
        if count >= 3 and count / max(1, len(now)) > old[words] / max(1, len(before))
    ]
    strong = sorted(
        (p for p in found if p.weight >= 6.63), key=lambda p: (-p.weight, -len(p.words), p.words)
    )
    kept: list[Phrase] = []
    for phrase in strong:
        if not any(set(phrase.words) <= set(k.words) for k in kept):
            kept.append(phrase)
    return kept[:most]


def _document_counts(texts: Sequence[str], language: str) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        found = [word for word in normal.lemmas(text, language) if len(word) > 2]
        singles = {(word,) for word in found if len(word) > 3}
        counts.update(singles | set(itertools.pairwise(found)))
    return counts


def _log_likelihood(one: int, of_one: int, other: int, of_other: int) -> float:
    """Dunning's (1993) G2 of two proportions, never negative."""
    share = (one + other) / max(1, of_one + of_other)
    return max(0.0, 2 * (_gain(one, of_one, share) + _gain(other, of_other, share)))


def _gain(count: int, of: int, share: float) -> float:
    parts = ((count, of * share), (of - count, of * (1 - share)))
    return sum(seen * math.log(seen / due) for seen, due in parts if seen > 0 and due > 0)


def new_topics(
    now: Counter[Hashable], before: Counter[Hashable], *, now_total: int, before_total: int
) -> list[tuple[Hashable, float]]:
    """Topics whose share among comments grew beyond chance (G2 of 3.84), with the growth.

    The growth is the difference of shares, largest first.
    """
    grown = []
    for topic, count in now.items():
        growth = count / max(1, now_total) - before[topic] / max(1, before_total)
        weight = _log_likelihood(count, now_total, before[topic], before_total)
        if growth > 0 and weight >= 3.84:
            grown.append((topic, growth))
    return sorted(grown, key=lambda pair: (-pair[1], str(pair[0])))


def representative(texts: Sequence[str], vectors: Vectors, *, count: int = 3) -> tuple[int, ...]:
    """Positions of the texts to quote: near the middle of all, far from each other.

    Prefers texts of 20 to 240 characters (maximal marginal relevance, Carbonell & Goldstein 1998).
    """
    if not len(texts):
        return ()
    middle = vectors.mean(axis=0)
    near = vectors @ (middle / max(float(np.linalg.norm(middle)), 1e-9))
    fits = np.array([0.0 if 20 <= len(text) <= 240 else -0.1 for text in texts])
    chosen: list[int] = []
    while len(chosen) < min(count, len(texts)):
        alike = vectors @ vectors[chosen].T if chosen else np.zeros((len(texts), 1))
        worth = 0.7 * near + fits - 0.3 * alike.max(axis=1)
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
    return tuple(chosen)
