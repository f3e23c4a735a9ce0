import json

import pytest

from regulars.text.reading import Reader
from regulars.text.topics import Corrections, Example

PARKING = [
    ("There is nowhere to park near the shop.", "en"),
    ("The car park was full again.", "en"),
    ("Parking costs more than the haircut.", "en"),
    ("I circled for half an hour to find a parking space.", "en"),
    ("Please reserve some parking spaces for customers.", "en"),
]


def slugs(reader: Reader, text: str) -> list[str]:
    return [topic.slug for topic in reader.read(text, languages=["en"]).topics]


def test_corrections_survive_storing() -> None:
    corrections = (
        Corrections()
        .added("parking", "Parking", PARKING)
        .renamed("place", "Cleanliness")
        .merging("waiting", "staff")
        .answering("parking", "operations")
        .assigned("Ça va", "fr", ())
    )

    assert Corrections.from_json(corrections.to_json()) == corrections
    assert json.loads(corrections.to_json())["names"] == {
        "parking": "Parking",
        "place": "Cleanliness",
    }


def test_own_topic_is_learned_from_five_examples_and_not_from_four(reader: Reader) -> None:
    text = "No parking space for my car anywhere."

    four = reader.corrected(Corrections().added("parking", "Parking", PARKING[:4]))
    five = reader.corrected(Corrections().added("parking", "Parking", PARKING))

    assert "parking" not in slugs(four, text)
    assert "parking" in slugs(five, text)
    assert "parking" not in slugs(five, "The waiter was rude.")


def test_own_topic_works_without_the_model(plain_reader: Reader) -> None:
    own = plain_reader.corrected(Corrections().added("parking", "Parking", PARKING))

    assert "parking" in slugs(own, "The parking space was too small for my car park habits.")


def test_a_correction_is_kept_to_the_letter(reader: Reader) -> None:
    text = "The waiter was rude!"

    corrected = reader.corrected(Corrections().assigned(text, "en", ("website",)))
    found = corrected.read("the WAITER  was rude", languages=["en"]).topics

    assert [(t.slug, t.by_owner) for t in found] == [("website", True)]


def test_the_latest_correction_counts() -> None:
    twice = Corrections().assigned("Fine", "en", ("price",)).assigned("fine!", "en", ("staff",))

    assert twice.examples == (Example("fine!", "en", ("staff",)),)


def test_merged_topics_are_one(reader: Reader) -> None:
    merged = reader.corrected(Corrections().merging("staff", "complaint_handling"))

    found = slugs(merged, "The shop assistant was rude and unfriendly.")

    assert "staff" not in found
    assert "complaint_handling" in found


def test_merging_in_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="part of"):
        Corrections().merging("price", "payment").merging("payment", "price")


def test_a_taken_slug_is_refused() -> None:
    with pytest.raises(ValueError, match="already"):
        Corrections().added("price", "Prices", PARKING)


def test_similar_comments_follow_a_correction(reader: Reader) -> None:
    taught = Corrections()
    for text in (
        "The playground behind the café is great for toddlers.",
        "My toddlers loved your playground.",
        "There is a lovely play corner for small children.",
    ):
        taught = taught.assigned(text, "en", ("loyalty",))
    text = "A super playground for our toddlers."

    assert "loyalty" not in slugs(reader, text)
    assert "loyalty" in slugs(reader.corrected(taught), text)
    assert "staff" in slugs(reader.corrected(taught), "The waiter was rude.")
