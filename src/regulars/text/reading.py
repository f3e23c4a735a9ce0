"""Reading a comment: one call that says what it is about, how the customer feels, what they want.

reading = read("A futár kedves volt, de két órát késett.")
reading.language.code, reading.feeling.label, [t.slug for t in reading.topics]
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from regulars.text import clauses, feeling, language, latin, needs, normal, topics, trained
from regulars.text.clauses import Clause, Span
from regulars.text.encoder import (
    Cache,
    CachedEncoder,
    Encoder,
    LettersEncoder,
    MemoryCache,
    chosen_encoder,
)
from regulars.text.features import Row
from regulars.text.feeling import Feeling
from regulars.text.language import OWN, Language
from regulars.text.needs import Praise, Urgent
from regulars.text.topics import Corrections, Topic


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one comment. Spans are places in the comment as it was given."""

    language: Language
    feeling: Feeling
    topics: tuple[Topic, ...]
    """The surest first; none means unsorted."""
    coarse_topic: str
    """The likeliest of delivery, price, staff and quality; empty for a text without words."""
    suggestions: tuple[Span, ...] = ()
    questions: tuple[Span, ...] = ()
    urgent: tuple[Urgent, ...] = ()
    praise: tuple[Praise, ...] = ()
    by_model: bool = True
    """False where only word lists and spelling were used: less sure."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    comment: str
    language: Language
    clauses: list[Clause]
    texts: list[str]
    """The whole comment, then its clauses where there are several, as the model sees them."""


class Reader:
    """Reads comments with one encoder and one owner's corrections; keep it, it is costly to make.

    Loading takes some tenths of a second and the bundled model's 90 MB with the first comment.
    Safe to use from several threads.
    """

    def __init__(
        self,
        encoder: Encoder | None = None,
        *,
        corrections: Corrections | None = None,
        cache: Cache | None = None,
    ) -> None:
        """`encoder` defaults to the bundled model; see `encoder.chosen_encoder` for settings."""
        plain = chosen_encoder() if encoder is None else encoder
        self._by_model = not isinstance(plain, LettersEncoder)
        self._encoder = CachedEncoder(plain, MemoryCache() if cache is None else cache)
        self._trained = trained.for_encoder(self._encoder)
        self._examples: dict[tuple[str, str], Row] = {}
        self._topics = self._taught(corrections)

    def corrected(self, corrections: Corrections) -> "Reader":
        """A reader with other corrections that shares the model and its cache."""
        other = object.__new__(Reader)
        other._by_model, other._encoder = self._by_model, self._encoder
        other._trained, other._examples = self._trained, self._examples
        other._topics = other._taught(corrections)
        return other

    def _taught(self, corrections: Corrections | None) -> topics.TopicReader:
        """Learns the corrections; the features of their examples are worked out once."""
        examples = corrections.examples if corrections else ()
        keys = [(example.text, example.language) for example in examples]
        if new := [key for key in keys if key not in self._examples]:
            texts, codes = [text for text, _ in new], [code for _, code in new]
            rows = self._trained.rows(texts, codes, self._encoder.encode(texts))
            self._examples.update(zip(new, rows, strict=True))
        return topics.TopicReader(self._trained, corrections, [self._examples[key] for key in keys])

    def read(
        self, comment: str, *, languages: Sequence[str] = OWN, score: float | None = None
    ) -> Reading:
        """Read one comment; see the function of this name."""
        return self.read_many([comment], languages=languages, scores=[score])[0]

    def read_many(
        self,
        comments: Sequence[str],
        *,
        languages: Sequence[str] = OWN,
        scores: Sequence[float | None] | None = None,
    ) -> list[Reading]:
        """Read comments together, which is quicker than one by one."""
        own_scores = scores if scores is not None else [None] * len(comments)
        languages = language.codes(languages)
        prepared = [_prepared(comment, languages) for comment in comments]
        texts = [text for each in prepared for text in each.texts]
        codes = [each.language.code for each in prepared for _ in each.texts]
        vectors = self._encoder.encode(texts)
        rows = self._trained.rows(texts, codes, vectors)
        found, at = [], 0
        for each, score in zip(prepared, own_scores, strict=True):
            mine = rows[at : at + len(each.texts)]
            at += len(each.texts)
            found.append(self._reading(each, mine, score))
        return found

    @staticmethod
    def languages_of(comments: Sequence[str], languages: Sequence[str] = OWN) -> list[str]:
        """The language codes of comments."""
        return [language.language_of(each, languages=languages).code for each in comments]

    def _reading(self, each: _Prepared, rows: Sequence[Row], score: float | None) -> Reading:
        code, text = each.language.code, each.comment
        felt = feeling.of_score(score) if score is not None else None
        if not any(True for _ in normal.words(each.texts[0])):
            return Reading(
                each.language, felt or feeling.of_marks(text), (), "", by_model=self._by_model
            )
        parts = each.clauses if len(rows) > 1 else []
        felt = felt or feeling.guess(self._trained, parts, rows, code)
        pressing = needs.urgent(text, code)
        if felt.label != "positive":
            pressing = needs.urgent_too(pressing, self._trained.urgent, text, parts, rows)
        return Reading(
            each.language,
            felt,
            self._topics.find(text, code, parts, rows),
            self._topics.coarse(rows),
            needs.suggestions(text, code),
            needs.questions(text, code),
            pressing,
            needs.praised(text, code),
            self._by_model,
        )


def read(comment: str, *, languages: Sequence[str] = OWN, score: float | None = None) -> Reading:
    """Read one comment with the bundled model and without corrections.

    `languages` are the shop's (ISO 639-1); `score` is the customer's own as a share of its scale
    (0 worst, 1 best) and then decides the feeling. Never raises for any text; the first
    `normal.MAX_READ` characters are read.
    """
    return _default().read(comment, languages=languages, score=score)


@functools.lru_cache(maxsize=1)
def _default() -> Reader:
    return Reader()


def _prepared(comment: str, languages: Sequence[str]) -> _Prepared:
    guess = language.language_of(comment, languages=languages)
    found = clauses.clauses(comment, guess.code)
    texts = [normal.compact(comment[: normal.MAX_READ])]
    if len(found) > 1:
        texts += [clause.text for clause in found]
    if guess.transliterated:
        texts = [latin.in_own_letters(text, guess.code) for text in texts]
    return _Prepared(comment, guess, found, texts)
