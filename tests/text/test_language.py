from pathlib import Path

import pytest

from regulars.text import seeds
from regulars.text.language import Language, language_of

EVALUATION = Path(__file__).parent / "evaluation"


@pytest.mark.parametrize("code", ["hu", "bg", "et", "ka", "en"])
def test_comments_nobody_trained_on_are_recognised(code: str) -> None:
    comments = seeds.parse((EVALUATION / f"{code}.tsv").read_text("utf-8"), code)

    wrong = [c.text for c in comments if language_of(c.text).code != code]

    assert len(wrong) <= 0.01 * len(comments) + 0.5, wrong


@pytest.mark.parametrize(
    ("text", "code", "transliterated"),
    [
        ("dostavkata zakasnya mnogo", "bg", True),
        ("ne sum dovolen ot obslujvaneto", "bg", True),
        ("dzalian kargi momsaxureba", "ka", True),
        ("gvian moitanes", "ka", True),
        ("A kiszallitas lassu volt", "hu", False),
        ("vaga kallis", "et", False),
        ("Livrarea a fost foarte lentă", "ro", False),
        ("Doručenie trvalo veľmi dlho", "sk", False),
        ("Доставка была очень долгой", "ru", False),
        ("Доставата доцни многу", "mk", False),
        ("Дуже смачна їжа, дякую", "uk", False),
        ("ruoka oli todella hyvää", "fi", False),
        ("Piegāde bija ļoti lēna", "lv", False),
        ("Pristatymas buvo labai lėtas", "lt", False),
        ("Die Lieferung war sehr langsam", "de", False),
    ],
)
def test_neighbours_and_latin_letters(text: str, code: str, transliterated: bool) -> None:
    found = language_of(text)

    assert (found.code, found.transliterated) == (code, transliterated)


@pytest.mark.parametrize("text", ["", "🙂🙂", "12345", "\0\0", "?!", "مرحبا"])
def test_nothing_is_said_of_texts_without_known_letters(text: str) -> None:
    assert language_of(text) == Language("und", 0.0)


def test_two_languages_are_mixed() -> None:
    text = "The food was great, thank you very much. A kiszolgálás viszont nagyon lassú volt."

    assert language_of(text).mixed == ("en", "hu")
    assert not language_of(text).is_clear
