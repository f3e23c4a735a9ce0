import pytest

from regulars.text.latin import in_own_letters, readable
from regulars.text.lexicon import words
from regulars.text.seeds import Seed


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("dostavkata beshe mnogo barza", "bg", "доставката беше много бърза"),
        ("Dostavkata be burza!", "bg", "доставката бе бърза!"),
        ("vsi4ko e 4udesno", "bg", "всичко е чудесно"),
        ("fasebi dzalian magalia", "ka", "ფასები ძალიან მაღალია"),
        ("mimtani tavaziani iyo, 5 lari", "ka", "მიმტანი თავაზიანი იყო, 5 ლარი"),
        ("väga hea", "et", "väga hea"),
        ("", "bg", ""),
    ],
)
def test_latin_letters_are_written_back(typed: str, language: str, meant: str) -> None:
    assert in_own_letters(typed, language) == meant


def test_only_seeds_in_latin_letters_are_written_back() -> None:
    latin = Seed("bg", ("price",), "negative", "translit", "cenite sa visoki")
    plain = Seed("bg", ("price",), "negative", "plain", "Цените са високи.")

    assert readable(latin) == "цените са високи"
    assert readable(plain) == "Цените са високи."


def test_a_beginning_gives_way_to_a_longer_one_of_the_other_list() -> None:
    trouble = words(["gond*"], unless=["gondos*", "jó"])

    assert trouble.search("gondos csomagolas") is None
    assert trouble.search("sok gondom volt") is not None
