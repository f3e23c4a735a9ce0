"""Turns of phrase that say the opposite of their words, and clauses that disagree."""

import pytest

from regulars.text.reading import Reader


@pytest.mark.parametrize(
    ("language", "comment", "label"),
    [
        ("en", "No complaints about the delivery whatsoever.", "positive"),
        ("en", "I feared the sofa would not fit, but it did.", "positive"),
        ("en", "I wouldn't describe the soup as fresh.", "negative"),
        ("en", "From such a shop I had hoped for a nicer tart.", "negative"),
        ("hu", "Semmi kifogásom nem volt a frizurám ellen.", "positive"),
        ("hu", "Udvariasnak azért nem nevezném a portást.", "negative"),
        ("hu", "A csomag azóta sem érkezett meg.", "negative"),
        ("hu", "Egyetlen tányér sem tört el.", "positive"),
        ("hu", "Maguktól pótolták a hiányzó gombot.", "positive"),
        ("hu", "Senki nem foglalkozott a kérdésemmel.", "negative"),
        ("bg", "Нямам никакви оплаквания от фризьорката.", "positive"),
        ("bg", "Очаквах нещо повече от вечерята.", "negative"),
        ("bg", "Колетът така и не пристигна.", "negative"),
        ("et", "Koka töö kohta pole mul ühtegi etteheidet.", "positive"),
        ("et", "Värskeks ma seda kala küll ei nimetaks.", "negative"),
        ("et", "Pakk ei jõudnud kunagi kohale.", "negative"),
        ("ka", "მზარეულზე არანაირი პრეტენზია არ მაქვს.", "positive"),
        ("ka", "ახალს ამ თევზს ვერ დავარქმევ.", "negative"),
        ("ka", "ამანათი საერთოდ არ მოსულა.", "negative"),
        ("hu", "Öt csillag!", "positive"),
        ("et", "Kümnest kümme!", "positive"),
        ("ka", "ხუთი ვარსკვლავი!", "positive"),
        ("bg", "Една звезда е много.", "negative"),
        ("en", "Only 2/10 from me.", "negative"),
    ],
)
def test_turns_of_phrase(
    reader: Reader, plain_reader: Reader, language: str, comment: str, label: str
) -> None:
    for each in (reader, plain_reader):
        assert each.read(comment, languages=[language]).feeling.label == label


def test_a_turn_in_one_clause_does_not_hide_the_other(reader: Reader) -> None:
    felt = reader.read("No complaints about the food, but the waiter was very rude.").feeling

    assert [clause.label for clause in felt.clauses] == ["positive", "negative"]
    assert felt.label == "mixed"


def test_praise_that_looks_ironic_is_not_praise(reader: Reader) -> None:
    felt = reader.read("Great, my wonderful parcel arrived only two weeks late.").feeling

    assert felt.label != "positive"
