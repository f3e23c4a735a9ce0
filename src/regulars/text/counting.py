"""Counting what comments are about, honestly: shares corrected by the owner's own labels.

A reader that is wrong in one direction counts wrong however many comments it reads. Where the owner
has labelled a random sample, prediction-powered inference takes the reader's error out again and
says how sure the corrected share is (`regulars.stats.ppi`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regulars.stats.intervals import wilson
from regulars.stats.ppi import corrected_share
from regulars.text.evaluate import Labelled, measured
from regulars.text.reading import Reader, Reading
from regulars.text.topics import Corrections

LEAST_LABELS = 20
"""Labels below which a share is only counted, not corrected: the correction would be noise."""


@dataclass(frozen=True, slots=True)
class TopicShare:
    """The share of comments that are about a topic, 0 to 1, with a 95 % interval.

    `is_corrected` is false where too few labels were given: then `value` is what the reader counts
    and the interval covers chance only, not the reader's mistakes, which must be said beside it.
    `counted` is what the reader counts, `labels` how many labels the correction rests on.
    """

    slug: str
    value: float
    low: float
    high: float
    is_corrected: bool
    counted: float
    labels: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often readings of one language were right: a row of the table that the product shows.

    `right` of `told` readings; `abstained` of all `labels` got no reading. `low` and `high` are
    Wilson's 95 % interval, 0 and 1 where nothing was told.
    """

    language: str
    part: str
    """`topic`, `sentiment` or `language`."""
    labels: int
    told: int
    right: int
    low: float
    high: float

    @property
    def abstained(self) -> int:
        """Labels without a reading."""
        return self.labels - self.told

    @property
    def share(self) -> float | None:
        """Right readings among those told; None where nothing was told."""
        return self.right / self.told if self.told else None


def topic_shares(
    readings: Sequence[Reading],
    labels: Mapping[int, Sequence[str]],
    *,
    corrections: Corrections | None = None,
    least: int = LEAST_LABELS,
) -> list[TopicShare]:
    """The share of each topic among all comments read, the largest first.

    `labels` gives the right topics (none: unsorted) of some of the readings, by their place; these
    must be a random sample, not those that looked wrong, or the shares lean. The readings must come
    from a reader that has not been taught these very labels. Merged topics count as what they are
    part of. Raises `IndexError` for a label without its reading.
    """
    decided = corrections or Corrections()
    if labels and not 0 <= min(labels) <= max(labels) < len(readings):
        raise IndexError("a label belongs to no reading")
    read = [{topic.slug for topic in reading.topics} for reading in readings]
    true = {place: {decided.final(slug) for slug in slugs} for place, slugs in labels.items()}
    found = [_share(slug, read, true, least) for slug in sorted(set().union(*read, *true.values()))]
    return sorted(found, key=lambda share: (-share.value, share.slug))


def _share(
    slug: str, read: Sequence[set[str]], true: Mapping[int, set[str]], least: int
) -> TopicShare:
    says = [float(slug in slugs) for slugs in read]
    counted = sum(says) / len(says)
    if len(true) < least:
        around = wilson(sum(says), len(says))
        return TopicShare(slug, counted, around.low, around.high, False, counted, len(true))
    places = sorted(true)
    share = corrected_share(
        [float(slug in true[place]) for place in places],
        [says[place] for place in places],
        [said for place, said in enumerate(says) if place not in true],
    )
    return TopicShare(slug, share.value, share.low, share.high, True, counted, len(true))


def accuracy_table(rows: Sequence[Labelled], reader: Reader) -> list[Accuracy]:
    """Measure the reading on labelled comments: one row per language and part that has labels.

    For the page that shows how far the reading can be trusted, measured again on own labels with
    one call. The comments must not have taught the reader.
    """
    return [
        _accuracy(code, name, part["confusion"])
        for code, parts in measured(rows, reader).items()
        for name, part in parts.items()
        if part["n"]
    ]


def _accuracy(code: str, name: str, confusion: Mapping[str, Mapping[str, int]]) -> Accuracy:
    labels = sum(sum(reads.values()) for reads in confusion.values())
    told = labels - sum(reads.get("abstained", 0) for reads in confusion.values())
    right = sum(reads.get(true, 0) for true, reads in confusion.items())
    around = wilson(right, told)
    return Accuracy(code, name, labels, told, right, around.low, around.high)
