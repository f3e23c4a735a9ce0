import random

import pytest

from regulars.text.counting import Accuracy, TopicShare, accuracy_table, topic_shares
from regulars.text.evaluate import Labelled
from regulars.text.feeling import Feeling
from regulars.text.language import Language
from regulars.text.reading import Reader, Reading, Span
from regulars.text.topics import Corrections, Topic


def reading(*slugs: str) -> Reading:
    topics = tuple(Topic(slug, 0.9, Span(0, 1)) for slug in slugs)
    return Reading(Language("en", 1.0), Feeling("unclear", 0.0, is_guess=True), topics, "")


def test_a_reader_that_misses_half_is_corrected() -> None:
    chance = random.Random(4)
    truth = [chance.random() < 0.4 for _ in range(4000)]
    readings = [reading("price") if t and chance.random() < 0.5 else reading() for t in truth]
    labels = {place: (["price"] if truth[place] else []) for place in range(300)}

    found = topic_shares(readings, labels)

    true_share = sum(truth) / len(truth)
    assert [share.slug for share in found] == ["price"]
    assert found[0].is_corrected
    assert found[0].labels == 300
    assert found[0].counted < 0.22
    assert found[0].low < true_share < found[0].high
    assert found[0].value == pytest.approx(true_share, abs=0.04)
    alone = sum(truth[:300]) / 300
    assert found[0].high - found[0].low < 2 * 1.96 * (alone * (1 - alone) / 300) ** 0.5


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    chance = random.Random(8)
    covered = 0
    for _ in range(200):
        truth = [chance.random() < 0.3 for _ in range(600)]
        readings = [reading("staff") if t == (chance.random() < 0.8) else reading() for t in truth]
        labels = {place: (["staff"] if truth[place] else []) for place in range(100)}
        share = next(s for s in topic_shares(readings, labels) if s.slug == "staff")
        covered += share.low < 0.3 < share.high

    assert 180 <= covered <= 200


def test_few_labels_correct_nothing_and_it_is_said() -> None:
    readings = [reading("price"), reading("price", "staff"), reading(), reading()]

    found = topic_shares(readings, {0: ["staff"]})

    assert found == [
        TopicShare("price", 0.5, pytest.approx(0.1500, abs=1e-4), pytest.approx(0.8500, abs=1e-4),
                   False, 0.5, 1),
        TopicShare("staff", 0.25, pytest.approx(0.0456, abs=1e-4), pytest.approx(0.6994, abs=1e-4),
                   False, 0.25, 1),
    ]  # fmt: skip


def test_merged_topics_are_counted_as_one() -> None:
    merged = Corrections().merging("waiting", "staff")
    readings = [reading("staff")] * 30 + [reading()] * 10
    labels: dict[int, list[str]] = {place: ["waiting"] for place in range(15)}
    labels |= {place: [] for place in range(30, 35)}

    found = topic_shares(readings, labels, corrections=merged)

    assert [(share.slug, share.counted) for share in found] == [("staff", 0.75)]
    assert found[0].value == pytest.approx(0.75, abs=0.05)


def test_nothing_read_is_nothing_counted() -> None:
    assert topic_shares([], {}) == []


def test_a_label_needs_its_reading() -> None:
    with pytest.raises(IndexError, match="no reading"):
        topic_shares([reading()], {1: ["price"]})


def test_the_accuracy_table_is_measured_on_own_labels(plain_reader: Reader) -> None:
    rows = [
        Labelled("en", "The delivery was slow.", "delivery", "negative"),
        Labelled("en", "The waiter was rude.", "staff", "negative"),
        Labelled("en", "The prices are too high.", "staff", ""),
        Labelled("en", "🚲", "", "positive"),
    ]

    table = accuracy_table(rows, plain_reader)

    topic = next(row for row in table if row.part == "topic")
    assert topic == Accuracy(
        "en", "topic", 3, 3, 2, pytest.approx(0.2077, abs=1e-4), pytest.approx(0.9385, abs=1e-4)
    )
    felt = next(row for row in table if row.part == "sentiment")
    assert (felt.labels, felt.abstained, felt.share) == (3, 1, 1.0)
    assert [row.language for row in table] == ["en", "en", "en"]


def test_nothing_told_has_no_share(plain_reader: Reader) -> None:
    table = accuracy_table([Labelled("en", "🚲", "", "positive")], plain_reader)

    felt = next(row for row in table if row.part == "sentiment")
    assert (felt.share, felt.low, felt.high) == (None, 0.0, 1.0)
