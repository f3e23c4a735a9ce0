"""Normal forms of short texts: what is read, compared and counted instead of the raw characters.

`readable` never changes the length of a text, so that every span found in it holds in what the
customer wrote. The other forms are for comparing and are free to change it.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator

MAX_READ = 4000
"""Characters of a comment that are read; what follows is kept but not looked at."""

_TAG = re.compile(r"<!--[^>]{0,500}-->|</?[A-Za-z!][^<>]{0,500}>")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,6}|[A-Za-z]{2,10});")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_SPACE = re.compile(r"\s+")
_REPEATED = re.compile(r"(\w)\1{2,}")


def readable(text: str) -> str:
    """The text with controls, lone surrogates, invisible marks and HTML replaced by as many spaces.

    Has exactly the length of `text`.
    """
    kept = "".join(" " if _is_unreadable(c) else c for c in text)
    for pattern in (_TAG, _ENTITY):
        if pattern.search(kept):
            kept = pattern.sub(lambda m: " " * len(m.group()), kept)
    return kept


def _is_unreadable(char: str) -> bool:
    if " " <= char <= "~" or char == "\n":
        return False
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}


def compact(text: str) -> str:
    """One line of composed (NFC) characters with single spaces; what the encoder is given."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", readable(text))).strip()


def flat(text: str) -> str:
    """Lower case without accents, of exactly the length of `text`: for holding word lists against.

    "Őszintén" becomes "oszinten". Cyrillic й stays a letter of its own.
    """
    if text.isascii():
        return text.lower()
    return "".join(map(_flat, text))


@functools.lru_cache(maxsize=4096)
def _flat(char: str) -> str:
    lower = char.lower()[:1]
    return lower if lower == "й" else unicodedata.normalize("NFKD", lower)[:1].lower() or " "


def folded(text: str) -> str:
    """`flat` of the composed text, single spaces, stretched letters shortened ("sooo", "soo")."""
    found = flat(unicodedata.normalize("NFC", text))
    return _REPEATED.sub(r"\1\1", _SPACE.sub(" ", found)).strip()


def words(text: str) -> Iterator[re.Match[str]]:
    """Matches of the words of a text: letters with inner apostrophes and hyphens, no digits."""
    return _WORD.finditer(text)


def keyed(text: str) -> str:
    """The folded words joined by single spaces, without punctuation: equal for near-equal texts."""
    return " ".join(m.group() for m in words(folded(text)))


@functools.lru_cache(maxsize=20_000)
def lemma(word: str, language: str) -> str:
    """The dictionary form of a word in lower case, or the word itself where it is not known.

    The first word of a language loads its dictionary (30 to 230 MB while in use, one language at a
    time, seconds).
    """
    lower = word.casefold()
    if language not in LEMMA_LANGUAGES:
        return lower
    return str(_lemmatizer().lemmatize(lower, lang=language)).casefold()


LEMMA_LANGUAGES = frozenset(
    {"hu", "bg", "et", "ka", "en", "ro", "sk", "ru", "uk", "fi", "lv", "lt", "de"}
)


def lemmas(text: str, language: str) -> list[str]:
    """The lemmas of a text's words, in order."""
    return [lemma(m.group(), language) for m in words(compact(text[:MAX_READ]))]


@functools.lru_cache(maxsize=1)
def _lemmatizer():  # type: ignore[no-untyped-def]  # simplemma is loaded only when asked for
    from simplemma import Lemmatizer
    from simplemma.strategies import DefaultStrategy
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    return Lemmatizer(
        lemmatization_strategy=DefaultStrategy(
            dictionary_factory=DefaultDictionaryFactory(cache_max_size=1)
        )
    )


# Written as people type, not as passports do: several Latin spellings of one letter.
_BULGARIAN = [
    ("sht", "щ"), ("zh", "ж"), ("ch", "ч"), ("sh", "ш"), ("ts", "ц"), ("yu", "ю"), ("iu", "ю"),
    ("ju", "ю"), ("ya", "я"), ("ia", "ия"), ("ja", "я"), ("yo", "йо"), ("4", "ч"), ("6", "ш"),
    ("a", "а"), ("b", "б"), ("c", "ц"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"),
    ("h", "х"), ("i", "и"), ("j", "ж"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"),
    ("o", "о"), ("p", "п"), ("q", "я"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"),
    ("v", "в"), ("w", "в"), ("x", "х"), ("y", "ъ"), ("z", "з"),
]  # fmt: skip
_GEORGIAN = [
    ("dz", "ძ"), ("gh", "ღ"), ("kh", "ხ"), ("zh", "ჟ"), ("ch", "ჩ"), ("sh", "შ"), ("ts", "ც"),
    ("tch", "ჭ"), ("a", "ა"), ("b", "ბ"), ("c", "ც"), ("d", "დ"), ("e", "ე"), ("f", "ფ"),
    ("g", "გ"), ("h", "ჰ"), ("i", "ი"), ("j", "ჯ"), ("k", "კ"), ("l", "ლ"), ("m", "მ"),
    ("n", "ნ"), ("o", "ო"), ("p", "პ"), ("q", "ქ"), ("r", "რ"), ("s", "ს"), ("t", "თ"),
    ("u", "უ"), ("v", "ვ"), ("w", "წ"), ("x", "ხ"), ("y", "ყ"), ("z", "ზ"),
]  # fmt: skip
_BACK = {
    language: (
        dict(pairs),
        re.compile("|".join(sorted((re.escape(a) for a, _ in pairs), key=len, reverse=True))),
    )
    for language, pairs in {"bg": _BULGARIAN, "ka": _GEORGIAN}.items()
}


def in_own_script(text: str, language: str) -> str:
    """Bulgarian or Georgian typed in Latin letters, written back as well as can be guessed.

    Good enough for a model or a keyword to read, never for showing. Other languages are unchanged.
    """
    if language not in _BACK:
        return text
    table, pattern = _BACK[language]
    return pattern.sub(lambda m: table[m.group()], text.lower())
