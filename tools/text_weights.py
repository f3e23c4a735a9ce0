"""Make the data files of `regulars.text` that are computed: `weights.npz` and `language.npz`.

    python tools/text_weights.py [language|weights]

`weights.npz` holds what was learned from the seed sentences (and so saves minutes at first use),
`language.npz` the letter statistics of the languages. Run it after changing anything in
`src/regulars/text/data`.
"""

import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import django
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from regulars.text import language, normal, seeds, trained
from regulars.text.encoder import BundledEncoder, LettersEncoder

DATA = Path(language.__file__).parent / "data"
CLASSES = (
    "hu",
    "bg",
    "et",
    "ka",
    "en",
    "ro",
    "sk",
    "cs",
    "hr",
    "sr",
    "sl",
    "de",
    "pl",
    "mk",
    "ru",
    "uk",
    "tr",
    "fi",
    "lv",
    "lt",
    "sv",
    "fr",
    "es",
    "it",
    "bg-Latn",
    "ka-Latn",
)
LOCALES = {"sr": ("sr", "sr_Latn")}
SMOOTHING = 0.05

BULGARIAN = "абвгдезийклмнопрстуфхцчшщъьюяж"
LATIN_BG = [
    "a b v g d e z i y k l m n o p r s t u f h ts ch sh sht a y yu ya zh",
    "a b v g d e z i j k l m n o p r s t u f h c 4 6 6t y j iu q j",
    "a b w g d e z i i k l m n o p r s t u f h c ch sh sht u i yu ia j",
]
GEORGIAN = "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ"
LATIN_KA = [
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
    "a b g d e v z t i k l m n o p zh r s t u f q gh y sh ch c dz w ch x j h",
    "a b g d e v z t i k l m n o p j r s t u f q g y sh ch c dz w w x j h",
]


def schemes(code: str) -> list[dict[str, str]]:
    """Ways in which people write a language with Latin letters."""
    letters, ways = {"bg": (BULGARIAN, LATIN_BG), "ka": (GEORGIAN, LATIN_KA)}[code]
    return [dict(zip(letters, way.split(), strict=True)) for way in ways]


def main() -> None:
    """Write the files named on the command line, or both."""
    wanted = sys.argv[1:] or ["language", "weights"]
    if "language" in wanted:
        write_language()
    if "weights" in wanted:
        write_weights()


def write_language() -> None:
    """Count letter sequences per class and store rounded log-likelihoods."""
    table = np.zeros((language.BUCKETS, len(CLASSES)))
    for column, code in enumerate(CLASSES):
        counts: dict[int, float] = defaultdict(float)
        for weight, text in samples(code):
            for gram in language.grams(text):
                counts[gram] += weight
        table[list(counts), column] = list(counts.values())
    likelihood = np.log((table + SMOOTHING) / (table + SMOOTHING).sum(axis=0))
    centred = likelihood - likelihood.mean(axis=1, keepdims=True)
    size = np.abs(centred).max() / 127
    np.savez_compressed(
        DATA / "language.npz",
        names=np.array(CLASSES),
        steps=np.round(centred / size).astype(np.int8),
        size=np.float32(size),
        made_from=np.array(seeds.fingerprint()),
    )


def samples(code: str) -> Iterator[tuple[float, str]]:
    """Weighted texts of a class: interface texts, dictionary words and, for our five, seeds."""
    base = code.removesuffix("-Latn")
    sources = [(1.0, text) for text in interface_texts(base)]
    sources += [(0.1, word) for word in dictionary_words(base)]
    own = (
        [seed for seed in seeds.load(base) if base in language.OWN] if base in language.OWN else []
    )
    if code != base:
        native = sources + [(3.0, seed.text) for seed in own if seed.kind != "translit"]
        for weight, text in native:
            for scheme in schemes(base):
                yield weight, "".join(scheme.get(c, c) for c in text.lower())
        yield from ((3.0, seed.text) for seed in own if seed.kind == "translit")
        return
    sources += [(3.0, seed.text) for seed in own if seed.kind != "translit"]
    yield from sources
    for weight, text in sources:
        plain = normal.folded(text) if base not in {"bg", "ka", "ru", "mk", "uk"} else text
        if plain != text.casefold():
            yield 0.4 * weight, plain


def interface_texts(code: str) -> Iterator[str]:
    """What Django's own interface says in a language (BSD licence)."""
    root = Path(django.__file__).parent
    for locale in LOCALES.get(code, (code,)):
        for path in sorted(root.glob(f"**/locale/{locale}/LC_MESSAGES/django.po")):
            field = "msgid" if code == "en" else "msgstr"
            for text in re.findall(rf'^{field}(?:\[\d\])? "(.+)"$', path.read_text("utf-8"), re.M):
                yield re.sub(r"%\(\w+\)[sd]|%[sd]|<[^>]+>|\{\w*\}|\\n|\\\"", " ", text)


def dictionary_words(code: str) -> list[str]:
    """Eight thousand word forms of the lemma dictionary, the same ones each time."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    name = {"hr": "hbs", "sr": "hbs"}.get(code, code)
    try:
        known = DefaultDictionaryFactory(cache_max_size=1).get_dictionary(name)
    except ValueError:
        return []
    forms = sorted(w.decode() if isinstance(w, bytes) else str(w) for w in known)
    forms = [w for w in forms if w.isalpha()]
    return random.Random(5).sample(forms, min(8_000, len(forms)))


def write_weights() -> None:
    """Learn from every seed sentence, with the bundled model and without one."""
    with_model = trained.prepare(BundledEncoder(), remembering=True)
    trained.save(DATA / "weights.npz", [with_model, trained.prepare(LettersEncoder())])


if __name__ == "__main__":
    main()
