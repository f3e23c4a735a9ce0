"""What the demo's customers say, written by hand in each language: glad, so-so, displeased."""

from __future__ import annotations

from typing import Final

GLAD: Final[dict[str, tuple[str, ...]]] = {
    "hu": (
        "Zsófi mindig mosolyogva fogad, és emlékszik a kávémra.",
        "A mandulatorta a legjobb a városban!",
        "Gyors kiszolgálás, finom kávé, kellemes hely.",
        "Nagyon köszönöm a figyelmességet, máskor is jövök.",
    ),
    "en": (
        "Best flat white in town, and Petar remembers my name.",
        "Lovely place, friendly people, great cake.",
        "The beans arrived the next day, beautifully packed.",
        "I felt welcome from the first minute.",
    ),
    "bg": (
        "Чудесно кафе и много любезно обслужване.",
        "Нино винаги се усмихва, благодаря!",
        "Тортата с бадеми е страхотна.",
    ),
    "et": (
        "Väga hea kohv ja sõbralik teenindus.",
        "Mart soovitas suurepärast kooki, aitäh!",
        "Mõnus koht, tulen kindlasti tagasi.",
    ),
    "ka": (
        "ძალიან გემრიელი ყავა და თბილი მომსახურება.",
        "ნინო ყოველთვის ღიმილით გვხვდება, დიდი მადლობა!",
        "ნუშის ტორტი შესანიშნავია.",
    ),
}
SO_SO: Final[dict[str, tuple[str, ...]]] = {
    "hu": ("Jó volt, de kicsit hangos a zene.", "Finom, csak kevés a hely délben."),
    "en": ("Good coffee, but there is never a free table at noon.", "Fine, a bit pricey."),
    "bg": ("Добре, но на обяд няма места.",),
    "et": ("Kohv on hea, aga muusika on liiga vali.",),
    "ka": ("კარგია, მაგრამ შუადღისას ადგილი არ არის.",),
}
DISPLEASED: Final[dict[str, tuple[str, ...]]] = {
    "hu": (
        "Húsz percet vártam egy kávéra, és senki sem szólt.",
        "Hideg volt a reggeli, ezért nem ezt várom.",
        "A csomag sérülten érkezett, kérem, cseréljék ki.",
    ),
    "en": (
        "I waited twenty minutes and nobody said a word.",
        "The parcel came a week late and the cup was broken. Please replace it.",
        "The breakfast was cold.",
    ),
    "bg": ("Чаках двадесет минути за едно кафе.", "Пратката пристигна с повредена чаша."),
    "et": ("Ootasin kohvi kakskümmend minutit.", "Pakk jõudis katkisena kohale."),
    "ka": ("ყავას ოცი წუთი ველოდი და არავინ არაფერი მითხრა.", "ამანათი დაზიანებული მოვიდა."),
}
