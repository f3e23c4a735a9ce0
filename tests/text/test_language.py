from pathlib import Path

import pytest

from regulars.text import evaluate, seeds
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


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        (
            "The food was great, thank you very much. A kiszolgálás viszont nagyon lassú volt.",
            ("en", "hu"),
        ),
        (
            "Обслужването беше чудесно. The coffee was a bit too strong for me though.",
            ("bg", "en"),
        ),
        ("Kõik oli väga hea. მაგრამ მომსახურება ძალიან ნელი იყო.", ("et", "ka")),
    ],
)
def test_two_languages_are_mixed(text: str, mixed: tuple[str, ...]) -> None:
    assert language_of(text).mixed == mixed
    assert not language_of(text).is_clear


def test_a_brand_in_another_script_does_not_mix() -> None:
    assert language_of("Екранът на новия Samsung Galaxy е счупен.") == Language(
        "bg", pytest.approx(1.0, abs=0.05)
    )


@pytest.mark.parametrize("code", ["hu", "bg", "et", "ka", "en"])
def test_blind_comments_are_recognised(code: str) -> None:
    comments = [
        row.text
        for path in sorted(EVALUATION.glob("*.csv"))
        for row in evaluate.labelled(path)
        if row.language == code
    ]

    wrong = [text for text in comments if language_of(text).code != code]

    assert len(comments) >= 150
    assert len(wrong) <= 0.01 * len(comments), wrong


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("bg", "Mnogo sum dovolna ot masaja"),
        ("bg", "Pochakahme chas i polovina za edna pica"),
        ("bg", "Personala e strahoten, blagodarq vi"),
        ("bg", "Nqmashe koi da ni obsluji"),
        ("bg", "Losho otnoshenie kum klientite"),
        ("bg", "Vruzkata s tqh e nevazmojna"),
        ("bg", "shte doidem pak"),
        ("ka", "Zalian kmayofili var, didi madloba"),
        ("ka", "erti saati velodet magidas"),
        ("ka", "aravis vurchev am adgils"),
        ("ka", "yava civi iyo da mware"),
        ("ka", "telefonze ar pasuxoben"),
        ("ka", "momsaxureba fasad ghirs"),
        ("ka", "aucileblad davbrundebit"),
    ],
)
def test_latin_letters_nobody_taught(code: str, text: str) -> None:
    found = language_of(text)

    assert (found.code, found.transliterated) == (code, True)
