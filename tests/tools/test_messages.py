from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from tools import messages

TEMPLATE = """
  {% load i18n %}
      <h1>{% translate "Welcome" %}</h1>
<p>{% translate 'Open' context "a shop" as state %}{{ "x"|default:_("nobody") }}{{ _("Title") }}</p>
    {% blocktranslate count n=total trimmed %}
      <b>One</b> customer (don't worry)
    {% plural %}
      <b>{{ n }}</b> customers
    {% endblocktranslate %}
  {% blocktranslate asvar line with name=a.b context "greeting" trimmed %}
    Dear {{ name }}, 100%!
  {% endblocktranslate %}
 it's "quoted" (badly
"""

CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
title = _("Customers")
more = ngettext("%(n)s thing", "%(n)s things", 2) % {"n": 2}
state = pgettext("a door", "Open")
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "src" / "regulars" / "shop"
    (package / "templates" / "shop").mkdir(parents=True)
    (package / "templates" / "shop" / "home.html").write_text(TEMPLATE)
    (package / "models.py").write_text(CODE)
    (package / "apps.py").write_text("")
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LETTERS", {})  # the made-up translations are Latin
    monkeypatch.setattr(messages, "SOURCE", tmp_path / "src" / "regulars")
    return package


def translate_all(package: Path) -> None:
    for language in messages.LANGUAGES:
        path = messages.catalogue_path(package, language)
        catalog = messages.read_catalogue(path, language)
        for message in messages.messages_of(catalog):
            message.string = tuple(message.id) if message.pluralizable else message.id
        path.write_text(messages.po_text(catalog))


def test_finds_every_form_of_text(package: Path) -> None:
    found = messages.template_of(package)

    assert {messages.key_of(message) for message in messages.messages_of(found)} == {
        ("", "Welcome", ""),
        ("a shop", "Open", ""),
        ("", "nobody", ""),
        ("", "Title", ""),
        ("", "<b>One</b> customer (don't worry)", "<b>%(n)s</b> customers"),
        ("greeting", "Dear %(name)s, 100%%!", ""),
        ("", "Customers", ""),
        ("", "%(n)s thing", "%(n)s things"),
        ("a door", "Open", ""),
    }


def test_extracting_twice_changes_nothing_and_keeps_translations(package: Path) -> None:
    messages.extract_all([package])
    translate_all(package)
    path = messages.catalogue_path(package, "ka")
    before = path.read_text()

    messages.extract_all([package])

    assert path.read_text() == before
    assert messages.check_all([package]) == []


def test_a_new_catalogue_is_reported_as_not_translated(package: Path) -> None:
    messages.extract_all([package])

    faults = messages.check_all([package])

    assert {fault.what for fault in faults} == {"not translated"}
    assert len(faults) == 9 * len(messages.LANGUAGES)


def test_a_text_translated_elsewhere_is_taken_over(package: Path) -> None:
    messages.extract_all([package])
    translate_all(package)
    other = package.with_name("other")
    other.mkdir()
    shutil.copy(package / "models.py", other)
    (other / "apps.py").write_text("")

    messages.extract_all([other])

    assert messages.check_all([other]) == []


def test_stale_and_obsolete_are_reported(package: Path) -> None:
    messages.extract_all([package])
    translate_all(package)
    (package / "models.py").write_text('from x import _\ntitle = _("Guests")\n')

    faults = {(f.text, f.what) for f in messages.check_all([package])}

    assert faults == {
        ("Guests", "in the sources, not in the catalogue (run extract)"),
        ("Customers", "no longer in the sources (run extract)"),
        ("%(n)s thing", "no longer in the sources (run extract)"),
        ("Open", "no longer in the sources (run extract)"),
    }


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        ("Dear %(name)s", "Kedves %(name)s", []),
        ("Dear %(name)s", "Kedves %(nev)s", ["placeholders differ (%(name)s, %(nev)s)"]),
        ("Hello {name}", "Szia", ["placeholders differ ({name})"]),
        ("<b>Yes</b>", "<b>Igen</i>", ["tags differ (</b>, </i>)"]),
        ("Yes ", "Igen", ["ends with other white space"]),
        ("Yes", "", ["not translated"]),
        (("One day", "%(n)s days"), ("%(n)s nap", "%(n)s nap"), []),
        (("One day", "%(n)s days"), ("Egy nap", "nap"), ["placeholders differ (%(n)s)"]),
        (("One day", "%(n)s days"), ("nap",), ["1 plural forms instead of 2"]),
    ],
)
def test_faults_of_one_translation(
    source: str | tuple[str, str], translation: str | tuple[str, ...], expected: list[str]
) -> None:
    assert list(messages.faults_of(Message(source, translation))) == expected


def test_one_text_in_two_ways_is_reported(package: Path) -> None:
    messages.extract_all([package])
    translate_all(package)
    other = package.with_name("other")
    other.mkdir()
    shutil.copy(package / "models.py", other)
    (other / "apps.py").write_text("")
    messages.extract_all([other])
    path = messages.catalogue_path(other, "hu")
    path.write_text(path.read_text().replace('msgstr "Customers"', 'msgstr "Ügyfelek"'))

    faults = messages.disagreements()

    assert [(f.text, f.path.parts[-5]) for f in faults] == [("Customers", "shop")]


def test_compiled_catalogues_are_read_back(package: Path) -> None:
    messages.extract_all([package])
    translate_all(package)

    written = messages.compile_all([package])

    assert [path.parts[-3] for path in written] == sorted(messages.LANGUAGES)
    assert all(path.stat().st_size > 100 for path in written)
    assert messages.compile_all([package]) == []


def test_plural_forms_are_those_of_django(package: Path) -> None:
    messages.extract_all([package])

    for language in messages.LANGUAGES:
        catalog = messages.read_catalogue(messages.catalogue_path(package, language), language)
        assert isinstance(catalog, Catalog)
        assert catalog.num_plurals == messages.PLURALS
