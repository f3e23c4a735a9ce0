from collections import Counter

import numpy as np

from regulars.text import grouping


def test_near_duplicates() -> None:
    texts = [
        "The courier was late again and never called.",
        "Great bread!",
        "the courier was late again, and never called!!",
        "The courier was late again and never called me.",
        "",
        "",
    ]

    assert grouping.near_duplicates(texts) == [(0, 2, 3)]


def test_no_duplicate_is_lost_however_many_there_are() -> None:
    same = ["The coffee was cold again today."] * 300
    nearly = [f"The coffee was cold again today, table {n}." for n in range(300)]

    assert grouping.near_duplicates(same) == [tuple(range(300))]
    assert grouping.near_duplicates([*same, "Lovely.", *nearly], same=0.6) == [
        (*range(300), *range(301, 601))
    ]
    assert grouping.near_duplicates(["👍👍", "👍👍", "10/10", "10/10", ""]) == [(0, 1), (2, 3)]


def test_what_stands_out_now() -> None:
    before = ["The soup was good."] * 40
    now = ["The soup was good."] * 20 + ["The parking machine was broken."] * 10

    found = grouping.standing_out(now, before, "en")

    assert found[0].now == 10
    assert found[0].before == 0
    assert {"park", "machine"} <= {word for phrase in found for word in phrase.words}
    assert not any("soup" in phrase.words for phrase in found)


def test_nothing_stands_out_of_the_same() -> None:
    assert grouping.standing_out(["Good soup."] * 9, ["Good soup."] * 9, "en") == []


def test_new_topics_grow_beyond_chance() -> None:
    found = grouping.new_topics(
        Counter({"price": 30, "staff": 11}),
        Counter({"price": 10, "staff": 10}),
        now_total=100,
        before_total=100,
    )

    assert [topic for topic, _ in found] == ["price"]


def test_representative_quotes_differ() -> None:
    vectors = np.array([[1, 0], [1, 0.01], [0.8, 0.6], [0.6, -0.8]], np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [f"A comment of a fair length, number {n}." for n in range(4)]

    assert grouping.representative(texts, vectors, count=1) == (0,)
    assert len(set(grouping.representative(texts, vectors))) == 3
    assert grouping.representative([], vectors[:0]) == ()
