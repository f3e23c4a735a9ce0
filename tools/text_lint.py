"""Checks the data files that comments are understood with and prints what is wrong.

Looks at format, how many sentences a topic has and how they are balanced, duplicates within and
between seed and evaluation, the alphabet of a language, marks of personal data, and word lists.
"""

from __future__ import annotations

import math
import re
import sys
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from regulars.text import seeds as seed_files
from regulars.text import tone, trained
from regulars.text.evaluate import labelled
from regulars.text.seeds import TOPICS, URGENT_KINDS

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "src/regulars/text/data/seeds"
LEXICONS = ROOT / "src/regulars/text/data/lexicons"
TURNS = ROOT / "src/regulars/text/data/turns"
EVALUATION = ROOT / "tests/text/evaluation"

LETTERS = {
    "hu": frozenset("abcdefghijklmnopqrstuvwxyzáéíóöőúüű"),
    "et": frozenset("abcdefghijklmnopqrstuvwxyzäöõüšž"),
    "en": frozenset("abcdefghijklmnopqrstuvwxyzé"),
    "bg": frozenset("абвгдежзийклмнопрстуфхцчшщъьюя"),
    "ka": frozenset("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ"),
}
"""The small letters of each language; loan words and brands may fall outside."""

COARSE = frozenset(trained.COARSE)
HARD = frozenset({"negated", "ironic", "polite"})
PER_URGENT_KIND = 9
TONE = frozenset(tone.WORD_RULES)
PERSONAL = frozenset(["email", "phone", "iban", "account", "card", "id", "address", "name"])

HEADER = "topics\tfeeling\tkind\ttext"
PER_TOPIC, PER_COARSE_TOPIC, PER_LANGUAGE = 22, 40, 310
SHARE = 0.3
"""Smallest share of praise and of complaint among the sentences of a topic."""
OWN_LETTERS = 0.6
"""Smallest share of the language's own letters in a sentence."""
ALIKE, ALIKE_ACROSS = 0.85, 0.7
"""Overlap of words (Jaccard) from which two sentences are the same, and across the two sets."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A labelled sentence and where it stands."""

    place: str
    topics: tuple[str, ...]
    feeling: str
    kind: str
    text: str

    @property
    def words(self) -> frozenset[str]:
        """Its words without capitals and accents."""
        plain = unicodedata.normalize("NFKD", self.text.casefold())
        kept = "".join(c for c in plain if not unicodedata.combining(c))
        return frozenset(re.findall(r"[^\W\d_]+", kept))


def read(path: Path) -> tuple[list[Sentence], list[str]]:
    """The sentences of a file and what is wrong with its form."""
    sentences, problems = [], []
    lines = path.read_text("utf-8").splitlines()
    if not lines or not lines[0].startswith("#"):
        problems.append(f"{path.name}: does not say how it was made")
    if HEADER not in lines:
        problems.append(f"{path.name}: the header is missing")
    for number, line in enumerate(lines, start=1):
        if not seed_files.is_row(line):
            continue
        place = f"{path.parent.name}/{path.name}:{number}"
        try:
            seed = seed_files.parse_row(line, path.stem)
        except ValueError as error:
            problems.append(f"{place}: {error}")
        else:
            sentences.append(Sentence(place, seed.topics, seed.feeling, seed.kind, seed.text))
    return sentences, problems


def balance(language: str, sentences: Iterable[Sentence]) -> Iterator[str]:
    """Topics with too few sentences, or nearly all praise or all complaint."""
    count: Counter[str] = Counter()
    felt: Counter[tuple[str, str]] = Counter()
    total = 0
    for sentence in sentences:
        total += 1
        count.update(sentence.topics)
        felt.update((topic, sentence.feeling) for topic in sentence.topics)
    if total < PER_LANGUAGE:
        yield f"{language}: {total} sentences, wanted {PER_LANGUAGE}"
    for topic in TOPICS:
        wanted = PER_COARSE_TOPIC if topic in COARSE else PER_TOPIC
        if count[topic] < wanted:
            yield f"{language}: {topic} has {count[topic]} sentences, wanted {wanted}"
        for feeling in ("positive", "negative"):
            if felt[topic, feeling] < SHARE * count[topic]:
                yield f"{language}: {topic} has too few {feeling} sentences"
        if not felt[topic, "neutral"] + felt[topic, "mixed"]:
            yield f"{language}: {topic} has no neutral or mixed sentence"


