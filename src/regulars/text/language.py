"""Which language a short comment is in, among a shop's languages and their neighbours.

Script decides where it can (Georgian, Armenian, Greek); otherwise a naive Bayes model over the
letter sequences of words (Cavnar & Trenkle 1994; Lui & Baldwin 2012), small enough to ship. It is
made by `tools/text_weights.py`. Bulgarian and Georgian in Latin letters are classes of their own.
"""

import functools
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt

from regulars.text import normal

OWN = ("hu", "bg", "et", "ka", "en")
NEIGHBOURS = {
    "hu": ("ro", "sk", "cs", "de", "hr", "sr", "sl", "pl"),
    "bg": ("mk", "sr", "ru", "uk", "ro", "tr"),
    "et": ("fi", "lv", "lt", "ru", "sv", "de"),
    "ka": ("ru", "hy", "tr", "uk"),
    "en": ("de", "fr", "es", "it"),
}
UNCLEAR = "und"
BUCKETS = 1 << 15
LONGEST = 600
"""Characters that are looked at."""

_WORD = re.compile(r"[^\W_]+")
_SCRIPTS = {
    "ka": re.compile(r"[\u10a0-\u10ff\u1c90-\u1cbf]"),
    "hy": re.compile(r"[\u0530-\u058f]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f]"),
}
_CYRILLIC = frozenset({"bg", "ru", "mk", "uk", "sr"})
_LATIN_CLASSES = {"bg": "bg-Latn", "ka": "ka-Latn"}


@dataclass(frozen=True, slots=True)
class Language:
    """A guess: `code` is an ISO 639-1 code, or `und` where nothing can be said.

    `confidence` lies between 0 and 1. `transliterated` means Latin letters for a language that has
    its own. `mixed` names the languages of a comment that holds more than one, in order.
    """

    code: str
    confidence: float
    transliterated: bool = False
    mixed: tuple[str, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Whether one language was recognised."""
        return self.code != UNCLEAR and not self.mixed


def codes(languages: Sequence[str]) -> tuple[str, ...]:
    """Codes as they are kept: "HU", "hu-HU" and a single "hu" are ("hu",).

    Raises `ValueError` for what is no code of two or three letters.
    """
    given = [languages] if isinstance(languages, str) else languages
    found = tuple(re.split(r"[-_]", code.strip().lower())[0] for code in given)
    if wrong := [code for code in found if not re.fullmatch(r"[a-z]{2,3}", code)]:
        raise ValueError(f"no language codes: {', '.join(map(repr, wrong))}")
    return found


def language_of(text: str, *, languages: Sequence[str] = OWN) -> Language:
    """The language of a comment, one of `languages` or their neighbours.

    Never raises for any text. Texts without letters are `und`; a comment whose sentences are
    confidently in different languages carries them in `mixed`, its code being the longest's.
    """
    sample = normal.readable(text[: 4 * LONGEST])[:LONGEST]
    whole = _one(sample, tuple(languages))
    parts = _by_part(sample, tuple(languages))
    if len(parts) < 2:
        return whole
    longest = max(parts, key=lambda code: parts[code])
    return Language(longest, whole.confidence, mixed=tuple(parts))


def grams(text: str) -> Iterator[int]:
    """Hashes below `BUCKETS` of the words and their letter sequences of one to four."""
    for match in _WORD.finditer(text.lower()):
        word = match.group()
        if word.isdigit() or len(word) > 40:
            continue
        padded = f" {word} "
        yield _hash(f"={word}")
        for size in (1, 2, 3, 4):
            for start in range(len(padded) - size + 1):
                yield _hash(f"{size}{padded[start : start + size]}")


def _hash(gram: str) -> int:
    return zlib.crc32(gram.encode("utf-8", "replace")) % BUCKETS


def _one(text: str, languages: tuple[str, ...]) -> Language:
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    letters = sum(counts.values())
    if not letters:
        return Language(UNCLEAR, 0.0)
    script = max(counts, key=lambda name: counts[name])
    if script in {"ka", "hy", "el"}:
        return Language(script, counts[script] / letters)
    codes = _classes(languages, cyrillic=script == "cyrillic")
    found = tuple(grams(_of_script(text, script)))
    if not codes or not found:
        return Language(UNCLEAR, 0.0)
    names, table = _model()
    columns = [names.index(code) for code in codes]
    likelihood = table[np.ix_(list(found), columns)].sum(axis=0)
    favoured = np.array([2.0 if code.split("-")[0] in languages else 0.0 for code in codes])
    # Overlapping sequences are not independent: their evidence counts a quarter.
    scores = likelihood / 4 + favoured
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    code, confidence = codes[best], float(chances[best])
    if confidence < 0.5:
        return Language(UNCLEAR, confidence)
    return Language(code.removesuffix("-Latn"), confidence, transliterated=code.endswith("-Latn"))


def _classes(languages: tuple[str, ...], *, cyrillic: bool) -> list[str]:
    around = {n for code in languages for n in (code, *NEIGHBOURS.get(code, ()))}
    names, _ = _model()
    if cyrillic:
        return [c for c in names if c in around & _CYRILLIC]
    latin = {_LATIN_CLASSES.get(code, code) for code in around} - (_CYRILLIC - {"sr"})
    return [c for c in names if c in latin]


def _by_part(text: str, languages: tuple[str, ...]) -> dict[str, int]:
    """Letters per language, of those parts that are almost certain.

    Four words make a part, or two where the comment is in several scripts.
    """
    found: dict[str, int] = {}
    least, sure = (2, 0.9) if len(_same_script(text)) > 1 else (4, 0.995)
    for part in re.split(r"[.!?\n;:/()]+|[\u2013\u2014]", text):
        for piece in _same_script(part):
            if len(_WORD.findall(piece)) < least:
                continue
            guess = _one(piece, languages)
            if guess.code != UNCLEAR and guess.confidence > sure:
                found[guess.code] = found.get(guess.code, 0) + len(piece)
    return found


def _of_script(text: str, script: str) -> str:
    """The words of a text that have letters of a script."""
    words = (match.group() for match in _WORD.finditer(text))
    return " ".join(word for word in words if _SCRIPTS[script].search(word))


def _same_script(text: str) -> list[str]:
    pieces = re.findall(r"[^A-Za-z\u00c0-\u024f]+|[^\u0400-\u04ff\u10a0-\u10ff]+", text)
    return pieces if len(pieces) > 1 else [text]


@functools.lru_cache(maxsize=1)
def _model() -> tuple[list[str], npt.NDArray[np.float32]]:
    """Class names and a table of BUCKETS rows with the log-likelihood of a gram in each class."""
    source = resources.files("regulars.text") / "data" / "language.npz"
    with resources.as_file(source) as path, np.load(path) as stored:
        names = [str(name) for name in stored["names"]]
        table = stored["steps"].astype(np.float32) * float(stored["size"])
    return names, table
