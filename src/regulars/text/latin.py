"""Bulgarian and Georgian typed in Latin letters, written back in their own letters for reading.

Latin letters leave open what was meant ("barza" is "бърза", "qalaqi" is "ქალაქი"). Letter by letter
gives a first guess; words and beginnings of words that the seed sentences use then decide.
"""

import functools
from collections import Counter
from collections.abc import Mapping

from regulars.text import normal, seeds

_LEAST = 4
"""Letters that must agree for a beginning of a word to decide."""
_ENDING = 4
"""Letters after such a beginning that may differ, as endings do."""
_ALIKE: Mapping[str, dict[int, str]] = {
    "bg": str.maketrans(
        {"ъ": "а", "у": "а", "щ": "шт", "й": "и", "ь": "", "я": "иа", "ю": "иу", "ц": "тс"}
    ),
    "ka": str.maketrans(dict(zip("თქყფჭწღჟჰ", "ტკკპჩცგჯხ", strict=True))),
}
"""Letters that people do not keep apart when they type Latin letters."""


def in_own_letters(text: str, language: str) -> str:
    """The text in the letters of Bulgarian or Georgian, as well as can be guessed, in lower case.

    Good for reading, never for showing. Text in other languages is returned unchanged.
    """
    guess = normal.in_own_script(text, language)
    if language not in _ALIKE:
        return guess
    parts, end = [], 0
    for match in normal.words(guess):
        parts += [guess[end : match.start()], _known(match.group(), language)]
        end = match.end()
    return "".join([*parts, guess[end:]])


def readable(seed: seeds.Seed) -> str:
    """The text of a seed sentence as a model should see it: in the language's own letters."""
    return in_own_letters(seed.text, seed.language) if seed.is_latin else seed.text


def _known(word: str, language: str) -> str:
    """The known word that a guessed word was meant to be, or the guess itself."""
    words, whole, beginnings = _vocabulary(language)
    if word in words:
        return word
    alike = _ALIKE[language]
    if found := whole.get(word.translate(alike)):
        return found
    for length in range(len(word), max(_LEAST, len(word) - _ENDING) - 1, -1):
        if found := beginnings.get(word[:length].translate(alike)):
            return found + word[length:]
    return word


@functools.cache
def _vocabulary(language: str) -> tuple[frozenset[str], Mapping[str, str], Mapping[str, str]]:
    """Words of the seeds, and words and beginnings by what they look like without distinctions."""
    counts = Counter(
        match.group()
        for seed in (*seeds.load(language), *seeds.patterns(language))
        if not seed.is_latin
        for match in normal.words(seed.text.lower())
    )
    whole: dict[str, str] = {}
    beginnings: dict[str, str] = {}
    for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        whole.setdefault(word.translate(_ALIKE[language]), word)
        for length in range(_LEAST, len(word) + 1):
            beginnings.setdefault(word[:length].translate(_ALIKE[language]), word[:length])
    return frozenset(counts), whole, beginnings
