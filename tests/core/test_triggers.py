from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from regulars.config import boot
from regulars.core import audit, triggers
from regulars.core.models import AuditEntry
from regulars.core.triggers import AppendOnly

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> AuditEntry:
    return audit.note("tests.do_something", by=None, subject="thing:1", reason="because")


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Lets a test declare another rule for AuditEntry."""
    yield monkeypatch
    monkeypatch.undo()
    triggers.install(connection)


def _declare(rule: pytest.MonkeyPatch, how: AppendOnly) -> None:
    rule.setattr(AuditEntry, "append_only", how)
    triggers.install(connection)


def test_history_cannot_be_changed(entry: AuditEntry) -> None:
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(subject="thing:2")

    entry.refresh_from_db()
    assert entry.subject == "thing:1"


def test_history_cannot_be_deleted(entry: AuditEntry) -> None:
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        entry.delete()

    assert AuditEntry.objects.count() == 1


def test_history_cannot_be_emptied(entry: AuditEntry) -> None:
    empty = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"

    with (
        pytest.raises(IntegrityError, match="history"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"{empty} core_auditentry")

    assert AuditEntry.objects.count() == 1


def test_without_the_triggers_both_would_succeed(entry: AuditEntry) -> None:
    with triggers.lifted(connection):
        assert AuditEntry.objects.filter(pk=entry.pk).update(subject="thing:2") == 1
        assert AuditEntry.objects.filter(pk=entry.pk).delete()[0] == 1

    assert triggers.missing(connection) == []


def test_named_fields_may_change_and_no_other(entry: AuditEntry, rule: pytest.MonkeyPatch) -> None:
    _declare(rule, AppendOnly(may_change=("details",)))

    assert AuditEntry.objects.filter(pk=entry.pk).update(details={}) == 1

    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(details={}, action="tests.other")


def test_only_rows_past_their_age_may_be_deleted(
    entry: AuditEntry, rule: pytest.MonkeyPatch
) -> None:
    _declare(rule, AppendOnly(deletable_after_days=30))
    now = timezone.now()
    old = AuditEntry.objects.create(action="tests.old", created_at=now - timedelta(days=31))
    young = AuditEntry.objects.create(action="tests.young", created_at=now - timedelta(days=29))

    old.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        young.delete()

    assert set(AuditEntry.objects.values_list("action", flat=True)) == {
        "tests.do_something",
        "tests.young",
    }


def test_a_missing_trigger_is_a_boot_error() -> None:
    name = next(t.name for t in triggers.wanted(connection) if "_delete_" in t.name)
    on_table = ' ON "core_auditentry"' if connection.vendor == "postgresql" else ""
    assert boot.unprotected_history() == []

    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{name}"{on_table}')

    (problem,) = boot.unprotected_history()
    assert problem.stops
    assert "core_auditentry" in problem.text

    assert [trigger.name for trigger in triggers.install(connection)] == [name]
    assert boot.unprotected_history() == []


def test_a_trigger_that_is_switched_off_counts_as_missing() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL can switch a trigger off")

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER ALL")

    assert len(triggers.missing(connection)) == 3


def test_a_table_that_a_migration_rebuilds_gets_its_triggers_back() -> None:
    from django.core.management import call_command

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION regulars_refuse_change CASCADE")
        else:
            cursor.execute("CREATE TABLE new__audit AS SELECT * FROM core_auditentry")
            cursor.execute("DROP TABLE core_auditentry")
            cursor.execute("ALTER TABLE new__audit RENAME TO core_auditentry")
    assert len(triggers.missing(connection)) >= 2

    call_command("migrate", verbosity=0)

    assert triggers.missing(connection) == []
