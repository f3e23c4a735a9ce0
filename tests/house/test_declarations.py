"""What every model, command and moment has to say about itself."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from regulars.config.schedule import SCHEDULE
from regulars.core.privacy import Privacy
from tools import messages, moments_page, settings_page, stats_page, status

OURS = [model for model in apps.get_models() if model.__module__.startswith("regulars.")]
INHERITED = {"id", "public_id", "created_at"}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_field_has_a_privacy_class(model: type[models.Model]) -> None:
    declared = getattr(model, "privacy", {})
    fields = {field.name for field in model._meta.local_fields}
    fields |= {field.name for field in model._meta.local_many_to_many}

    assert fields - set(declared) - INHERITED == set()
    assert set(declared) - fields == set()
    assert all(isinstance(value, Privacy) for value in declared.values())


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_setting_is_documented() -> None:
    page = settings_page.written_page()
    assert settings_page.PAGE.read_text(encoding="utf-8") == page
    assert "`None`" not in page
    assert "| `<data folder>/backups` |" in page


def test_every_kind_of_moment_and_recurring_task_is_documented() -> None:
    assert moments_page.PAGE.read_text(encoding="utf-8") == moments_page.written_page()


def test_recurring_work_has_names_of_its_own_and_says_what_it_does() -> None:
    names = [entry.name for entry in SCHEDULE]

    assert len(names) == len(set(names))
    assert [entry.name for entry in SCHEDULE if not str(entry.does).strip()] == []


def test_every_status_row_is_true_in_form() -> None:
    assert list(status.faults_of(status.rows())) == []


def test_the_status_page_is_current() -> None:
    assert status.PAGE.read_text(encoding="utf-8") == status.written_page()


def test_no_catalogue_is_broken() -> None:
    """What is missing is told by `tools/messages.py check`; what is there must be whole."""
    broken = [
        str(fault)
        for fault in messages.check_all(messages.translated_packages())
        if "differ" in fault.what or "plural" in fault.what or "white space" in fault.what
    ]

    assert broken == []


def test_the_tools_for_pages_know_their_pages() -> None:
    for tool in (settings_page, moments_page, stats_page, status):
        assert tool.PAGE.suffix == ".md"
