"""The seed sentences that topics and feeling are learned from.

A seed file is a table with tabs, one per language, that a native speaker can read and mend:
`topics` (slugs, commas between), `feeling`, `kind`, `text`. Lines that start with # say how it was
made and reviewed.
"""

import functools
import hashlib
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

TOPICS = (
    "delivery",
    "price",
    "staff",
    "quality",
    "choice",
    "waiting",
    "website",
    "payment",
    "place",
    "complaint_handling",
    "returns",
    "atmosphere",
    "communication",
    "loyalty",
)
FEELINGS = ("positive", "negative", "neutral", "mixed")
KINDS = frozenset(
    {
        "plain",
        "negated",
        "ironic",
        "polite",
        "typo",
        "translit",
        "suggestion",
        "question",
        "urgent",
        "praise",
        "pattern",
        "told",
    }
)
URGENT_KINDS = ("safety", "discrimination", "legal", "money_lost", "leaving")
PATTERN = "pattern"
"""The kind of sentences that `data/patterns` makes; they weigh less than written ones."""

TOLD = "told"
"""The kind of sentences that only tell what happened, often without a word of praise or blame."""


@dataclass(frozen=True, slots=True)
class Seed:
    """One labelled sentence."""

    language: str
    topics: tuple[str, ...]
    feeling: str
    kind: str
    text: str

    @property
    def is_latin(self) -> bool:
        """Whether it is Bulgarian or Georgian in Latin letters."""
        return self.kind == "translit" and self.language in {"bg", "ka"}


def parse(content: str, language: str) -> tuple[Seed, ...]:
    """The seeds of a file. Raises `ValueError` with the line number for a line that is wrong."""
    found = []
    for number, line in enumerate(content.splitlines(), start=1):
        if not is_row(line):
            continue
        try:
            found.append(parse_row(line, language))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    return tuple(found)


def is_row(line: str) -> bool:
    """Whether a line of a seed file is a sentence: no comment, no header, not empty."""
    return bool(line.strip()) and not line.startswith(("#", "topics\t"))


def parse_row(line: str, language: str) -> Seed:
    """One seed from its line. Raises `ValueError` that says what is wrong."""
    columns = line.split("\t")
    if len(columns) != 4 or not columns[3].strip():
        raise ValueError("four columns with a text are wanted")
    feeling, kind, text = columns[1:]
    slugs = tuple(slug for slug in columns[0].split(",") if slug)
    if unknown := sorted(set(slugs) - set(TOPICS)):
        raise ValueError(f"unknown topic {unknown[0]}")
    if len(set(slugs)) < len(slugs):
        raise ValueError("a topic twice")
    if feeling not in FEELINGS:
        raise ValueError(f"unknown feeling {feeling}")
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind}")
    if text != text.strip() or unicodedata.normalize("NFC", text) != text:
        raise ValueError("spaces at the ends, or letters that are not composed (NFC)")
    return Seed(language, slugs, feeling, kind, text)


def languages() -> tuple[str, ...]:
    """Codes of the languages that have a seed file."""
    return tuple(sorted(p.name.removesuffix(".tsv") for p in _files()))


@functools.cache
def load(language: str) -> tuple[Seed, ...]:
    """The seeds of one language; none where there is no file."""
    for path in _files():
        if path.name == f"{language}.tsv":
            return parse(path.read_text("utf-8"), language)
    return ()


@functools.cache
def patterns(language: str) -> tuple[Seed, ...]:
    """Every subject with every saying of the language's pattern file; none without one."""
    path = resources.files("regulars.text") / "data" / "patterns" / f"{language}.toml"
    if not path.is_file():
        return ()
    return tuple(
        Seed(language, (group["topic"],) if group["topic"] else (), feeling, PATTERN, text)
        for group in tomllib.loads(path.read_text("utf-8"))["group"]
        for feeling, sayings in (("positive", group["good"]), ("negative", group["bad"]))
        for text in (f"{s} {p}." for s in group["subjects"] for p in sayings)
    )


@functools.cache
def urgent(language: str) -> tuple[tuple[str, str], ...]:
    """Kind and text of sentences that somebody should look at today; none without a file.

    Raises `ValueError` for a line that is wrong.
    """
    path = resources.files("regulars.text") / "data" / "urgent" / f"{language}.tsv"
    if not path.is_file():
        return ()
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line or line.startswith(("#", "kind\t")):
            continue
        kind, _, text = line.partition("\t")
        if kind not in URGENT_KINDS or not text.strip():
            raise ValueError(
                f"urgent/{language}.tsv:{number}: a kind and a text are wanted: {line!r}"
            )
        found.append((kind, text.strip()))
    return tuple(found)


@functools.cache
def load_all() -> tuple[Seed, ...]:
    """The written seeds and the pattern sentences of every language, in a stable order."""
    return tuple(
        seed for code in languages() for each in (load(code), patterns(code)) for seed in each
    )


@functools.cache
def fingerprint() -> str:
    """SHA-256 of all seed sentences with their labels."""
    digest = hashlib.sha256()
    for each in (*load_all(), *map(urgent, languages())):
        digest.update(f"{each}\n".encode())
    return digest.hexdigest()


def _files() -> list[Traversable]:
    folder = resources.files("regulars.text") / "data" / "seeds"
    return sorted((p for p in folder.iterdir() if p.name.endswith(".tsv")), key=lambda p: p.name)
