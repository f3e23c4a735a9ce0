"""The seed sentences that topics and feeling are learned from.

A seed file is a table with tabs, one per language, that a native speaker can read and mend:
`topics` (slugs, commas between), `feeling`, `kind`, `text`. Lines that start with # say how it was
made and reviewed.
"""

import functools
import hashlib
import tomllib
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
    }
)
PATTERN = "pattern"
"""The kind of sentences that `data/patterns` makes; they weigh less than written ones."""


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
        if not line.strip() or line.startswith(("#", "topics\t")):
            continue
        try:
            topics, feeling, kind, text = line.split("\t")
        except ValueError as error:
            raise ValueError(f"line {number}: four columns are wanted: {line!r}") from error
        slugs = tuple(t.strip() for t in topics.split(",") if t.strip())
        if unknown := (set(slugs) - set(TOPICS)):
            raise ValueError(f"line {number}: unknown topic {sorted(unknown)}")
        if feeling not in FEELINGS or kind not in KINDS:
            raise ValueError(f"line {number}: unknown feeling or kind {feeling!r}, {kind!r}")
        found.append(Seed(language, slugs, feeling, kind, text.strip()))
    return tuple(found)


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
def load_all() -> tuple[Seed, ...]:
    """The written seeds and the pattern sentences of every language, in a stable order."""
    return tuple(
        seed for code in languages() for each in (load(code), patterns(code)) for seed in each
    )


@functools.cache
def fingerprint() -> str:
    """SHA-256 of all seed sentences with their labels."""
    digest = hashlib.sha256()
    for seed in load_all():
        digest.update(f"{seed}\n".encode())
    return digest.hexdigest()


def _files() -> list[Traversable]:
    folder = resources.files("regulars.text") / "data" / "seeds"
    return sorted((p for p in folder.iterdir() if p.name.endswith(".tsv")), key=lambda p: p.name)
