import pytest

from regulars.text.tone import Message, remarks

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


def test_adverts_need_a_way_out() -> None:
    assert [r.rule for r in remarks(Message(GOOD, "en", is_advert=True))] == ["missing_unsubscribe"]
    with_link = GOOD + "\n\nUnsubscribe: https://shop.example/u"
    assert remarks(Message(with_link, "en", is_advert=True, signature="Anna")) == ()


def test_each_language_has_word_rules_with_a_better_wording() -> None:
    from regulars.text.lexicon import load

    ids = {"threat", "pressure", "false_urgency", "false_familiarity", "hollow_phrase"}
    for code in ("hu", "bg", "et", "ka", "en"):
        assert ids <= {rule.id for rule in load(code).tone}
        assert all(rule.better and rule.reason for rule in load(code).tone)
