"""Collects the texts to translate, and keeps the catalogues true, without system gettext.

python tools/messages.py extract [package …]   write src/regulars/<package>/locale/…/django.po
python tools/messages.py compile [package …]   write the .mo files that Django reads
python tools/messages.py check [package …]     exit status 1 when one is missing, fuzzy or broken

`extract` keeps every translation whose English text is unchanged, takes a text that another
package has translated already, and never guesses. Texts come from Python (gettext and its family)
and from templates (`{% translate %}`, `{% blocktranslate %}`, `_("…")` in tags). JavaScript gets
its words from attributes of the markup, so none are looked for there.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "regulars"
LANGUAGES = ("hu", "bg", "et", "ka")
# What Django's own catalogues of these four languages declare; one catalogue merges with another
# only where the two agree.
PLURAL_FORMS = "nplurals=2; plural=(n != 1);"
PLURALS = 2

TEMPLATE_SUFFIXES = {".html", ".txt", ".mjml", ".xml", ".svg", ".webmanifest"}
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

# A translation into these languages has letters of theirs, but for names that stay as they are.
LETTERS = {"bg": "[а-яА-Я]", "ka": "[ა-ჰ]"}
LATIN_NAMES = {"Regulars", "E-mail", "TLS", "NPS", "CSAT", "CES", "STARTTLS", "API", "Shopify"}

Key = tuple[str, str, str]  # context, text, plural


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in {"extract", "compile", "check"}:
        print(__doc__)
        return 2
    command, *names = arguments
    packages = [SOURCE / name for name in names] or translated_packages()
    for package in packages:
        if not package.is_dir():
            print(f"There is no package {package.name}")
            return 2
    if command == "extract":
        return extract_all(packages)
    if command == "compile":
        print(f"{len(compile_all(packages))} catalogues compiled")
        return 0
    return report([*check_all(packages), *([] if names else disagreements())])


def translated_packages() -> list[Path]:
    """The packages whose catalogues Django reads: its apps, and `config` (LOCALE_PATHS)."""
    return sorted([*(path.parent for path in SOURCE.glob("*/apps.py")), SOURCE / "config"])


# --- Extraction --------------------------------------------------------------------------------


def extract_all(packages: Iterable[Path]) -> int:
    known = translations_elsewhere()
    for package in packages:
        found = template_of(package)
        for language in LANGUAGES:
            path = catalogue_path(package, language)
            if not len(found) and not path.exists():
                continue
            merged = merged_catalogue(path, language, found, known)
            write_if_changed(path, po_text(merged))
        print(f"{package.name}: {len(found)} texts")
    return 0


def template_of(package: Path) -> Catalog:
    """Every text of the package, untranslated."""
    catalog = Catalog()
    for path in sorted(package.rglob("*")):
        relative = path.relative_to(package).parts
        if "migrations" in relative or "locale" in relative or not path.is_file():
            continue
        place = path.relative_to(ROOT).as_posix()
        for _line, text, comments, context in texts_of(path):
            catalog.add(text, locations=[(place, 0)], auto_comments=comments, context=context)
    return catalog


def texts_of(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    if path.suffix == ".py":
        source = path.read_bytes()
    elif path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
        source = templatized(path).encode()
    else:
        return
    yield from extract(
        "python",
        io.BytesIO(source),
        keywords=KEYWORDS,
        comment_tags=["Translators:"],
        options={"encoding": "utf-8"},
        strip_comment_tags=True,
    )


def templatized(path: Path) -> str:
    """The template as Python calls of gettext, in brackets so that its indentation is free."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    return f"({templatize(path.read_text(encoding='utf-8'), origin=str(path))}\n)"


def merged_catalogue(
    path: Path, language: str, found: Catalog, known: dict[tuple[str, Key], Any]
) -> Catalog:
    catalog = read_catalogue(path, language)
    # A copy: the update puts the very message objects of its template into each catalogue.
    catalog.update(deepcopy(found), no_fuzzy_matching=True, update_creation_date=False)
    for message in messages_of(catalog):
        if not is_translated(message):
            message.string = known.get((language, key_of(message)), message.string)
    return catalog


def translations_elsewhere() -> dict[tuple[str, Key], Any]:
    """(language, text) → translation, from all packages."""
    return {
        (language, key_of(message)): message.string
        for package in translated_packages()
        for language in LANGUAGES
        for message in messages_of(read_catalogue(catalogue_path(package, language), language))
        if is_translated(message)
    }


def read_catalogue(path: Path, language: str) -> Catalog:
    if path.exists():
        with path.open("rb") as file:
            return read_po(file, locale=language)
    empty = Catalog(locale=language)
    empty.mime_headers = [("Plural-Forms", PLURAL_FORMS)]
    return empty


def po_text(catalog: Catalog) -> str:
    """The catalogue, sorted, without dates and line numbers, so that a change shows only itself."""
    buffer = io.BytesIO()
    write_po(
        buffer,
        catalog,
        width=0,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalog.locale_identifier}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {PLURAL_FORMS}\\n"\n\n'
    )
    return header + buffer.getvalue().decode().rstrip("\n") + "\n"


