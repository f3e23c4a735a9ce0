"""Search and sort keys: text normalised in Python, so that both engines find and order alike.

SQLite's LIKE finds neither “őri” for “Őri” nor “иван” for “Иван”. A model that people search
keeps a `search_key` column filled by these functions.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

MOST_TYPED = 200
MOST_WORDS = 8

# Bulgarian official transliteration (Transliteration Act, 2009) and Georgian national system
# (2002, without apostrophes), both as people type names on a Latin keyboard.
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht",
    "ъ": "a", "ь": "y", "ю": "yu", "я": "ya", "ы": "y", "э": "e", "ђ": "dj", "є": "ye",
    "і": "i", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dzh", "ґ": "g",
}  # fmt: skip
_GEORGIAN = {
    "ა": "a", "ბ": "b", "გ": "g", "დ": "d", "ე": "e", "ვ": "v", "ზ": "z", "თ": "t", "ი": "i",
    "კ": "k", "ლ": "l", "მ": "m", "ნ": "n", "ო": "o", "პ": "p", "ჟ": "zh", "რ": "r", "ს": "s",
    "ტ": "t", "უ": "u", "ფ": "p", "ქ": "k", "ღ": "gh", "ყ": "q", "შ": "sh", "ჩ": "ch",
    "ც": "ts", "ძ": "dz", "წ": "ts", "ჭ": "ch", "ხ": "kh", "ჯ": "j", "ჰ": "h",
}  # fmt: skip
_LATIN = {ord(letter): latin for letter, latin in (_CYRILLIC | _GEORGIAN).items()}
_LATIN |= {ord("ß"): "ss", ord("æ"): "ae", ord("ø"): "o", ord("ł"): "l", ord("đ"): "d"}


def fold(text: str) -> str:
    """Casefolded, without accents, white space squeezed; the script stays."""
    if text.isascii():
        return " ".join(text.replace("\x00", "").lower().split())
    decomposed = unicodedata.normalize("NFKD", text.replace("\x00", "")).casefold()
    # The breve of й is part of the letter, not an accent.
    kept = "".join(
        mark for mark in unicodedata.normalize("NFC", decomposed) if not unicodedata.combining(mark)
    )
    plain = "".join(
        unicodedata.normalize("NFKD", letter)[0] if letter not in "йѝ" else letter
        for letter in kept
    )
    return " ".join(plain.split())


def latin(text: str) -> str:
    """`fold(text)` with Cyrillic and Georgian letters written in Latin ones."""
    folded = fold(text)
    return folded if folded.isascii() else folded.translate(_LATIN)


@lru_cache(maxsize=4096)
def search_words(text: str) -> list[str]:
    """The words to look for: the first eight, so that a search costs the same whatever is typed."""
    return text[:MOST_TYPED].split()[:MOST_WORDS]


def search_key(*parts: str) -> str:
    """What a search looks into: each part folded and, where it differs, in Latin letters too.

    Parts are separated by a vertical bar, so that a search never matches across two of them.
    """
    keys: list[str] = []
    for part in parts:
        for key in (fold(part), latin(part)):
            if key and key not in keys:
                keys.append(key)
    return "|".join(keys)


def sort_key(text: str) -> str:
    """A key by which names order the same on both engines: folded, digits padded to ten places.

    Latin, then Cyrillic, then Georgian, each in its alphabet's order.
    """
    folded = fold(text)
    padded: list[str] = []
    digits = ""
    for letter in folded + "\x00":
        if letter.isascii() and letter.isdigit():
            digits += letter
            continue
        if digits:
            padded.append(digits.zfill(10))
            digits = ""
        padded.append(letter)
    return "".join(padded[:-1])