def coverage(language: str, sentences: Iterable[Sentence]) -> Iterator[str]:
    """What an evaluation set lacks."""
    kept = list(sentences)
    kinds = Counter(s.kind for s in kept)
    found = {
        "sentences": (len(kept), 120),
        "on coarse topics": (sum(bool(COARSE & set(s.topics)) for s in kept), 60),
        "hard cases": (sum(kinds[k] for k in HARD), 25),
        "urgent": (kinds["urgent"], 12),
        "suggestions and questions": (kinds["suggestion"] + kinds["question"], 12),
    }
    for name, (have, wanted) in found.items():
        if have < wanted:
            yield f"evaluation {language}: {have} {name}, wanted {wanted}"


def alike(one: frozenset[str], two: frozenset[str]) -> float:
    """Share of common words (Jaccard), 0 to 1; below four words only equal sets count."""
    if min(len(one), len(two)) < 4:
        return float(one == two)
    return len(one & two) / len(one | two)


def duplicates(seeds: list[Sentence], evaluation: list[Sentence]) -> Iterator[str]:
    """Pairs of sentences that say the same in the same words."""
    for limit, first, second in (
        (ALIKE, seeds, seeds),
        (ALIKE, evaluation, evaluation),
        (ALIKE_ACROSS, seeds, evaluation),
    ):
        for one, other in overlapping(first, second, limit):
            yield f"{one.place} and {other.place} are alike: {other.text}"


def overlapping(
    first: list[Sentence], second: list[Sentence], limit: float
) -> Iterator[tuple[Sentence, Sentence]]:
    """Pairs of one sentence of each list that are alike from `limit` on, each pair once.

    Such a pair has one of its rarest words in common (Chaudhuri, Ganti & Kaushik 2006), so that few
    are compared.
    """
    is_same = first is second
    words = [[s.words for s in each] for each in (first, second)]
    count = Counter(word for each in words for one in each for word in one)

    def rarest(one: frozenset[str]) -> list[str]:
        ordered = sorted(one, key=lambda word: (count[word], word))
        return ordered[: len(ordered) - math.ceil(limit * len(ordered)) + 1]

    holders: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(words[0]):
        for word in rarest(one):
            holders[word].append(number)
    for number, other in enumerate(words[1]):
        near = {n for word in rarest(other) for n in holders[word]}
        for n in sorted(near):
            if (n < number or not is_same) and alike(words[0][n], other) >= limit:
                yield first[n], second[number]


def taught(seeds: list[Sentence], blind: list[Sentence]) -> Iterator[str]:
    """Sentences of a blind set that are taught in the same words."""
    words = {seed.words for seed in seeds}
    yield from (f"{each.place} is taught" for each in blind if each.words in words)


def alphabet(language: str, sentence: Sentence) -> str | None:
    """What is wrong with the letters of a sentence, if anything."""
    letters = [c for c in sentence.text.casefold() if c.isalpha()]
    own = LETTERS["en"] if sentence.kind == "translit" else LETTERS[language]
    if not letters or sum(c in own for c in letters) < OWN_LETTERS * len(letters):
        return f"{sentence.place}: not written in the letters of {language}"
    scripts = {unicodedata.name(c).split()[0] for c in letters}
    mixed = [w for w in sentence.text.split() if _mixes(w)]
    if len(scripts) > 2 or mixed:
        return f"{sentence.place}: mixes alphabets: {mixed}"
    return None


def _mixes(word: str) -> bool:
    parts = re.split(r"[^\w]", word)
    return any(
        len({unicodedata.name(c).split()[0] for c in part if c.isalpha()}) > 1 for part in parts
    )


