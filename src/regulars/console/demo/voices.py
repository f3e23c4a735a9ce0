"""What the demo's customers say, written by hand in each language: glad, so-so, displeased.

Of the café, and of its web shop: who was asked about a parcel does not speak of the music.
"""

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
        "Hideg volt a reggeli, ennyi pénzért nem ezt várom.",
    ),
    "en": (
        "I waited twenty minutes and nobody said a word.",
        "The breakfast was cold.",
    ),
    "bg": ("Чаках двадесет минути за едно кафе.", "Закуската беше студена."),
    "et": ("Ootasin kohvi kakskümmend minutit.", "Hommikusöök oli külm."),
    "ka": ("ყავას ოცი წუთი ველოდი და არავინ არაფერი მითხრა.", "საუზმე ცივი იყო."),
}
WEB_GLAD: Final[dict[str, tuple[str, ...]]] = {
    "hu": (
        "A kávé másnap megérkezett, gyönyörűen csomagolva.",
        "Egyszerű volt a rendelés, köszönöm!",
    ),
    "en": (
        "The beans arrived the next day, beautifully packed.",
        "Ordering took a minute, and everything came as promised.",
    ),
    "bg": (
        "Кафето пристигна още на другия ден, чудесно опаковано.",
        "Поръчах бързо и лесно, благодаря!",
    ),
    "et": ("Kohv jõudis järgmisel päeval kohale, kaunilt pakitud.", "Tellimine oli lihtne, aitäh!"),
    "ka": ("ყავა მეორე დღესვე მოვიდა, ლამაზად შეფუთული.", "შეკვეთა ადვილი იყო, მადლობა!"),
}
WEB_SO_SO: Final[dict[str, tuple[str, ...]]] = {
    "hu": ("Megjött, csak a futár nem szólt előre.",),
    "en": ("It came, but the courier gave no time.",),
    "bg": ("Пристигна, но куриерът не се обади предварително.",),
    "et": ("Jõudis kohale, aga kuller ei teatanud kellaaega.",),
    "ka": ("მოვიდა, მაგრამ კურიერმა წინასწარ არ დარეკა.",),
}
WEB_DISPLEASED: Final[dict[str, tuple[str, ...]]] = {
    "hu": (
        "A csomag sérülten érkezett, kérem, cseréljék ki.",
        "Háromszor kellett megadnom a címemet.",
    ),
    "en": (
        "The parcel came a week late and the cup was broken. Please replace it.",
        "I had to type my address three times.",
    ),
    "bg": ("Пратката пристигна с повредена чаша.", "Трябваше три пъти да въвеждам адреса си."),
    "et": ("Pakk jõudis katkisena kohale.", "Pidin oma aadressi kolm korda sisestama."),
    "ka": ("ამანათი დაზიანებული მოვიდა.", "მისამართის შეყვანა სამჯერ მომიწია."),
}
