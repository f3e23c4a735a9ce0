"""What comments are about: several topics each, with the words that made it so.

Owners may add, rename and merge topics and correct what was assigned. All of that is one value,
`Corrections`, which the caller stores; nothing else remembers it.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from regulars.text import features, learning, normal
from regulars.text.clauses import Clause, Span
from regulars.text.learning import Weights
from regulars.text.lexicon import load
from regulars.text.seeds import TOPICS
from regulars.text.trained import COARSE, Trained

DEPARTMENTS: Mapping[str, str] = {
    "delivery": "logistics",
    "price": "sales",
    "staff": "service",
    "quality": "production",
    "choice": "purchasing",
    "waiting": "service",
    "website": "online",
    "payment": "finance",
    "place": "operations",
    "complaint_handling": "customer_care",
    "returns": "customer_care",
    "atmosphere": "operations",
    "communication": "customer_care",
    "loyalty": "marketing",
}
"""The department that answers for a topic unless the owner says otherwise."""

THRESHOLD = 0.22
"""A topic is found from this probability on; below it for all topics a comment is unsorted."""
LEAST_EXAMPLES = 5
IMPORTANCE = 1.0
"""How much a correction counts, in seed sentences."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic found in a comment; `evidence` is the clause or keyword that says so."""

    slug: str
    probability: float
    evidence: Span
    department: str = ""
    by_owner: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A text that the owner gave topics; none at all means "unsorted is right"."""

    text: str
    language: str
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Corrections:
    """Everything that owners decided about topics. Immutable: each change gives a new value."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Names that owners gave, of own and renamed topics, by slug."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Topics that became part of another one."""
    departments: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """Slugs of topics that the owner added, in order."""
        named = [s for s in self.names if s not in TOPICS]
        used = [t for e in self.examples for t in e.topics if t not in TOPICS]
        return tuple(dict.fromkeys([*named, *used]))

    def added(self, slug: str, name: str, examples: Sequence[tuple[str, str]]) -> "Corrections":
        """With a new topic from (text, language) examples. It is learned from five of them on.

        Raises `ValueError` for a slug that is taken.
        """
        if slug in TOPICS or slug in self.own:
            raise ValueError(f"there is a topic {slug!r} already")
        grown = replace(self, names={**self.names, slug: name})
        for text, language in examples:
            grown = grown.assigned(text, language, (slug,))
        return grown

    def renamed(self, slug: str, name: str) -> "Corrections":
        """With another name for a topic."""
        return replace(self, names={**self.names, slug: name})

    def merging(self, slug: str, into: str) -> "Corrections":
        """With one topic made part of another. Raises `ValueError` for a circle."""
        if self.final(into) == slug:
            raise ValueError(f"{into!r} is part of {slug!r} already")
        return replace(self, merged={**self.merged, slug: into})

    def answering(self, slug: str, department: str) -> "Corrections":
        """With another department that answers for a topic."""
        return replace(self, departments={**self.departments, slug: department})

    def assigned(self, text: str, language: str, topics: Sequence[str]) -> "Corrections":
        """With the right topics of a text; the latest word on a text counts."""
        key = normal.keyed(text)
        kept = tuple(e for e in self.examples if normal.keyed(e.text) != key)
        return replace(self, examples=(*kept, Example(text, language, tuple(topics))))

    def final(self, slug: str) -> str:
        """The topic that a topic is part of now."""
        seen = {slug}
        while slug in self.merged and self.merged[slug] not in seen:
            slug = self.merged[slug]
            seen.add(slug)
        return slug

    def department(self, slug: str) -> str:
        """Who answers for a topic; empty for an own topic that nobody was named for."""
        return self.departments.get(slug, DEPARTMENTS.get(slug, ""))

    def to_json(self) -> str:
        """For storing; `from_json` reads it back to an equal value."""
        examples = [[e.text, e.language, list(e.topics)] for e in self.examples]
        return json.dumps(
            {
                "names": dict(self.names),
                "merged": dict(self.merged),
                "departments": dict(self.departments),
                "examples": examples,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, stored: str) -> "Corrections":
        """Read what `to_json` wrote."""
        data: dict[str, Any] = json.loads(stored)
        examples = tuple(Example(t, code, tuple(slugs)) for t, code, slugs in data["examples"])
        return cls(data["names"], data["merged"], data["departments"], examples)


class TopicReader:
    """Finds topics with one set of weights, moved by one set of corrections."""

    def __init__(
        self,
        trained: Trained,
        corrections: Corrections | None = None,
        rows: Sequence[features.Row] = (),
    ) -> None:
        """`rows` are the features of the corrections' examples, which are learned from."""
        self.corrections = corrections or Corrections()
        self._trained = trained
        self._known = {normal.keyed(e.text): e for e in self.corrections.examples}
        self.weights = trained.topics
        if self.corrections.examples:
            self.weights = _moved(trained, self.corrections, rows)

    def find(
        self, text: str, language: str, clauses: Sequence[Clause], rows: Sequence[features.Row]
    ) -> tuple[Topic, ...]:
        """Topics of a comment, the surest first; empty means unsorted.

        `rows` are the features of the whole comment and then of each clause.
        """
        whole = Span(0, min(len(text), normal.MAX_READ))
        if known := self._known.get(normal.keyed(text)):
            return tuple(
                Topic(slug, 1.0, whole, self.corrections.department(slug), by_owner=True)
                for slug in dict.fromkeys(map(self.corrections.final, known.topics))
            )
        spans = [whole, *(clause.span for clause in clauses)]
        table = learning.chances(self.weights.scores(rows))
        best: dict[str, Topic] = {}
        for column, label in enumerate(self.weights.labels):
            number = int(table[:, column].argmax())
            chance = float(table[number, column])
            if chance < THRESHOLD:
                continue
            if number == 0 and len(clauses) > 1:
                number = 1 + int(table[1:, column].argmax())
            slug = self.corrections.final(label)
            if slug not in best or best[slug].probability < chance:
                evidence = _keyword(text, spans[number], label, language) or spans[number]
                best[slug] = Topic(slug, chance, evidence, self.corrections.department(slug))
        return tuple(sorted(best.values(), key=lambda t: -t.probability))

    def coarse(self, rows: Sequence[features.Row]) -> str:
        """The likeliest of delivery, price, staff and quality; never abstains."""
        return COARSE[int(self._trained.coarse_scores(rows[:1])[0].argmax())]


def _keyword(text: str, span: Span, slug: str, language: str) -> Span | None:
    """The first keyword of a topic inside a span."""
    pattern = load(language).topics.get(slug)
    if pattern is None or not (match := pattern.search(normal.flat(span.of(text)))):
        return None
    return Span(span.start + match.start(), span.start + match.end())


def _moved(trained: Trained, corrections: Corrections, rows: Sequence[features.Row]) -> Weights:
    """The weights after the corrections, whose examples have these `rows`."""
    examples = corrections.examples
    counts = Counter(slug for example in examples for slug in example.topics)
    ready = tuple(slug for slug in corrections.own if counts[slug] >= LEAST_EXAMPLES)
    prior = learning.widened(trained.topics, ready)
    return learning.moved(
        prior,
        np.stack([row.dense for row in rows]),
        prior.scores(rows),
        np.array([[float(s in e.topics) for s in prior.labels] for e in examples]),
        np.full(len(examples), IMPORTANCE),
        stiffness=trained.stiffness,
    )