def personal(path: Path) -> Iterator[str]:
    """What is wrong with the planted personal data."""
    marked: Counter[str] = Counter()
    free: Counter[str] = Counter()
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("#") or line == "language\ttext":
            continue
        language, _, text = line.partition("\t")
        kinds = re.findall(r"\[\[(\w+):[^\[\]]+\]\]", text)
        if language not in LETTERS or not text:
            yield f"{path.name}:{number}: language and text are wanted"
        if len(kinds) != text.count("[[") or set(kinds) - PERSONAL:
            yield f"{path.name}:{number}: a mark is wrong"
        (marked if kinds else free)[language] += 1
    for language in LETTERS:
        if marked[language] + free[language] < 40 or free[language] < 10:
            yield f"{path.name}: too few sentences or too few without personal data in {language}"


def lexicon(path: Path) -> Iterator[str]:
    """What is wrong with a word list."""
    name = path.name
    try:
        words: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        yield f"{name}: {error}"
        return
    for topic in TOPICS:
        if len(words["topics"].get(topic, ())) < 15:
            yield f"{name}: fewer than 15 words for {topic}"
    for key in ("positive", "negative"):
        if len(words[key]) < 80:
            yield f"{name}: fewer than 80 words in {key}"
    for word in sorted(set(words["positive"]) & set(words["negative"])):
        yield f"{name}: {word} is both praise and complaint"
    if set(words["urgent"]) != set(URGENT_KINDS) or {rule["id"] for rule in words["tone"]} != TONE:
        yield f"{name}: kinds of urgent matters or rules of tone are missing or unknown"
    for pattern in _patterns(words):
        try:
            if re.compile(pattern).search(""):
                yield f"{name}: finds even nothing: {pattern}"
        except re.error as error:
            yield f"{name}: {pattern}: {error}"


def _patterns(words: dict[str, Any]) -> Iterator[str]:
    for key in ("suggestions", "praise", "irony"):
        yield from words[key]
    for patterns in words["urgent"].values():
        yield from patterns
    for rule in words["tone"]:
        yield rule["pattern"]


def turns(path: Path) -> Iterator[str]:
    """What is wrong with a file of turns of phrase."""
    words: dict[str, list[str]] = tomllib.loads(path.read_text("utf-8"))
    for pattern in (pattern for name in ("good", "bad") for pattern in words[name]):
        try:
            if re.compile(pattern).search(""):
                yield f"turns/{path.name}: finds even nothing: {pattern}"
        except re.error as error:
            yield f"turns/{path.name}: {pattern}: {error}"


def urgent(language: str) -> Iterator[str]:
    """What is wrong with the urgent sentences of a language."""
    try:
        found = seed_files.urgent(language)
    except ValueError as error:
        yield str(error)
        return
    counts = Counter(kind for kind, _ in found)
    for kind in URGENT_KINDS:
        if counts[kind] < PER_URGENT_KIND:
            yield f"urgent {language}: {kind} has {counts[kind]} sentences"
    for text in (text for text, times in Counter(t for _, t in found).items() if times > 1):
        yield f"urgent {language}: twice: {text}"


def blind(language: str) -> list[Sentence]:
    """The sentences of a language that were measured before anything was learned from them."""
    return [
        Sentence(f"evaluation/{path.name}: {row.text}", (), "", "", row.text)
        for path in sorted(EVALUATION.glob("*.csv"))
        for row in labelled(path)
        if row.language == language
    ]


def problems() -> list[str]:
    """All that is wrong in all files; empty when they are sound."""
    found: list[str] = []
    for language in LETTERS:
        seeds, wrong = read(SEEDS / f"{language}.tsv")
        evaluation, also_wrong = read(EVALUATION / f"{language}.tsv")
        found += [*wrong, *also_wrong, *balance(language, seeds), *coverage(language, evaluation)]
        found += duplicates(seeds, evaluation)
        found += taught(seeds, blind(language))
        found += [w for s in (*seeds, *evaluation) if (w := alphabet(language, s))]
        found += lexicon(LEXICONS / f"{language}.toml")
        found += [*turns(TURNS / f"{language}.toml"), *urgent(language)]
    for name in ("redaction.tsv", "redaction-second.tsv"):
        found += personal(EVALUATION / name)
    return found


def main() -> int:
    """Prints what is wrong, one a line; 1 if there is anything."""
    found = problems()
    print("\n".join(found) or "The text data are sound.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
