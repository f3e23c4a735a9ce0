"""The demo's customers: made-up names as they are common in five languages."""

from __future__ import annotations

from typing import Final


def _names(names: str) -> tuple[str, ...]:
    return tuple(names.split())


# Language → given names, family names.
NAMES: Final = {
    "hu": (
        _names("Anna Bence Csilla Dániel Eszter Gábor Ildikó László Őrs Zsófia"),
        _names("Balogh Farkas Horváth Kovács Molnár Nagy Papp Szabó Tóth Őri"),
    ),
    "en": (
        _names("Alice Ben Clara David Emma George Helen James Kate Oliver"),
        _names("Baker Carter Evans Foster Hughes Lee Morgan Turner Walsh Young"),
    ),
    "bg": (
        _names("Анна Борис Васил Георги Елена Иван Мария Николай Петя Стоян"),
        _names("Ангелова Георгиев Димитрова Колева Петров Стоянов Тодорова Христов"),
    ),
    "et": (
        _names("Aino Jaan Kadri Liis Mart Mari Priit Rein Tiina Ülle"),
        _names("Kask Kuusk Mägi Oja Põder Rebane Saar Tamm Vaher Õunapuu"),
    ),
    "ka": (
        _names("ანა გიორგი დავითი ეკა ლევანი მარიამი ნინო სანდრო თამარი ზურაბი"),
        _names("ბერიძე გელაშვილი კაპანაძე ლომიძე მაისურაძე ნოზაძე წიკლაური"),
    ),
}

# How many of a hundred customers speak each language.
SHARES: Final = {"hu": 55, "en": 18, "bg": 9, "et": 9, "ka": 9}
COMPANIES: Final = ("Duna Studio", "Lánchíd Design Kft.", "Tiszavirág Bt.", "North Pier Ltd")
