"""The demo's customers: made-up people with names as they are common in five languages.

Where a family name has a form for women and one for men, both stand in the same place.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Names:
    """Given names and family names of a language, in nominative."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families_of_women: tuple[str, ...]
    families_of_men: tuple[str, ...]


def _names(women: str, men: str, families: str, families_of_men: str = "") -> Names:
    of_women = tuple(families.split())
    of_men = tuple(families_of_men.split()) or of_women
    return Names(tuple(women.split()), tuple(men.split()), of_women, of_men)


NAMES: Final = {
    "hu": _names(
        "Ágnes Andrea Anikó Anna Beáta Bernadett Csilla Dóra Edit Enikő Erika Eszter Éva Flóra "
        "Gabriella Hajnalka Ildikó Judit Katalin Kinga Lilla Noémi Orsolya Réka Zsófia",
        "Ádám András Attila Balázs Barnabás Bence Csaba Dániel Dávid Dénes Ferenc Gábor Gergő "
        "György Imre István László Levente Márton Máté Miklós Őrs Péter Tamás Zoltán",
        "Antal Bakos Balázs Balla Balogh Barta Bíró Bognár Bozsik Csonka Deák Faragó Farkas "
        "Fazekas Fehér Fekete Fodor Fülöp Gál Gulyás Halász Hegedűs Horváth Illés Jakab Juhász "
        "Kelemen Király Kis Kocsis Kovács Lakatos Lengyel Lukács Magyar Major Mészáros Molnár "
        "Nagy Németh Orosz Őri Papp Pásztor Pintér Rácz Sipos Somogyi Szabó Szalai Szekeres "
        "Szűcs Takács Török Tóth Vadász Varga Vass Veres Virág",
    ),
    "en": _names(
        "Abigail Alice Amelia Charlotte Clara Daisy Eleanor Ella Emma Florence Grace Hannah Helen "
        "Isla Jessica Kate Laura Lucy Megan Olivia Rosie Ruth Sophie Victoria",
        "Alfie Andrew Ben Charlie Daniel David Edward Finlay Fred George Harry Henry Jack James "
        "Joseph Liam Luke Matthew Noah Oliver Owen Peter Samuel Thomas",
        "Adams Allen Bailey Baker Barnes Bennett Brooks Butler Carter Clarke Collins Cooper Cox "
        "Davies Edwards Ellis Evans Fisher Foster Gibson Graham Green Griffiths Hall Harris "
        "Hughes Hunt Jackson Kelly King Lee Marshall Mason Mills Morgan Morris Murray Palmer "
        "Parker Pearson Price Reid Roberts Shaw Stewart Taylor Turner Walsh Wright Young",
    ),
    "bg": _names(
        "Албена Анна Биляна Боряна Василена Величка Весела Виолета Галина Гергана Даниела "
        "Десислава Елена Ивелина Илиана Катя Лилия Мария Милена Надежда Петя Радка Росица Цветана",
        "Александър Асен Боян Борис Васил Венцислав Владимир Георги Димитър Емил Иван Калин "
        "Красимир Любомир Мартин Никола Огнян Пламен Румен Светослав Стоян Тодор Филип Христо",
        "Алексиева Ангелова Атанасова Борисова Василева Велева Георгиева Димитрова Добрева Донева "
        "Желева Златева Иванова Илиева Йорданова Казакова Калчева Колева Костова Кръстева Лазарова "
        "Манолова Маринова Митева Михайлова Найденова Недева Николова Павлова Пенева Петрова "
        "Попова Радева Русева Савова Симеонова Спасова Станева Стоянова Танева Тодорова Филипова "
        "Христова Цветкова Янева",
        "Алексиев Ангелов Атанасов Борисов Василев Велев Георгиев Димитров Добрев Донев "
        "Желев Златев Иванов Илиев Йорданов Казаков Калчев Колев Костов Кръстев Лазаров "
        "Манолов Маринов Митев Михайлов Найденов Недев Николов Павлов Пенев Петров Попов "
        "Радев Русев Савов Симеонов Спасов Станев Стоянов Танев Тодоров Филипов Христов "
        "Цветков Янев",
    ),
    "et": _names(
        "Aino Anneli Eha Epp Helgi Ingrid Kadri Kaie Katrin Kersti Kristi Laura Leelo Liis Maarja "
        "Mari Merike Õie Piret Riina Signe Tiina Triin Ülle",
        "Aare Ants Arvo Eerik Hannes Indrek Jaak Jaan Jüri Kalle Karl Kristjan Lauri Madis Mart "
        "Mihkel Olev Priit Rein Siim Tanel Toomas Urmas Villu",
        "Allik Aru Hein Hunt Ilves Jõgi Järv Kala Kallas Kangur Kask Kivi Kolk Koppel Kukk Kull "
        "Kurg Kuusk Kütt Laas Lepik Lepp Liiv Luik Lõhmus Mets Mägi Mänd Oja Õunapuu Paju Pärn "
        "Põder Põld Raud Rebane Roos Saar Salu Sepp Sild Sööt Tamm Teder Tomson Uibo Vaher Vares "
        "Veski Võsu",
    ),
    "ka": _names(
        "ანა ანი ელენე ეკა თამარი თამუნა თეონა თინათინი ია ირინა ლალი ლელა ლია მაია მარიამი "
        "მაკა მანანა ნათია ნანა ნინო ნონა სალომე სოფიო ქეთევანი",
        "ალექსანდრე არჩილი ბაჩო ბექა გელა გია გიორგი გოჩა დათო დავითი ზაზა ზურაბი თემური ირაკლი "
        "კახა ლაშა ლევანი მალხაზი მამუკა ნიკა ნოდარი სანდრო ტარიელი შოთა",
        "აბაშიძე ალავიძე ბარათაშვილი ბერიძე ბოლქვაძე გაგუა გელაშვილი გიორგაძე გოგოლაძე დვალი "
        "დოლიძე ელიაშვილი ვაშაძე ზარანდია თევზაძე თოდუა იოსელიანი კაპანაძე კვარაცხელია "
        "კობახიძე ლომიძე ლორია მაისურაძე მამულაშვილი მახარაძე მელაძე მესხი მიქელაძე ნოზაძე "
        "ონიანი პაპაშვილი ჟვანია რამიშვილი რობაქიძე სიხარულიძე სულაბერიძე ტაბიძე უგულავა "
        "ფირცხალავა ქავთარაძე ქუთათელაძე ღლონტი შენგელია ჩხეიძე ცხადაძე ძიძიგური წიკლაური "
        "ჭანტურია ხარაძე ჯაფარიძე",
    ),
}

# How many of a hundred customers speak each language.
SHARES: Final = {"hu": 55, "en": 18, "bg": 9, "et": 9, "ka": 9}
COMPANIES: Final = ("Duna Studio", "Lánchíd Design Kft.", "Tiszavirág Bt.", "North Pier Ltd")


class Guests:
    """Names of people, none of them twice."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._known: set[tuple[str, str]] = set()

    def name(self, language: str) -> tuple[str, str]:
        """A given name and a family name that nobody has yet."""
        names = NAMES[language]
        while True:
            is_woman = self._dice.random() < 0.5
            given = self._dice.choice(names.women if is_woman else names.men)
            family = self._dice.choice(
                names.families_of_women if is_woman else names.families_of_men
            )
            if (given, family) not in self._known:
                self._known.add((given, family))
                return given, family
