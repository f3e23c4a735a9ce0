import pytest

from regulars.text.lexicon import load
from regulars.text.tone import FORM_RULES, WORD_RULES, Message, remarks

GOOD = """Dear {name},

your order will come on Friday, because the shelf arrived late from the maker.

Kind regards,
Anna"""


def test_a_decent_letter_has_no_remarks() -> None:
    assert remarks(Message(GOOD, "en")) == ()


@pytest.mark.parametrize(
    ("text", "language", "rule"),
    [
        ("Nagyon meg fogja bánni!", "hu", "threat"),
        ("Csak ma!", "hu", "false_urgency"),
        ("BUY NOW OR NEVER", "en", "shouting"),
        ("Great!!! News!", "en", "exclamation_marks"),
        ("Your order came.", "en", "missing_greeting"),
        ("Your order came.", "en", "missing_name"),
        ("Your order came.", "en", "missing_reason"),
        ("Your order came.", "en", "missing_signature"),
    ],
)
def test_remarks(text: str, language: str, rule: str) -> None:
    assert rule in {remark.rule for remark in remarks(Message(text, language))}


@pytest.mark.parametrize(
    ("text", "language", "rule"),
    [
        ("We apologise for the delay and offer you a full refund.", "en", "apology_with_advert"),
        ("Only today's opening hours have changed.", "en", "false_urgency"),
        ("Különben jól vagyunk.", "hu", "threat"),
        ("Muidu on kõik korras.", "et", "threat"),
        ("Az OTP BANK fiókja mellett vagyunk.", "hu", "shouting"),
    ],
)
def test_plain_words_are_not_remarked_on(text: str, language: str, rule: str) -> None:
    assert rule not in {remark.rule for remark in remarks(Message(text, language))}


@pytest.mark.parametrize("name", ["Ann", "Anna"])
def test_a_name_is_a_whole_word(name: str) -> None:
    found = remarks(Message("Dear Anna,", "en", name=name))

    assert ("missing_name" in {remark.rule for remark in found}) == (name == "Ann")


def test_adverts_need_a_way_out() -> None:
    assert [r.rule for r in remarks(Message(GOOD, "en", is_advert=True))] == ["missing_unsubscribe"]
    with_link = GOOD + "\n\nUnsubscribe: https://shop.example/u"
    assert remarks(Message(with_link, "en", is_advert=True, signature="Anna")) == ()


@pytest.mark.parametrize("code", ["hu", "bg", "et", "ka", "en"])
def test_every_rule_has_a_reason_and_a_better_wording_in_each_language(code: str) -> None:
    words = load(code)

    assert {rule.id for rule in words.tone} == set(WORD_RULES)
    assert all(rule.better for rule in words.tone)
    assert set(words.tone_reasons) == {*WORD_RULES, *FORM_RULES}
    assert set(words.tone_better) == set(FORM_RULES)
    assert all(words.tone_reasons.values())
    assert all(words.tone_better.values())


@pytest.mark.parametrize(
    ("language", "text", "rules"),
    [
        (
            "hu",
            "Tisztelt Kiss Anna!\n\nA véleménye rendkívül fontos számunkra. Siessen, már csak 3 "
            "darab maradt, különben lemarad.\n\nÜdvözlettel: Éva",
            {"hollow_phrase", "false_urgency", "threat", "missing_reason"},
        ),
        (
            "bg",
            "Мила приятелко,\n\nпобързайте, всички вече го имат, ще съжалявате!\n\nС уважение, Ана",
            {"false_familiarity", "false_urgency", "pressure", "threat", "missing_reason"},
        ),
        (
            "et",
            "Lugupeetud Anna Tamm\n\nTeie arvamus on meile väga oluline. Vabandame, et pakk "
            "hilines; vahepeal on kogu kaup soodsam, sest on kampaania.\n\nLugupidamisega Mari",
            {"hollow_phrase", "apology_with_advert"},
        ),
        (
            "ka",
            "ქალბატონო ანა,\n\nმოგვენატრეთ! ბოდიშს გიხდით დაგვიანებისთვის, აქცია კი გრძელდება, "
            "რადგან თქვენი აზრი ჩვენთვის ძალიან მნიშვნელოვანია.\n\nპატივისცემით, ნინო",
            {"false_familiarity", "apology_with_advert", "hollow_phrase"},
        ),
        (
            "en",
            "Dear friend,\n\nHURRY UP NOW! Everyone is buying, so don't miss out!! Buy today, or "
            "you will regret it.\n\nKind regards, Joe",
            {
                *("false_familiarity", "false_urgency", "shouting", "pressure", "threat"),
                "exclamation_marks",
            },
        ),
    ],
)
def test_bad_letters_are_remarked_on_and_explained(
    language: str, text: str, rules: set[str]
) -> None:
    found = remarks(Message(text, language, name="Anna"))

    assert rules <= {remark.rule for remark in found}
    assert {remark.rule for remark in found} - rules <= {"missing_name"}
    assert all(remark.reason and remark.better for remark in found)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "hu",
            "Tisztelt Kovács Anna!\n\nA rendelése pénteken érkezik, mert a polc késve jött meg a "
            "gyárból. Sajnáljuk a késést.\n\nÜdvözlettel\nKiss Éva",
        ),
        (
            "bg",
            "Уважаема г-жо Иванова,\n\nпоръчката Ви ще дойде в петък, защото рафтът закъсня от "
            "производителя.\n\nС уважение\nАна Петрова",
        ),
        (
            "et",
            "Lugupeetud Anna Tamm\n\nTeie tellimus jõuab kohale reedel, sest riiul saabus tehasest "
            "hilinemisega.\n\nLugupidamisega\nMari Kask",
        ),
        (
            "ka",
            "პატივცემულო ქალბატონო ანა,\n\nთქვენი შეკვეთა პარასკევს მოგივათ, რადგან თარო ქარხნიდან "
            "დაგვიანებით ჩამოვიდა.\n\nპატივისცემით\nნინო ბერიძე",
        ),
    ],
)
def test_a_decent_letter_has_no_remarks_in_any_language(language: str, text: str) -> None:
    names = {"hu": "Kovács Anna", "bg": "Иванова", "et": "Anna Tamm", "ka": "ანა"}

    assert remarks(Message(text, language, name=names[language])) == ()