def write_if_changed(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# --- Compiling ---------------------------------------------------------------------------------


def compile_all(packages: Iterable[Path] | None = None) -> list[Path]:
    """Write the .mo files that are older than their .po; which were written."""
    written = []
    for package in translated_packages() if packages is None else packages:
        for path in sorted(package.glob("locale/*/LC_MESSAGES/django.po")):
            target = path.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime_ns > path.stat().st_mtime_ns:
                continue
            catalog = read_catalogue(path, path.parent.parent.name)
            draft = target.with_suffix(f".mo.{os.getpid()}")
            with draft.open("wb") as file:
                write_mo(file, catalog)
            draft.replace(target)
            written.append(target)
    return written


# --- Checking ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """One thing to mend in one catalogue."""

    path: Path
    text: str
    what: str

    def __str__(self) -> str:
        shown = self.text if len(self.text) < 70 else f"{self.text[:67]}…"
        return f"{self.path.relative_to(ROOT)}: {self.what}: {shown!r}"


def report(faults: list[Fault]) -> int:
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults" if faults else "The catalogues are complete.")
    return 1 if faults else 0


def check_all(packages: Iterable[Path]) -> list[Fault]:
    return [
        fault
        for package in packages
        for found in [template_of(package)]
        for language in LANGUAGES
        for fault in check_catalogue(package, language, found)
    ]


def check_catalogue(package: Path, language: str, found: Catalog) -> Iterator[Fault]:
    path = catalogue_path(package, language)
    wanted = {key_of(message) for message in messages_of(found)}
    if not path.exists():
        if wanted:
            yield Fault(path, "", f"no catalogue yet for {len(wanted)} texts (run extract)")
        return
    catalog = read_catalogue(path, language)
    kept = {key_of(message) for message in messages_of(catalog)}
    for key in sorted(wanted - kept):
        yield Fault(path, key[1], "in the sources, not in the catalogue (run extract)")
    for key in sorted(kept - wanted):
        yield Fault(path, key[1], "no longer in the sources (run extract)")
    for key in catalog.obsolete:
        text = key[0] if isinstance(key, tuple) else str(key)
        yield Fault(path, text, "obsolete")
    if catalog.num_plurals != PLURALS:
        yield Fault(path, "", f"{catalog.num_plurals} plural forms declared instead of {PLURALS}")
    for message in messages_of(catalog):
        for what in (*faults_of(message), *strange_letters(language, message)):
            yield Fault(path, key_of(message)[1], what)


def faults_of(message: Message) -> Iterator[str]:
    """What is wrong with one translation."""
    if message.fuzzy:
        yield "fuzzy"
    if not is_translated(message):
        yield "not translated"
        return
    if not message.pluralizable:
        yield from differences(str(message.id), str(message.string))
        return
    singular, plural = message.id
    if len(message.string) != PLURALS:
        yield f"{len(message.string)} plural forms instead of {PLURALS}"
        return
    one = list(differences(singular, message.string[0]))
    if one and list(differences(plural, message.string[0])):
        yield from one  # “one” may name the number or leave it out
    yield from differences(plural, message.string[1])


MARKUP = re.compile(r"</?[a-zA-Z][^>]*>")
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|%%|\{\w*\}")


def strange_letters(language: str, message: Message) -> Iterator[str]:
    """A translation without one letter of its language's script is another language's."""
    letters = LETTERS.get(language)
    if letters is None:
        return
    parts = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    for part in parts:
        words = PLACEHOLDER.sub("", MARKUP.sub("", part)).strip()
        latin = set(re.findall(r"[A-Za-z\u00c0-\u017f-]{3,}", words)) - LATIN_NAMES
        if latin and not re.search(letters, words):
            yield f"not in the letters of the language: {part}"


def differences(source: str, translation: str) -> Iterator[str]:
    for name, pattern in (("placeholders", PLACEHOLDER), ("tags", MARKUP)):
        before, after = (Counter(pattern.findall(text)) for text in (source, translation))
        if before != after:
            odd = sorted(((before - after) + (after - before)).elements())
            yield f"{name} differ ({', '.join(odd)})"
    for edge in ("\n", " "):
        if source.startswith(edge) != translation.startswith(edge):
            yield "begins with other white space"
        if source.endswith(edge) != translation.endswith(edge):
            yield "ends with other white space"


def disagreements() -> list[Fault]:
    """One text, translated in two ways: Django merges the catalogues, so only one would show."""
    chosen: dict[tuple[str, Key], dict[Any, Path]] = defaultdict(dict)
    for package in translated_packages():
        for language in LANGUAGES:
            path = catalogue_path(package, language)
            for message in messages_of(read_catalogue(path, language)):
                if is_translated(message):
                    chosen[language, key_of(message)].setdefault(message.string, path)
    return [
        Fault(
            list(ways.values())[1],
            key[1],
            "translated otherwise elsewhere, give one of them a context "
            + " / ".join(f"{way} ({path.parts[-5]})" for way, path in ways.items()),
        )
        for (_language, key), ways in sorted(chosen.items())
        if len(ways) > 1
    ]


# --- One catalogue -----------------------------------------------------------------------------


def catalogue_path(package: Path, language: str) -> Path:
    return package / "locale" / language / "LC_MESSAGES" / "django.po"


def messages_of(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def key_of(message: Message) -> Key:
    text, plural = message.id if message.pluralizable else (message.id, "")
    return (message.context or "", str(text), str(plural))


def is_translated(message: Message) -> bool:
    parts = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    return all(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
